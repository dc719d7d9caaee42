"""Real agents with installers: updated, rolled back, killed at every verb, stopped, hung and watched."""

import json
import os
import shutil

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.installer_agent import FileAgent, ImagesAgent
from tests.system.story import all_succeeded, campaign, check_end
from tests.system.test_hooks import Hooks
from tests.system.test_watchdog import Device, Systemd

DEVICE = fleet.devices()[0]
WHOLE = ["begin", "write", "finish", "activate", "probe", "confirm"]


@pytest.fixture
def one(world):
    """one(kind, **settings): a device, started, that has said hello."""
    def make(kind=FileAgent, start=True, **settings):
        settings = {"soak": "300ms", "health_every": "100ms", **settings}
        made = world.add_agent(DEVICE, payload.make(world.folder, DEVICE.component, DEVICE.version), kind=kind, **settings)
        if start:
            world.start_agents()
        return made
    return make


def wait_verb(world, agent, verb, count=1):
    world.wait(f"{verb} is asked for", lambda: agent.verbs().count(verb) >= count)


def detail(world, state):
    (found,), = world.db.rows("select detail from report where state = %s", state)
    return found


@pytest.mark.parametrize("kind", [FileAgent, ImagesAgent])
def test_there_and_on(world, one, release, kind):
    agent = one(kind)
    pid, home = agent.pid, agent.slot()
    for version in ("2.4.1", "2.4.2"):
        made = release(version)
        name = world.apply(campaign("to-" + version.replace(".", "-"), version))
        world.wait_campaign(name, "finished")
        check_end(world, name, version, all_succeeded(world))
        if kind is FileAgent:
            assert agent.target.read_bytes() == made.read_bytes()
    assert agent.verbs() == ["probe", *WHOLE, *WHOLE]
    assert agent.slot() == home and agent.pid == pid and agent.alive()
    if kind is ImagesAgent:
        assert agent.boots() == ["b", "a"]


@pytest.mark.parametrize("kind", [FileAgent, ImagesAgent])
def test_an_unhealthy_one_is_reverted(world, one, release, kind):
    hooks = Hooks(world.folder / "hooks")
    agent = one(kind, start=False, hooks=str(hooks.folder))
    hooks.put("health/enter/10-speed", f"if grep -q 2.5.0 '{agent.folder}/software' '{agent.own}'/b.img; "
              "then echo no brakes; exit 1; fi")
    world.start_agents()
    before, home = agent.version(), agent.slot()
    release("2.5.0")
    name = world.apply(campaign("unhealthy", "2.5.0"))
    world.wait_finished(name)
    check_end(world, name, "2.5.0", {agent.id: ("rolled-back", "health")})
    assert "no brakes" in detail(world, "rolled-back")
    assert agent.version() == before and agent.slot() == home
    world.wait("it is taken back", lambda: agent.verbs() == ["probe", *WHOLE[:-1], "revert", "probe"])
    # and the way is free for the next
    release("2.4.1")
    name = world.apply(campaign("next", "2.4.1"))
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


@pytest.mark.parametrize("kind", [FileAgent, ImagesAgent])
@pytest.mark.parametrize("verb", WHOLE)
def test_killed_at_a_verb(world, one, release, kind, verb):
    """The verb had begun; the device has its power back, and does what is left to do."""
    agent = one(kind, start=verb != "probe")
    if verb == "probe":
        world.start_agents()
    seen = agent.verbs().count(verb)
    agent.hold(verb)
    release("2.4.1")
    name = world.apply(campaign("killed", "2.4.1"))
    wait_verb(world, agent, verb, seen + 1)
    agent.kill()
    agent.before(verb, "")
    agent.start()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_killed_while_it_waits_for_the_word(world, one, release):
    """Which does not come before the orchestrator is back."""
    agent = one()
    gate = agent.hold("finish")
    release("2.4.1")
    name = world.apply(campaign("killed", "2.4.1"))
    wait_verb(world, agent, "finish")
    world.orchestrator.kill()
    gate.touch()
    world.wait("it is ready", lambda: agent.phase() == "ready")
    agent.kill()
    world.orchestrator.start()
    agent.start()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_killed_on_trial(world, one, release):
    agent = one(soak="15s")
    release("2.4.1")
    name = world.apply(campaign("killed", "2.4.1"))
    world.wait("it is on trial", lambda: agent.phase() == "probation")
    agent.kill()
    agent.settings["soak"] = "300ms"
    agent.start()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_the_second_boot_without_a_word_takes_the_old_back(world, one, release):
    agent = one(soak="15s")
    release("2.4.1")
    name = world.apply(campaign("second", "2.4.1"))
    for starts in (1, 2):
        world.wait("it is on trial", lambda: agent.log.read_text().count("trial=yes") == starts
                   and agent.phase() == "probation" and agent.version() == "2.4.1")
        agent.kill()
        agent.boot_machine()
        agent.start()
    world.wait_finished(name)
    check_end(world, name, "2.4.1", {agent.id: ("rolled-back", "boot")})


