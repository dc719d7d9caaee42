"""`make cuts`: the power of real agents is cut at every call that changes something, and they are looked at afterwards.

One agent updates with nothing cut, and every call that changes a file of its state is counted. Then there is an agent for
each call and each way: killed before it, after it, in the middle of it where it writes, and after it with all lost that was
not synced. Each is started again, as a device that has its power back. All of them are in one campaign of the real
orchestrator. In the end each device must run a whole version by itself, the one that the orchestrator says it runs, and no
call may have been left out. So it is with an encrypted patch over what a device runs (story `delta`), and with three
components of one device (story `set`): all new, or all old.
"""

import argparse
import os
import sys
import time

from tests.cuts.patches import DeltaStory
from tests.cuts.sets import SetStory
from tests.cuts.story import BAD, GOOD, Story, check_that_all_is_counted
from tests.lab import fleet, payload
from tests.lab.installer_agent import FileAgent
from tests.lab.lab import Ground, World
from tests.lab.process import LabError, end_on_signals


def run_campaigns(ground, options):
    """One release, and one that is not healthy, each in a campaign of the real orchestrator."""
    world = World(ground, "cuts")
    try:
        world.start_orchestrator()
        world.add_release(payload.make(world.folder, fleet.COMPONENT, GOOD, size=options.size), fleet.COMPONENT, GOOD)
        world.add_release(payload.make(world.folder, fleet.COMPONENT, BAD, health=payload.fails("no answer")),
                          fleet.COMPONENT, BAD)
        stories = [Story(world, ground, "full", GOOD), Story(world, ground, "unhealthy", BAD),
                   Story(world, ground, "installer", GOOD, FileAgent)]
        stories = [story for story in stories if options.story in (None, story.name)]
        for story in stories:
            story.run(options.seconds, options.every)
        return not any(story.wrong for story in stories)
    finally:
        world.close()


def run_set(ground, options):
    """Three components, and orders by hand."""
    world = World(ground, "cuts_set", guarded=False)  # who is cut comes back often
    try:
        story = SetStory(world, ground, options.size)
        story.run(options.seconds, options.every)
        story.close()
        return not story.wrong
    finally:
        world.close()


def run_delta(ground, options):
    """An encrypted patch, from a repository."""
    world = World(ground, "cuts_delta")
    try:
        story = DeltaStory(world, ground)
        story.run(options.seconds, options.every)
        return not story.wrong
    finally:
        world.close()


def run(ground, options):
    check_that_all_is_counted()
    parts = (("full", "unhealthy", "installer"), run_campaigns), (("delta",), run_delta), (("set",), run_set)
    return all([part(ground, options) for names, part in parts if options.story in (None, *names)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=300_000, help="bytes of the release")
    parser.add_argument("--seconds", type=int, default=3600,
                        help="after which nobody would wait any longer for a number of devices")
    parser.add_argument("--story", choices=["full", "unhealthy", "installer", "delta", "set"], help="this one alone")
    parser.add_argument("--every", type=int, default=1, help="only each n-th case")
    parser.add_argument("--keep", action="store_true", help="keep the run folder")
    options = parser.parse_args()
    end_on_signals()
    held, ground = False, None
    began = time.monotonic()
    try:
        ground = Ground([])
        held = run(ground, options)
    except (LabError, OSError) as problem:
        print(f"it failed: {problem}", file=sys.stderr)
    finally:
        if ground:
            ground.close()
            if held and not options.keep:
                ground.remove()
            else:
                print(f"logs and data are kept in {ground.folder}")
    print(f"{'all of it holds' if held else 'it does not hold'}, {time.monotonic() - began:.0f} seconds")
    return 0 if held else 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
