"""Every verb, cut between any two of its commands; a test module makes a fixture `rig` and imports all of this."""
import pytest

from tests.installers.conformance import runs
from tests.installers.driver import Refused

# verb, the step it starts from, what it brings about
VERBS = [("begin", "idle", "1.0.0"), ("write", "begun", "1.0.0"), ("finish", "written", "1.0.0"),
         ("activate", "ready", "2.0.0"), ("confirm", "active", "2.0.0"), ("revert", "active", "1.0.0"),
         ("probe", "active", "2.0.0"), ("probe", "lapsed", "1.0.0"), ("revert", "written", "1.0.0"), ("revert", "ready", "1.0.0")]
MOST_CUTS = 200


def cut_everywhere(rig, verb, step, check):
    cuts = 0
    for at in range(1, MOST_CUTS):
        rig.at(step)
        if not rig.knife.cut(verb, rig.release(2), at):
            break
        cuts += 1
        if rig.after_cut:
            assert rig.really() in ("1.0.0", "2.0.0"), f"{verb} cut before step {at}"
        try:
            check(at)
        except (Refused, AssertionError) as problem:
            raise AssertionError(f"{verb} cut before step {at}: {problem}") from problem
    else:
        raise AssertionError(f"{verb} has no end")
    print(f"{verb} at {step}: {cuts} cuts")
    return cuts


@pytest.mark.parametrize("verb, step, version", VERBS)
def test_a_verb_that_is_cut_and_comes_again(rig, verb, step, version):
    def check(_):
        if verb == "write":
            rig.installer.write(rig.release(2), rig.installer.begin(rig.release(2)))
        else:
            rig.installer.do(verb, rig.release(2))
        if verb in ("activate", "revert"):
            rig.reboot()
            rig.installer.probe()
        runs(rig, version)
        if verb == "finish":
            rig.step_to("active")
            runs(rig, "2.0.0")

    assert cut_everywhere(rig, verb, step, check) > 0


@pytest.mark.parametrize("verb, step, version", VERBS)
def test_a_device_that_starts_again_after_a_cut(rig, verb, step, version):
    """The agent starts with probe; then whatever there is can be ended, and (tried for some) another update succeeds."""
    def check(at):
        if at % 2:  # or the agent alone starts again
            rig.reboot()
        status = rig.installer.probe()
        runs(rig, status["components"][rig.component])
        if verb not in ("activate", "confirm", "revert", "probe"):
            assert not status["trial"]
        rig.installer.do("revert")
        rig.reboot()
        status = rig.installer.probe()
        assert not status["trial"] and not status["marked"]
        if verb != "confirm":
            assert rig.really() == "1.0.0"
        runs(rig, status["components"][rig.component])
        if at % 4 != 1:
            return
        rig.installer.put(rig.release(3))
        rig.step_to("active")
        rig.installer.do("confirm")
        runs(rig, "3.0.0")

    assert cut_everywhere(rig, verb, step, check) > 0


def test_a_cut_while_going_back_from_a_cut(rig):
    """probe takes back what activate left half done; cut as well, it may be followed by activate."""
    two = rig.release(2)
    rig.at("ready")
    steps = 1
    while rig.knife.cut("activate", two, steps):
        rig.at("ready")
        steps += 1
    for last in (n for n in (1, 2, 4, 6) if n < steps):
        for at in range(1, MOST_CUTS):
            rig.at("ready")
            assert rig.knife.cut("activate", two, steps - last)
            if not rig.knife.cut("probe", None, at):
                break
            rig.installer.do("activate")
            rig.reboot()
            rig.installer.probe()
            runs(rig, "2.0.0")
