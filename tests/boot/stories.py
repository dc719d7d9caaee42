"""What the machines live through. A story is a generator: it yields while it waits, so that several go on at once."""

import collections
import dataclasses
import hashlib
import random
import time

from tests.boot import image
from tests.boot.device import Device
from tests.boot.phase import TARGETS, phase, reached
from tests.lab import fleet, programs
from tests.lab.database import FINISHED
from tests.lab.process import LabError

FACTORY = "1.0.0"
LIMIT = 1800  # seconds; for anything that a machine does, however busy the one that plays it is
CAMPAIGN = """wavegate: 1
campaign: {name}
release: {component}/{version}
target:
  all:
    - device: [{device}]
waves:
  - {{name: rest, remaining: true}}
timeout: {{offer: 30m, download: 30m, install: 30m, probation: 30m, silent: 30m}}
budget: {{failures: 100%}}
retry: {{attempts: {attempts}, backoff: 1s}}
gate: {{success: '>= 1%'}}
"""


def until(what, condition, seconds=LIMIT, shows=lambda: ""):
    """The first true value of condition()."""
    deadline = time.monotonic() + seconds * programs.SLOWER
    while not (value := condition()):
        if time.monotonic() >= deadline:
            raise LabError(f"waited {seconds * programs.SLOWER:g} s in vain: {what}\n{shows()}")
        yield
    return value


