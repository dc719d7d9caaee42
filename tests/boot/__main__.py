"""`make boot-test`: virtual machines with a real boot loader are updated by their agents from a real orchestrator, and have
their power cut at random moments; releases that do not boot, hang, or are not well fall back. tests/boot/README.md says more.
"""

import argparse
import os
import random
import sys
import time

from tests.boot import image, stories
from tests.boot.kernel import kernel
from tests.boot.phase import TARGETS
from tests.lab import fleet
from tests.lab.lab import Ground, World
from tests.lab.process import LabError, end_on_signals

MACHINES = ("machine-1", "machine-2")


class Run:
    def __init__(self, world, options):
        self.world, self.options, self.tally = world, options, stories.Tally()
        self.chance = random.Random(options.seed)
        self.releases, self.cuts_left, self.targets = {}, options.cuts, []
        self.kernel = kernel()

    def release(self, version, change=None):
        """Packed and published, once."""
        if version not in self.releases:
            self.releases[version] = image.Root(self.world.folder, self.kernel, version, change)
            if version != stories.FACTORY:
                self.world.add_release(self.releases[version].file, fleet.COMPONENT, version)
        return version

    def junk(self, version):
        made = image.Junk(self.world.folder, version, self.chance)
        self.releases[version] = made
        self.world.add_release(made.file, fleet.COMPONENT, version)

    def life(self, name):
        self.release(stories.FACTORY)
        return stories.Life(self.world, self.tally, name, self.releases[stories.FACTORY], self.releases, self.options.seed)

    def good_and_broken(self, life):
        yield from stories.good(life, self.release("2.0.0"))
        if self.options.story in (None, "lost"):
            yield from stories.lost(life)
        if self.options.story in (None, "unwell"):
            yield from stories.unwell(life)
        if self.options.story in ("good", "lost", "unwell"):
            return
        for one in stories.BROKEN:
            if self.options.only not in one.why:
                continue
            if one.change:
                self.release(one.version, one.change)
            else:
                self.junk(one.version)
            yield from stories.broken(life, one)
        yield from stories.good(life, self.release("7.0.0"))

    def cuts(self, life):
        """Updates with power cuts, to versions in turn, until there were enough of them on all machines."""
        versions = ("8.0.0", "9.0.0")
        while self.cuts_left > 0:
            count = min(self.cuts_left, life.chance.randint(1, 4))
            self.cuts_left -= count
            targets = sorted((self._target() for _ in range(count)), key=list(TARGETS).index)
            left = yield from stories.cut_round(life, self.release(next(one for one in versions if one != life.version)), targets)
            self.cuts_left += len(left)
            self.targets += left

    def _target(self):
        """Each as often as the others, in a random order."""
        if not self.targets:
            self.targets = list(TARGETS)
            self.chance.shuffle(self.targets)
        return self.targets.pop()

    def lanes(self):
        first, second = (self.life(name) for name in MACHINES)
        if self.options.story in (None, "cuts"):
            yield self.cuts(first)
        yield self._second(second)

    def _second(self, life):
        if self.options.story != "cuts":
            yield from self.good_and_broken(life)
        if self.options.story in (None, "cuts"):
            yield from self.cuts(life)

    def go(self):
        going = list(self.lanes())
        while going:
            for lane in list(going):
                if next(lane, self) is self:
                    going.remove(lane)
            time.sleep(0.01)

    def show(self):
        tally = self.tally
        devices = self.world.agents.values()
        print(f"power cuts: {sum(tally.cuts.values())}")
        for where, count in sorted(tally.cuts.items()):
            print(f"  {count:4} {where}")
        lost, torn = sum(one.lost for one in devices), sum(one.torn for one in devices)
        print(f"writes that the disks had not flushed: {lost} lost, {torn} torn")
        print(f"machines were switched on {sum(one.machine.power_ons for one in devices)} times, systems came up "
              f"{sum(len(one.boots()) for one in devices)} times")
        print("campaigns ended: " + ", ".join(f"{count} {state}" for state, count in sorted(tally.ends.items())))
        for line in tally.wrong:
            print(f"WRONG {line}")


def main():
    parser = argparse.ArgumentParser(prog="make boot-test", description=__doc__.splitlines()[0])
    parser.add_argument("--cuts", type=int, default=30, help="power cuts at random moments")
    parser.add_argument("--seed", type=int, default=None, help="of the moments; printed")
    parser.add_argument("--story", choices=["good", "lost", "unwell", "broken", "cuts"], help="this alone")
    parser.add_argument("--only", default="", metavar="WORD", help="of the broken releases, those that are described so")
    parser.add_argument("--keep", action="store_true", help="keep the run folder: disks, consoles, logs")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    end_on_signals()
    held, world, ground, run = False, None, None, None
    began = time.monotonic()
    print(f"boot-test: seed {options.seed}", flush=True)
    try:
        ground = Ground(MACHINES)
        world = World(ground, "boot")
        world.start_orchestrator()
        run = Run(world, options)
        run.go()
        held = not run.tally.wrong
    except (LabError, OSError) as problem:
        print(f"it failed: {problem}", file=sys.stderr)
    finally:
        if run:
            run.show()
        if world:
            world.close()
        if ground:
            ground.close()
            if held and not options.keep:
                ground.remove()
            else:
                print(f"disks, consoles and logs are kept in {ground.folder}")
    print(f"{'all of it holds' if held else 'it does not hold'}: seed {options.seed}, {time.monotonic() - began:.0f} seconds")
    return 0 if held else 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
