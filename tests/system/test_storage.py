"""A device whose disk fails it: files of its state that are damaged or lost, a disk that is full, one that cannot be
written. It keeps running, says so, and the next update succeeds. Mounts file systems: as root."""

import contextlib
import dataclasses
import subprocess
import time

import pytest

from tests.lab import fleet, payload
from tests.lab.agent import Agent
from tests.system.story import INSTALL, SILENT, campaign

FIRST, NEXT = "2.4.1", "2.5.0"


def flip(path):
    """One bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def empty(path):
    path.write_bytes(b"")


def tear(path):
    data = path.read_bytes()
    path.write_bytes(data[:len(data) // 2])


def lose(path):
    path.unlink()


def unreadable(path):
    """Nothing that could be read is there, for root neither."""
    path.unlink()
    path.mkdir()


HARMS = [flip, empty, tear, lose, unreadable]
FILES = {"memory": "memory.json", "boot": "boot.json", "record": "slots/b/release.json", "logs": "logs.json"}


@dataclasses.dataclass
class Case:
    name: str
    harm: object
    both: bool  # copies
    agent: Agent = None

    def strike(self):
        path = self.agent.state / FILES[self.name]
        for copy in (path, path.with_name(path.name + ".1")) if self.both else (path,):
            if copy.exists() or self.name != "logs":
                self.harm(copy)


def add_devices(world, names, **settings):
    world.ground.pki.issue_devices(names)
    old = fleet.devices()[0]
    starting = payload.make(world.folder, old.component, old.version)
    return [world.add_agent(dataclasses.replace(old, id=name), starting, soak="100ms", health_every="100ms", **settings)
            for name in names]


def run(world, name, version, state="finished", **more):
    world.apply(campaign(name, version, **more))
    world.wait_campaign(name, state)


def test_damaged_files(world, release):
    """One device for each file, each harm, and one copy of it or both; all of them update before and after."""
    cases = [Case(name, harm, both) for name in FILES for harm in HARMS for both in (False, True)]
    names = [f"{case.name}-{case.harm.__name__}-{'both' if case.both else 'one'}" for case in cases]
    for case, agent in zip(cases, add_devices(world, names)):
        case.agent = agent
    world.start_agents()
    release(FIRST)
    release(NEXT)
    run(world, "before", FIRST)
    for case in cases:
        assert case.agent.version() == FIRST
        case.agent.kill()
        case.strike()
        case.agent.start()
    world.wait("all have started again", lambda: all(
        case.agent.log.read_text().count("msg=started") >= 3 for case in cases), 40)
    run(world, "after", NEXT)
    places = world.db.places("after")
    for case in cases:
        assert places[case.agent.id] == ("succeeded", ""), case.agent.id
        assert case.agent.version() == NEXT and case.agent.alive(), case.agent.id
        said = case.agent.log.read_text()
        assert ("it starts with a new one" in said) == (
            case.name == "memory" and case.both and case.harm is not lose), case.agent.id
        assert ("is not known any more" in said) == (
            case.name == "boot" and case.both and case.harm is not lose), case.agent.id
    world.wait("nothing is lost or doubled", lambda: not world.db.inconsistencies(), 20)
    # one copy is enough: no memory was begun anew for it
    assert not world.db.rows("select device_id from report where device_id like %s group by 1 having "
                             "count(distinct journal) > 1", "%-one")


class SmallDisk(Agent):
    """Its state folder is a file system of its own, of so many KiB."""

    KIB = 2048

    def provision(self, starting):
        self.state.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.KIB}k,mode=0700", "none", self.state],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:  # who is not root, or in a container that lets nobody mount: only a real disk is full or read-only
            pytest.skip(f"mounts a file system, which is not allowed here: {done.stderr.strip()}")
        super().provision(starting)

    def remount(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", self.state], check=True)

    def fill(self):
        """Nothing is left for anybody."""
        with (self.state / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 4096)

    def empty(self):
        (self.state / "filler").unlink()

    def unmount(self):
        subprocess.run(["umount", "-l", self.state], check=True)


@pytest.fixture
def small(world):
    device = fleet.devices()[0]
    agent = world.add_agent(device, payload.make(world.folder, device.component, device.version), kind=SmallDisk,
                            soak="200ms", health_every="100ms")
    yield agent
    if agent.alive():
        agent.stop()
    agent.unmount()


def storage_of(world, agent):
    """What the device says of its disk."""
    return world.db.value("select attributes->>'storage' from device where id = %s", agent.id)


def test_full_disk(world, small, release):
    """What has no room is refused with numbers; with room again the next order goes through."""
    release(FIRST, size=600_000)
    world.start_agents()
    pid = small.pid
    small.fill()
    run(world, "full", FIRST, state="paused", more="budget: {failures: 0}")
    assert world.db.places("full")[small.id] == ("failed", "download")
    detail = world.db.value("select detail from report where state = 'failed'")
    assert detail.startswith("no room: 60") and " bytes wanted, " in detail and str(small.state) in detail
    assert small.alive() and small.pid == pid
    assert not list(small.state.glob("part.*")) and not (small.state / "slots/b/payload.part").exists()
    small.empty()
    world.wavegate("campaign", "abort", "full")
    run(world, "room", FIRST)
    assert small.version() == FIRST and world.db.places("room")[small.id] == ("succeeded", "")
    small.kill()
    small.start()
    world.wait("room is held in reserve again", (small.state / "reserve").exists)


def test_nothing_can_be_kept(world, fleet_of, release):
    """In the middle of an update: it says so, and goes on where it was when it can; no answer of the payload is lost."""
    agent, = fleet_of(1)
    mark, pid = world.folder / "go-on", agent.pid
    release(FIRST, install=payload.until_exists(mark))
    # news are told once a minute
    name = world.apply(campaign("nothing", FIRST).replace(INSTALL, "install: 5m").replace(SILENT, "silent: 5m"))
    world.wait("the installation runs", lambda: agent.phase() == "installing")
    (agent.state / "memory.json.new").mkdir()
    mark.touch()
    world.wait("it says so", lambda: "nothing can be kept" in agent.log.read_text())
    world.wait("the orchestrator hears of it", lambda: storage_of(world, agent) == "failing", 120)
    assert agent.alive() and agent.pid == pid and agent.phase() == "installing"
    (agent.state / "memory.json.new").rmdir()
    world.wait_campaign(name, "finished", 60)
    assert world.db.places(name)[agent.id] == ("succeeded", "") and agent.version() == FIRST
    assert agent.payload_log().count(f"install {FIRST}") == 1
    world.wait("all is well again", lambda: storage_of(world, agent) is None, 90)


def test_read_only_disk(world, small, release):
    """It runs, says so and takes no order, without haste; then it takes it."""
    release(FIRST)
    world.start_agents()
    small.stop()
    small.remount("ro")
    small.start()
    world.wait("it says that it can keep nothing", lambda: storage_of(world, small) == "read-only", 40)
    name = world.apply(campaign("fixed", FIRST))
    world.wait("orders were sent", lambda: world.orchestrator.log.read_text().count('msg="order sent"') > 1)
    before = cpu_of(small.pid)
    time.sleep(3)
    assert cpu_of(small.pid) - before < 1, "it is busy with waiting"
    assert small.alive() and small.phase() == "idle"
    assert "Read-only file system" in small.log.read_text()
    small.remount("rw")
    world.wait_campaign(name, "finished", 90)
    assert small.version() == FIRST
    world.wait("all is well again", lambda: storage_of(world, small) is None, 90)


def cpu_of(pid):
    """Seconds that it has worked."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100