def pause(seconds):
    """Not for something to happen: the moment of a power cut is chance."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield


class Tally:
    """What the run has done and found wrong."""

    def __init__(self):
        self.cuts, self.ends, self.wrong = collections.Counter(), collections.Counter(), []
        self.boots = self.resets = 0

    def expect(self, holds, what):
        if not holds:
            self.wrong.append(what)
            print(f"WRONG {what}", flush=True)


class Life:
    """One device through its campaigns."""

    def __init__(self, world, tally, name, factory, releases, seed):
        self.world, self.tally, self.releases = world, tally, releases
        self.chance = random.Random(f"{seed} {name}")
        model = dataclasses.replace(fleet.devices()[0], id=name, version=factory.version)
        self.device = world.add_agent(model, factory, kind=Device)
        self.device.chance = self.chance
        self.version = factory.version  # that should run
        self.campaign, self.campaigns, self._since = "", 0, 0

    # what is seen from outside

    def state(self):
        return self.world.db.state_of(self.campaign, self.device.id) if self.campaign else None

    def console(self):
        return self.device.machine.said(self._since)

    def phase(self):
        return phase(self.state(), self.console())

    def shows(self):
        return f"{self.device.id}, {self.phase()}, {self.state()}:\n{self.console()[-3000:]}"

    def until(self, what, condition, seconds=LIMIT):
        return until(f"{self.device.id}: {what}", condition, seconds, self.shows)

    def says(self, text):
        print(f"  {self.device.id}: {text}", flush=True)

    # what is done to it

    def power(self):
        self._since = self.device.machine.console.stat().st_size
        self.device.start()

    def cut(self):
        where, lost, torn = self.phase(), self.device.lost, self.device.torn
        self.device.kill()
        self.tally.cuts[where] += 1
        lost, torn = self.device.lost - lost, self.device.torn - torn
        self.says(f"power cut, {where}; {lost} unflushed writes lost, {torn} torn")

    def come_online(self):
        self.power()
        yield from self.until("it is online", lambda: "msg=connected" in self.console() and
                              self.device.id in self.world.db.online())

    def order(self, version, attempts):
        self.campaigns += 1
        self.campaign = f"{self.device.id}-{self.campaigns}"
        self.says(f"{self.campaign}: {self.version} is to become {version}")
        self.world.apply(CAMPAIGN.format(name=self.campaign, component=fleet.COMPONENT, version=version,
                                         device=self.device.id, attempts=attempts))

    def ended(self):
        return self.world.db.campaign_state(self.campaign) in ("finished", "aborted") and self.state() in FINISHED

    def end(self):
        yield from self.until("the campaign has ended", self.ended)
        yield from self.until("all is acknowledged", lambda: not self.world.db.inconsistencies())

    def cause(self):
        return self.world.db.places(self.campaign)[self.device.id]

    def detail(self):
        return self.world.db.value("select detail from report where campaign = %s and state = 'rolled-back' order by seq desc",
                                   self.campaign) or ""

    # what must hold

    def expect(self, holds, what):
        self.tally.expect(holds, f"{self.campaign}: {what}")

    def judge(self, ordered):
        """The campaign has ended. What runs is the ordered version or the one before, whole, confirmed, and what is said of it.
        The machine is switched off for it."""
        state, cause = self.cause()
        before, self.version = self.version, ordered if state == "succeeded" else self.version
        self.tally.ends[state] += 1
        self.says(f"{self.campaign}: {state} {cause}")
        slot, runs = self.device.boots()[-1]
        self.expect(runs == self.version, f"it runs {runs}, and is said to have {state} on the way from {before} to {ordered}")
        yield from self.until("the database knows what runs", lambda: self.world.db.versions().get(self.device.id) == runs, 30)
        succeeded = self.world.db.value("select count(*) from report where campaign = %s and state = 'succeeded'", self.campaign)
        self.expect(succeeded == (state == "succeeded"), f"{succeeded} reports of success")
        self.tally.cuts["before and after"] += 1
        first = self.campaigns == 1
        if first:
            yield from self.until("its disk is quiet", self.device.machine.is_quiet)
        self.device.kill(is_idle=first)
        self._judge_disk(slot, runs)

    def _judge_disk(self, slot, runs):
        device = self.device
        self.expect(device.slot() == slot, f"slot {slot} runs, {device.slot()} is the default: {device.variables()}")
        self.expect(device.boots_once() == "", f"a mark stands: {device.variables()}")
        for one in "ab":
            record = device.release(one)
            if one == slot:
                self.expect(record and record["version"] == runs, f"{runs} runs in slot {one}, its record: {record}")
            if record:
                content = device.content(one, record["length"])
                self.expect(hashlib.sha256(content).hexdigest() == record["sha256"], f"slot {one} is not what its record says")
                file = self.releases[record["version"]].file
                self.expect(content == file.read_bytes(), f"slot {one} is not {record['version']}")


def good(life, version):
    """A release that is as it should be: started once, and confirmed."""
    yield from life.come_online()
    before = len(life.device.boots())
    life.order(version, 1)
    yield from life.end()
    life.expect(life.cause() == ("succeeded", ""), f"ended {life.cause()}")
    life.expect([one for _, one in life.device.boots()[before:]] == [version], f"booted {life.device.boots()[before:]}")
    yield from life.judge(version)


@dataclasses.dataclass(frozen=True)
class Broken:
    """A release that must not stay. change: what is done to its root folder; None: it is no file system at all."""
    version: str
    why: str
    change: object
    cause: str
    boots: list  # of systems as far as their first program: "new", "old"
    shows: str  # on the console, or in the report
    logs: str = ""  # in `wavegate device logs`


def _no_init(tree):
    (tree / "sbin/init").unlink()


def _no_kernel(tree):
    image.put(tree, "boot/vmlinuz", "<html>404 Not Found</html>\n" * 100)


def _no_agent(tree):
    image.put(tree, "usr/bin/wavegate-agent", "#!/bin/sh\nexec sleep 1000000\n", 0o755)


def _agent_hangs(tree):
    image.put(tree, "etc/wavegate/hooks/reboot/leave/10-stop", "#!/bin/sh\nkill -STOP $PPID\nsleep 1000000\n", 0o755)


def _unhealthy(tree):
    image.put(tree, "etc/wavegate/hooks/health/enter/10-well", "#!/bin/sh\necho the brake sensor says nothing\nexit 1\n", 0o755)


BROKEN = (
    Broken("6.0.0", "no file system", None, "boot", ["old"], "unknown filesystem"),
    Broken("6.1.0", "no kernel: the boot loader cannot load it", _no_kernel, "boot", ["old"], "invalid magic number"),
    Broken("6.2.0", "no init: the kernel panics", _no_init, "boot", ["old"], "Kernel panic"),
    Broken("6.3.0", "the agent never starts: the machine stands idle", _no_agent, "boot", ["new", "old"], ""),
    Broken("6.4.0", "the agent hangs", _agent_hangs, "boot", ["new", "old"], "", "trial=yes"),
    Broken("6.5.0", "it is not healthy", _unhealthy, "health", ["new", "old"], "the brake sensor says nothing",
           "the brake sensor says nothing"),
)


def broken(life, release):
    """Falls back by itself, is booted once, and reported."""
    yield from life.come_online()
    life.says(f"{release.version}: {release.why}")
    before, since = len(life.device.boots()), life.device.machine.console.stat().st_size
    life.order(release.version, 1)
    yield from life.end()
    life.expect(life.cause() == ("rolled-back", release.cause), f"{release.why}: ended {life.cause()}")
    names = {release.version: "new", life.version: "old"}
    boots = [names.get(one, one) for _, one in life.device.boots()[before:]]
    life.expect(boots == release.boots, f"{release.why}: booted {boots}")
    life.says(f"reported: {life.detail()}")
    said = life.device.machine.said(since)
    life.expect(release.shows in said + life.detail(), f"{release.why}: \"{release.shows}\" is not shown\n{said[-2000:]}")
    if release.logs:
        yield from life.until("the logs have come", lambda: release.logs in life.world.wavegate(
            "device", "logs", life.device.id).stdout, 30)
    yield from life.judge(release.version)


def lost(life):
    """The default slot can no longer be loaded: the other one runs for good, and an update repairs it."""
    device, version = life.device, life.version
    slot = device.slot()
    other = "b" if slot == "a" else "a"
    life.version = device.release(other)["version"]
    life.says(f"slot {slot} with {version} is lost; slot {other} has {life.version}")
    device.wreck(slot)
    before, boots = life.version, len(device.boots())
    yield from good(life, version)
    life.expect(device.boots()[boots:] == [(other, before), (slot, version)], f"booted {device.boots()[boots:]}")


def unwell(life):
    """The default slot is loaded, and panics every time: after five starts the other one runs for good, and an update repairs
    it."""
    device, version = life.device, life.version
    yield from life.come_online()
    yield from life.until("it is well", lambda: "msg=well" in life.console())
    device.kill()
    slot = device.slot()
    other = "b" if slot == "a" else "a"
    life.expect(device.variables().get("wg_starts") == "0", f"it was well: {device.variables()}")
    life.version = before = device.release(other)["version"]
    life.says(f"slot {slot} with {version} is lame; slot {other} has {before}")
    device.lame(slot)
    boots, since = len(device.boots()), device.machine.console.stat().st_size
    yield from good(life, version)
    life.expect(device.boots()[boots:] == [(other, before), (slot, version)], f"booted {device.boots()[boots:]}")
    said = device.machine.said(since)
    panics = said[:said.index("boot-test: slot=")].count("Kernel panic")
    life.expect(panics == 5, f"{panics} panics before slot {other} was started")


def cut_round(life, version, targets):
    """One update, with the power cut at each of the targets, a random time after it was seen. What was not met comes back."""
    yield from life.come_online()
    life.order(version, 5)
    while targets:
        target = targets[0]
        yield from life.until(f"{target}, or the end", lambda target=target: reached(target, life.phase()) or life.ended())
        if life.ended():
            break
        yield from pause(life.chance.uniform(0, TARGETS[target]))
        life.cut()
        targets.pop(0)
        life.power()
    yield from life.end()
    yield from life.judge(version)
    return targets