def test_a_trial_that_nobody_ordered_ends(world, one):
    """Its memory is lost, the trial is not."""
    agent = one(start=False)
    agent.target.with_name(".software.wavegate-old").write_bytes(agent.target.read_bytes())
    agent.target.write_bytes(payload.make(world.folder, DEVICE.component, "2.4.1").read_bytes())
    agent.own.mkdir(parents=True)
    (agent.own / "state").write_text(f"phase trial\ncomponent {DEVICE.component}\nversion 2.4.1\nboot boot-1\nnote was\n"
                                     f"now_component {DEVICE.component}\nnow_version {DEVICE.version}\n")
    world.start_agents()
    world.wait("the old is back", lambda: agent.version() == DEVICE.version)
    world.wait("and is known to be", lambda: agent.verbs() == ["probe", "revert", "probe"])
    world.wait("the database knows", lambda: world.db.versions() == {agent.id: DEVICE.version})


def test_activate_and_revert_fail(world, one, release):
    """The new runs and nobody knows: the agent asks the installer again what does."""
    agent = one()
    count = agent.folder / "reverts"
    agent.before("activate", f"'{agent.program}' activate; echo half done >&2; exit 1")
    agent.before("revert", f"echo x >>'{count}'; [ $(wc -l <'{count}') -gt 2 ] || exit 1")
    release("2.4.1")
    name = world.apply(campaign("half", "2.4.1"))
    world.wait_finished(name)
    world.wait("it is back", lambda: agent.verbs()[-3:] == ["probe", "revert", "probe"])
    check_end(world, name, "2.4.1", {agent.id: ("failed", "install")})
    assert "half done" in detail(world, "failed")
    assert agent.verbs() == ["probe", *WHOLE[:4], "revert", "revert", "probe", "revert", "probe"]


@pytest.mark.parametrize("verb", ["finish", "activate", "write"])
def test_stopped_in_a_slow_verb(world, one, release, verb):
    agent = one()
    agent.before(verb, "exec sleep 1000")
    release("2.4.1", size=200_000)
    name = world.apply(campaign("stopped", "2.4.1"))
    wait_verb(world, agent, verb)
    assert agent.stop() == 0  # or it would have been killed in the end
    agent.before(verb, "")
    agent.start()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_withdrawn_in_a_slow_verb(world, one, release):
    agent = one()
    agent.before("finish", "exec sleep 1000")
    release("2.4.1")
    name = world.apply(campaign("withdrawn", "2.4.1"))
    wait_verb(world, agent, "finish")
    world.wavegate("campaign", "abort", name, "--reason", "not this one")
    world.wait_place(name, agent.id, "withdrawn")
    wait_verb(world, agent, "revert")
    agent.before("finish", "")
    release("2.4.2")
    name = world.apply(campaign("other", "2.4.2"))
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.2", all_succeeded(world))


@pytest.mark.parametrize("verb, cause", [("finish", "timeout"), ("activate", "timeout"), ("begin", "download")])
def test_a_verb_that_hangs(world, one, release, verb, cause):
    agent = one(start=False)
    agent.settings["slots"]["quick" if verb == "begin" else "work"] = programs.span(4)
    world.start_agents()
    agent.before(verb, "trap '' TERM; sleep 1000 & wait; sleep 1000")
    release("2.4.1")
    name = world.apply(campaign("hangs", "2.4.1"))
    world.wait_finished(name)
    assert f"installer: {verb}: no end in time".replace("installer", f"installer {agent.folder}/installer") in detail(
        world, "failed")
    check_end(world, name, "2.4.1", {agent.id: ("failed", cause)})
    world.wait("it is taken back", lambda: agent.verbs()[-1] == "revert" or verb == "begin")


def test_not_now(world, one, release):
    """75: the order is put off, what is there stays, and it comes again."""
    agent = one()
    agent.before("finish", "echo 'the engine runs' >&2; exit 75")
    release("2.4.1")
    name = world.apply(campaign("later", "2.4.1", more="retry: {classes: {deferred: {backoff: 1s}}}"))

    def deferred():
        told = json.loads(world.wavegate("device", "explain", agent.id, "--campaign", name, "--json").stdout)
        return "the engine runs" in (told["campaigns"][0].get("reason") or "")
    world.wait("it is put off", deferred)
    assert agent.phase() == "installing"
    agent.before("finish", "")
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    assert agent.verbs().count("write") == 1


