"""people, token and webhook of the command: what it sends, what it shows, what it never shows twice."""

import contextlib
import json

import pytest

from tests.lab.lab import World
from tests.lab.receiver import Receiver

DENIED, USAGE, NOT_FOUND, CONFLICT = 4, 2, 5, 6


@pytest.fixture(scope="module")
def desk(ground):
    world = World(ground, "people_command")
    world.orchestrator.api = {"webhook_private": True, "webhook_retry": "100ms", "webhook_give_up": "1s",
                                       "webhook_ca": str(ground.pki.server_root)}
    yield world
    world.close()
    assert world.sanitizer_report() == ""


def otto(world, *words, **more):
    return world.wavegate(*words, operator="otto", **more).stdout


def of(world, *words):
    return json.loads(otto(world, *words, "--json"))


def test_people(desk):
    made = of(desk, "people", "add", "anna", "--role", "support,auditor", "--regions", "DE,AT-9", "--groups", "lab")
    scope = {"groups": ["lab"], "regions": ["AT-9", "DE"]}
    assert made["name"] == "anna" and {one["role"] for one in made["grants"]} == {"support", "auditor"}
    assert all(grant["scope"] == scope for grant in made["grants"])
    shown = otto(desk, "people", "show", "anna")
    assert "support in AT-9, DE of group lab" in shown and "anna: " in shown
    assert otto(desk, "people", "list", "--quiet") == "anna\n"
    assert "auditor" in desk.wavegate("people", "list", operator="vera").stdout
    assert otto(desk, "people", "list", "--csv").splitlines()[0].startswith("name,roles,")
    otto(desk, "people", "add", "anna", "--role", "support", expect=CONFLICT)
    desk.wavegate("people", "add", "eve", "--role", "support", operator="rita", expect=DENIED)
    for wrong in (("add", "x"), ("add", "x", "--regions", "DE"), ("change", "anna"), ("change", "anna", "--enable", "--disable"),
                  ("add", "no good", "--role", "support"), ("add", "x", "--role", "king")):
        otto(desk, "people", *wrong, expect=USAGE)
    file = desk.folder / "grants.json"
    file.write_text('[{"role": "auditor"}]')
    assert of(desk, "people", "change", "anna", "--grants", file)["grants"] == [{"role": "auditor", "scope": {}}]
    file.write_text('{"role": "auditor"}')
    assert "expected a list" in desk.wavegate("people", "change", "anna", "--grants", file, operator="otto", expect=USAGE).stderr
    assert of(desk, "people", "change", "anna", "--disable", "--unlock", "--no-second-factor")["disabled"] is True
    assert "anna: disabled" in otto(desk, "people", "show", "anna")
    assert of(desk, "people", "change", "anna", "--enable", "--no-password")["disabled"] is False
    link = otto(desk, "people", "invite", "anna", "--for", "1h", "--quiet")
    assert "/#/invitation/wgi_" in link and of(desk, "people", "show", "anna")["invited"] is True
    assert of(desk, "people", "change", "anna", "--no-invitation")["invited"] is False
    assert "/#/invitation/wgi_" in otto(desk, "people", "add", "berta", "--role", "support", "--invite", "2h")
    otto(desk, "people", "remove", "berta")
    assert "is removed" in otto(desk, "people", "remove", "anna")
    otto(desk, "people", "show", "anna", expect=NOT_FOUND)


def test_tokens(desk):
    for name, role in (("otto", "owner"), ("alice", "rollout-admin")):
        otto(desk, "people", "add", name, "--role", role)
    made = of(desk, "token", "make", "nightly", "--may", "campaign.read,device.read", "--for", "30d", "--models", "cm4")
    assert made["token"].startswith("wgt_") and made["scope"] == {"models": ["cm4"]}
    secret = desk.wavegate("token", "make", "other", "--may", "campaign.read", "--for", "1h", "--quiet").stdout
    assert secret.startswith("wgt_") and secret.count("\n") == 1
    file = desk.folder / "token"
    file.write_text(secret)
    file.chmod(0o600)
    desk.orchestrator.serve()
    config = desk.folder / "by-token.yaml"
    config.write_text(json.dumps({"server": {**desk.orchestrator.settings["server"], "token_file": str(file)}}))
    ask = [str(word) for word in (*desk.orchestrator.command("campaign", "list", operator=None)[:3], "--config", config)]
    from tests.lab import programs
    assert programs.run(ask, env=programs.environment(desk.folder), timeout=30).returncode == 0
    listed = otto(desk, "token", "list")
    assert "nightly" in listed and "other" in listed and "wgt_" not in listed
    assert [row["name"] for row in json.loads(desk.wavegate("token", "list", "--json").stdout)] == ["other"]
    for wrong in ((), ("--may", "campaign.read"), ("--for", "1h"), ("--may", "campaign.read", "--for", "soon")):
        desk.wavegate("token", "make", "x", *wrong, expect=USAGE)
    number = next(row["id"] for row in of(desk, "token", "list") if row["name"] == "other")
    assert otto(desk, "token", "end", number) == f"token {number} is ended\n"
    assert programs.run(ask, env=programs.environment(desk.folder), timeout=30).returncode == DENIED
    otto(desk, "token", "end", "x", expect=USAGE)


def test_webhooks(desk):
    receiver = Receiver(desk.ground.pki)
    with contextlib.closing(receiver):
        file = desk.folder / "url"
        file.write_text(receiver.url() + "\n")
        added = otto(desk, "webhook", "add", "chat", "--url-file", file, "--kinds", "people,release")
        assert "whsec_" in added and receiver.url() in added
        row, = of(desk, "webhook", "list")
        assert row["name"] == "chat" and row["kinds"] == ["people", "release"] and "secret" not in row
        assert otto(desk, "webhook", "list", "--quiet") == "chat\n"
        assert "whsec_" not in otto(desk, "webhook", "show", "chat") + otto(desk, "webhook", "show", row["id"])
        assert "is on its way" in otto(desk, "webhook", "test", "chat")
        desk.wait("the test came", lambda: receiver.taken(), 10)
    desk.wavegate("webhook", "list", operator="alice", expect=DENIED)
    assert "is on its way" in otto(desk, "webhook", "test", "chat")  # nobody is there any more
    desk.wait("it is given up", lambda: of(desk, "webhook", "dead", "chat"), 15)
    event = of(desk, "webhook", "dead", "chat")[0]["event"]
    assert event in otto(desk, "webhook", "dead", "chat") and "given up" in otto(desk, "webhook", "list")
    assert "once more" in otto(desk, "webhook", "retry", "chat", event)
    otto(desk, "webhook", "retry", "chat", "1-1", expect=NOT_FOUND)
    assert of(desk, "webhook", "change", "chat", "--disable", "--kinds", "alarm")["enabled"] is False
    assert "whsec_" in otto(desk, "webhook", "change", "chat", "--new-secret")
    for wrong in (("add", "x"), ("add", "x", "--url", receiver.url()), ("change", "chat")):
        otto(desk, "webhook", *wrong, expect=USAGE)
    otto(desk, "webhook", "show", "none", expect=NOT_FOUND)
    assert otto(desk, "webhook", "remove", "chat") == "webhook chat is removed\n"
    assert of(desk, "webhook", "list") == []
