"""What every installer has to do; a test module makes a fixture `rig` and imports all of this."""
import json
import os
import signal

import pytest

from tests.installers.driver import LIMIT, Refused, kill_group


def says(rig, **expected):
    status = rig.installer.status()
    assert status["protocol"] == 1
    assert {key: status[key] for key in expected} == expected
    assert status["running"] != status["idle"]


def runs(rig, version):
    assert rig.really() == version
    assert rig.installer.status()["components"].get(rig.component) == version


def test_an_update_from_end_to_end(rig):
    rig.at("idle")
    runs(rig, "1.0.0")
    says(rig, trial=False, marked=False)
    for step, version, trial in [("begun", "1.0.0", False), ("written", "1.0.0", False), ("ready", "1.0.0", False),
                                 ("active", "2.0.0", True), ("confirmed", "2.0.0", False)]:
        rig.step_to(step)
        runs(rig, version)
        says(rig, trial=trial, marked=False)


def test_what_runs_is_told_by_its_name(rig):
    """The agent goes by it: the new has another name than what was confirmed, and keeps it."""
    rig.at("idle")
    home = rig.installer.status()["running"]
    for step, same in [("ready", True), ("active", False), ("confirmed", False)]:
        rig.at(step)
        status = rig.installer.status()
        assert (status["running"] == home) is same, step
        assert step == "confirmed" or home in (status["running"], status["idle"])
        assert isinstance(status.get("reboot", True), bool)
    rig.at("active")
    rig.installer.do("revert")
    if rig.installer.status().get("reboot", True):
        rig.reboot()
    assert rig.installer.probe()["running"] == home


def test_where_nothing_boots_it_runs_at_once(rig):
    rig.at("ready")
    if rig.installer.status().get("reboot", True):
        return
    rig.installer.do("activate")
    runs(rig, "2.0.0")
    says(rig, trial=True)
    rig.installer.do("revert")
    runs(rig, "1.0.0")
    says(rig, trial=False)


def test_every_verb_twice(rig):
    rig.at("idle")
    two = rig.release(2)
    for verb in ["probe", "begin", "write", "finish", "activate"]:
        first = rig.installer.do(verb, two)
        again = rig.installer.do(verb, two)
        assert first == again or verb == "begin"
    rig.reboot()
    for verb in ["probe", "confirm"]:
        rig.installer.do(verb)
        rig.installer.do(verb)
    runs(rig, "2.0.0")
    rig.at("active")
    for _ in range(2):
        rig.installer.do("revert")
    rig.reboot()
    rig.installer.probe()
    runs(rig, "1.0.0")
    says(rig, trial=False, marked=False)


def test_the_way_back(rig):
    rig.at("active")
    rig.installer.do("revert")
    rig.reboot()
    rig.installer.probe()
    runs(rig, "1.0.0")
    says(rig, trial=False, marked=False)
    for step in ["begun", "written", "ready"]:  # and forward again
        rig.step_to(step)
    rig.step_to("active")
    runs(rig, "2.0.0")


def test_nothing_is_left_to_go_back_to(rig):
    rig.at("confirmed")
    rig.installer.do("revert")
    rig.reboot()
    rig.installer.probe()
    runs(rig, "2.0.0")


def test_a_trial_lasts_one_boot(rig):
    rig.at("active")
    rig.reboot()
    rig.installer.probe()
    runs(rig, "1.0.0")
    says(rig, trial=False, marked=False)


def test_a_write_that_is_cut_goes_on_where_it_was_durable(rig):
    rig.at("begun")
    two = rig.release(2)
    half = len(two.content) // 2
    rig.installer.write(two, 0, half)
    process = rig.installer.start("write", two, {"WAVEGATE_OFFSET": str(half)})
    process.stdin.write(two.content[half:half + half // 2])
    process.stdin.flush()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(LIMIT)
    kill_group(process)
    assert rig.installer.begin(two) == half
    rig.installer.write(two, half)
    rig.step_to("ready")
    rig.step_to("active")
    runs(rig, "2.0.0")


def test_a_write_may_begin_before_what_is_there(rig):
    rig.at("written")
    two = rig.release(2)
    assert rig.installer.begin(two) == len(two.content)
    rig.installer.write(two, 100)
    rig.step_to("ready")
    assert rig.installer.begin(two) in (0, len(two.content))


def test_there_are_no_holes(rig):
    rig.at("begun")
    with pytest.raises(Refused):
        rig.installer.write(rig.release(2), 100)


def test_what_is_begun_is_this_release_and_no_other(rig):
    rig.at("written")
    with pytest.raises(Refused):
        rig.installer.write(rig.release(3), 0)
    with pytest.raises(Refused):
        rig.installer.do("finish", rig.release(3))
    assert rig.installer.begin(rig.release(3)) == 0
    assert rig.installer.begin(rig.release(2)) == 0


def test_fresh_means_nothing_is_had(rig):
    rig.at("written")
    assert rig.installer.begin(rig.release(2), fresh=True) == 0


@pytest.mark.parametrize("spoil", [lambda c: c[:-1] + bytes([c[-1] ^ 1]), lambda c: c[:-1]])
def test_content_that_is_not_the_ordered_one(rig, spoil):
    rig.at("begun")
    two = rig.release(2)
    rig.installer.run("write", two, spoil(two.content), {"WAVEGATE_OFFSET": "0"})
    with pytest.raises(Refused) as refused:
        rig.installer.do("finish", two)
    assert refused.value.code == 65
    with pytest.raises(Refused):
        rig.installer.do("activate")
    runs(rig, "1.0.0")
    have = rig.installer.begin(two)
    rig.installer.write(two, have)
    rig.step_to("ready")


def test_more_than_announced(rig):
    rig.at("begun")
    two = rig.release(2)
    with pytest.raises(Refused):
        rig.installer.run("write", two, two.content + b"x", {"WAVEGATE_OFFSET": "0"})
    rig.installer.write(two, rig.installer.begin(two))
    rig.step_to("ready")


@pytest.mark.parametrize("step", ["idle", "begun", "written"])
def test_nothing_whole_is_not_activated(rig, step):
    rig.at(step)
    with pytest.raises(Refused) as refused:
        rig.installer.do("activate")
    assert refused.value.text
    runs(rig, "1.0.0")


def test_begin_leaves_a_trial_alone(rig):
    rig.at("active")
    with pytest.raises(Refused):
        rig.installer.begin(rig.release(3))
    runs(rig, "2.0.0")


@pytest.mark.parametrize("member, value", [("WAVEGATE_COMPONENT", '../"x'), ("WAVEGATE_VERSION", '1 "'),
                                           ("WAVEGATE_SHA256", "$(id)"), ("WAVEGATE_LENGTH", "-1")])
def test_arguments_are_not_believed(rig, member, value):
    rig.at("idle")
    with pytest.raises(Refused):
        rig.installer.run("begin", rig.release(2), more={member: value})
    assert json.loads(rig.installer.run("status"))["components"][rig.component] == "1.0.0"


def test_a_verb_that_is_none(rig):
    rig.at("idle")
    with pytest.raises(Refused):
        rig.installer.run("install")
