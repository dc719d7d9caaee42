"""Text from outside is text: through every field that a device, a person or a file can fill."""

import json
from pathlib import Path

import pytest

from tests.lab.mqtt import Puppet
from tests.system.story import DEVICES, campaign

DEVICE = DEVICES[19]

NASTY = ["'; drop table device; --", "$(touch /tmp/wavegate-injected)", "`touch /tmp/wavegate-injected`",
         "\"; update device set revoked_at = now(); --", "%s%n%x", "../../etc/passwd", "\\x1b]0;owned\\x07", "<script>alert(1)</script>",
         "=cmd|' /C calc'!A0", "{{7*7}}", "\u202egnp.exe", "a" * 60]


@pytest.fixture
def puppet(world):
    with Puppet(world, DEVICE) as made:
        yield made


def is_harmless(world):
    assert world.db.value("select count(*) from device where revoked_at is not null") == 0
    assert world.db.value("select to_regclass('device') is not null")
    assert not Path("/tmp/wavegate-injected").exists()


def shown(text):
    """Nothing that moves a cursor, turns text round or rings a bell."""
    assert not [c for c in text if (ord(c) < 32 and c not in "\n\t") or 0x7f <= ord(c) < 0xa0 or c in "\u202e\u2066"], repr(text)


def test_attributes(world, puppet):
    values = {f"a{i}": text.encode().decode("unicode_escape") if "\\x" in text else text for i, text in enumerate(NASTY)}
    puppet.hello(attributes=values)
    world.wait("the hello is stored", lambda: world.db.value("select attributes->>'a0' from device") == NASTY[0], 10)
    assert json.loads(world.db.value("select attributes::text from device")) == values
    for words in (["device", "show", DEVICE.id], ["device", "list"], ["device", "explain", DEVICE.id]):
        shown(world.wavegate(*words).stdout)
    got = json.loads(world.wavegate("device", "show", DEVICE.id, "--json").stdout)
    assert got["attributes"]["a0"] == NASTY[0]
    is_harmless(world)


@pytest.mark.parametrize("field", ["slot", "zone", "region"])
def test_names_of_devices_are_names(world, puppet, field):
    """What is more than a name is no hello; it is kept as what was refused."""
    for text in NASTY[:6]:
        puppet.hello(**{field: text})
    puppet.hello()
    world.wait("the good one is stored", lambda: DEVICE.id in world.db.online(), 10)
    assert world.db.value(f"select {field} from device") not in NASTY
    is_harmless(world)


def test_details_of_reports(world, fleet_of, release):
    """A payload's last words travel to the terminal of whoever asks why."""
    agent, = fleet_of(1)
    words = NASTY[0] + " \\033[2J" + NASTY[1].replace("$", "\\$")
    release("2.4.1", install=f'printf "{words}"; exit 1')
    name = world.apply(campaign("details", "2.4.1", more="retry: {attempts: 1}"))
    world.wait_finished(name)
    detail = world.db.value("select detail from place")
    assert "drop table" in detail and "touch" in detail
    for command in (["device", "explain", agent.id], ["device", "show", agent.id], ["campaign", "status", name]):
        shown(world.wavegate(*command).stdout)
    is_harmless(world)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_words_of_people(world, fleet_of, release, text):
    fleet_of(1)
    release("2.4.1")
    name = world.apply(campaign("words", "2.4.1", more="schedule: {start: 2030-01-01T00:00:00Z}"))
    done = world.wavegate("campaign", "abort", name, "--reason", text, expect=None)
    assert done.returncode in (0, 2)
    shown(done.stdout + done.stderr)
    shown(world.wavegate("campaign", "status", name, expect=None).stdout)
    if done.returncode == 0:
        assert text in world.db.value("select cause from campaign")
    for words in (["device", "show", text], ["campaign", "status", text], ["device", "tag", "dev-01", f"+{text}"],
                  ["group", "show", text]):
        asked = world.wavegate(*words, operator="dave", expect=None)
        assert asked.returncode in ((0, 5) if text.isalnum() else (2, 4, 5)), (words, asked)
        shown(asked.stdout + asked.stderr)
    is_harmless(world)


@pytest.mark.parametrize("key", ["campaign", "release", "rollback_to"])
def test_words_of_campaign_files(world, fleet_of, release, key):
    fleet_of(1)
    release("2.4.1")
    for text in NASTY:
        lines = [line for line in campaign("file", "2.4.1").splitlines() if not line.startswith(f"{key}:")]
        file = world.folder / "nasty.yaml"
        file.write_text("\n".join([*lines, f"{key}: {json.dumps(text)}"]) + "\n")
        refused = world.wavegate("campaign", "apply", file, expect=None)
        assert refused.returncode == (0 if key == "campaign" and text == "a" * 60 else 2), (text, refused)
        shown(refused.stdout + refused.stderr)
    is_harmless(world)


def test_selectors_and_hooks_run_nothing(world, fleet_of, release):
    fleet_of(1)
    release("2.4.1")
    for text in NASTY:
        for target in (f'  - device: [{json.dumps(text)}]', f'  - attribute: {{site: {json.dumps(text)}}}',
                       f'  - tag: [{json.dumps(text)}]'):
            file = world.folder / "selector.yaml"
            file.write_text(campaign("selector", "2.4.1", target=target))
            done = world.wavegate("campaign", "plan", file, expect=None)
            assert done.returncode in (0, 2, 3), (target, done)
            shown(done.stdout + done.stderr)
        file.write_text(campaign("hooked", "2.4.1", more=f"gate: {{hook: {{run: {json.dumps(text)}, timeout: 5s}}}}"))
        assert world.wavegate("campaign", "validate", file, expect=None).returncode in (0, 2)
    is_harmless(world)