def test_not_now_for_a_download(world, one, release):
    """75 of begin or write: the agent tries again by itself."""
    agent = one()
    agent.before("begin", "echo 'the store is busy' >&2; exit 75")
    release("2.4.1")
    name = world.apply(campaign("busy", "2.4.1"))
    wait_verb(world, agent, "begin", 2)
    world.wait_place(name, agent.id, "downloading")
    agent.before("begin", "")
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_content_that_it_cannot_use(world, one, release):
    """65: fetched again, once."""
    agent = one()
    agent.before("finish", "echo 'not for this device' >&2; exit 65")
    release("2.4.1")
    name = world.apply(campaign("useless", "2.4.1"))
    world.wait_finished(name)
    check_end(world, name, "2.4.1", {agent.id: ("failed", "verify")})
    assert "not for this device" in detail(world, "failed")
    again = ["begin", "write", "finish", "revert"]
    world.wait("it is taken back", lambda: agent.verbs() == ["probe", *again, *again])


def test_content_that_it_can_use_the_second_time(world, one, release):
    agent = one()
    agent.before("finish", f"rm '{agent.folder}/do.finish'; echo 0 >have; exit 65")
    release("2.4.1")
    name = world.apply(campaign("spoilt", "2.4.1"))
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_fed_during_a_long_verb(world, one, release):
    hardware, systemd = Device(world.folder / "watchdog"), Systemd(world.folder / "notify")
    try:
        agent = one(start=False, watchdog={"device": str(hardware.path), "timeout": "3s"})
        agent.environment = {"NOTIFY_SOCKET": str(systemd.path)}
        world.start_agents()
        gate = agent.hold("finish")
        release("2.4.1")
        name = world.apply(campaign("long", "2.4.1"))
        wait_verb(world, agent, "finish")
        for _ in range(4):
            assert hardware.fed_again()
        assert agent.verbs()[-1] == "finish"
        gate.touch()
        world.wait_campaign(name, "finished")
        check_end(world, name, "2.4.1", all_succeeded(world))
        assert b"V" not in hardware.look(), "armed while it started anew"
        assert systemd.look().count("READY=1") == 2 and "STOPPING=1" not in systemd.look()
    finally:
        systemd.close()
        hardware.close()


def test_a_long_probe(world, one):
    """systemd waits, the hardware is fed; and it can be stopped."""
    hardware, systemd = Device(world.folder / "watchdog"), Systemd(world.folder / "notify")
    try:
        agent = one(start=False, watchdog={"device": str(hardware.path), "timeout": "3s"})
        agent.environment = {"NOTIFY_SOCKET": str(systemd.path)}
        gate = agent.hold("probe")
        agent.start()
        wait_verb(world, agent, "probe")
        assert systemd.hears("EXTEND_TIMEOUT_USEC=30000000", 2)
        for _ in range(3):
            assert hardware.fed_again()
        assert agent.stop() == 0
        assert "READY=1" not in systemd.look()
        assert b"V" not in hardware.look(), "it may have been a trial"
        agent.start()
        wait_verb(world, agent, "probe", 2)
        gate.touch()
        assert systemd.hears("READY=1")
    finally:
        systemd.close()
        hardware.close()


class OwnProgram(FileAgent):
    """What is updated is the agent itself."""

    @property
    def binary(self):
        return self.folder / "wavegate-agent"

    def provision(self, payload):
        shutil.copyfile(programs.program("wavegate-agent"), self.binary)
        self.binary.chmod(0o755)
        super().provision(payload)

    def _argv(self, *more):
        return [self.binary, *super()._argv(*more)[1:]]


def test_an_agent_that_was_replaced(world, one, release):
    """What is on trial is the new one, and not what still runs from a file that is gone."""
    agent = one(OwnProgram)
    agent.before("activate", f"cp '{agent.binary}' '{agent.binary}.new'; mv '{agent.binary}.new' '{agent.binary}'")
    release("2.4.1")
    name = world.apply(campaign("itself", "2.4.1"))
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    assert os.readlink(f"/proc/{agent.pid}/exe") == str(agent.binary.resolve())


def test_what_the_factory_is_told(bare_world):
    made = payload.make(bare_world.folder, DEVICE.component, DEVICE.version)
    agent = bare_world.add_agent(DEVICE, made, kind=FileAgent)
    agent.write_config()
    done = programs.run(agent._argv("--provision", made, "--version", "1.0.0"))  # pylint: disable=protected-access
    assert done.returncode == 2 and "an installer keeps the slots" in done.stderr
