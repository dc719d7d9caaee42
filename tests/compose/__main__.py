"""`make compose-test`: the containers of docker-compose.yml, a whole campaign over them, and parts of it killed and cut off meanwhile.

Exit code 0 means that the database and every device's own slot hold what they should in the end, and that nothing of it was left.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.compose import checks
from tests.compose.project import Project
from tests.lab.engine import Engine, Found, bring_base
from tests.lab.process import LabError, end_on_signals

RELEASE, CHAOS_RELEASE = "2.4.1", "2.4.2"
SERVICES = ("database", "broker", "signer", "orchestrator", "api", "artifacts", "files", "enrol", "factory")
PROGRAMS = ("wavegated", "wavegate-api", "wavegate-signer", "wavegate-files", "wavegate-enrol", "wavegate-pki", "wavegate",
            "wavegate-agent", "wavegate_guard.so")


class Story:
    def __init__(self):
        self._began = self._last = time.monotonic()
        self.wrong = []

    def step(self, text):
        """What was reached, and how long that took."""
        now = time.monotonic()
        print(f"{now - self._began:6.0f} s  {text}  ({now - self._last:.0f} s)", flush=True)
        self._last = now

    def check(self, what, wrong):
        for problem in wrong:
            print(f"          WRONG {what}: {problem}", flush=True)
        if not wrong:
            print(f"          ok    {what}", flush=True)
        self.wrong += wrong


def give_programs(engine, folder):
    """An image of nothing but these programs, stripped; its name."""
    tag = "given-programs:latest"
    with tempfile.TemporaryDirectory() as scratch:
        inside = Path(scratch) / "build/bin"
        inside.mkdir(parents=True)
        for name in PROGRAMS:
            shutil.copy(folder / name, inside)
        subprocess.run(["strip", *inside.iterdir()], check=True)
        engine.ask("import", "-", tag, data=subprocess.run(["tar", "-C", scratch, "-c", "build"], check=True, stdout=subprocess.PIPE).stdout)
    return tag


def build(story, options, project, engine):
    project.compose("-f", "docker-compose.yml", "-f", "deploy/compose.official.yml", "config", "--quiet")
    if options.no_build:
        story.step("images are there")
    else:
        given = give_programs(engine, options.programs) if options.programs else None
        project.build("setup", programs_image=given)
        story.step(f"the first image is built, of programs that {'were there' if given else 'it compiled'}")
        project.build(programs_image=given)
        story.step("images are built")
    sizes = checks.images(engine)
    base = min(sizes.values())
    for tag, size in sorted(sizes.items(), key=lambda one: one[1]):
        print(f"          {tag:32} {size / 1e6:6.0f} MB, {(size - base) / 1e6:4.0f} of them its own", flush=True)
    story.check("no image has a compiler", checks.compilers(engine, sizes))


def bring_up(story, project):
    project.compose("up", "-d", "--no-build", "--scale", f"agent={project.devices}")
    project.wait("every device is online", lambda: len(project.db.online()) == project.devices, 300)
    story.step(f"{project.devices} devices are online")
    project.wait("every service is well", lambda: all(project.healthy(name) for name in SERVICES)
                 and project.healthy("orchestrator") == 2, 120)
    everybody = [container for name in (*SERVICES, "agent") for container in project.containers(name)]
    story.check(f"{len(everybody)} containers: no rights, read-only, limited", checks.hardening(project.inspect(*everybody)))
    story.check("devices are their containers", checks.identities(project))
    again = project.containers("agent")
    project.compose("up", "-d", "--no-build", "--scale", f"agent={project.devices}")
    story.check("a second `up` changes nothing", [] if project.containers("agent") == again else ["devices are other containers"])
    story.step("all of it is as it should be")


def ask_beside(story, project):
    """The command in a container beside the fleet, as the page has it."""
    for words in checks.page_lines():
        if words[0] == "run":
            project.compose("--profile", "campaign", "run", *({"-T"} - set(words)), *words[1:])  # nobody has a terminal here
    project.compose("logs", "api")
    said = project.log.read_text(errors="replace")
    story.check("the commands of docs/compose.md answer",
                [word for word in ("BEGIN CERTIFICATE", f"brake-{RELEASE}", "dev-", "There is no owner yet") if word not in said])


def succeeded(project, release):
    return sum(state == "succeeded" for state, _ in project.db.places(f"brake-{release}").values())


def crash(story, project, service, words):
    """The engine starts it again by itself, and it is well again."""
    wanted = len(project.containers(service))
    container = project.crash(service)
    project.wait(f"{service} is started again", lambda: project.restarted(container), 60)
    project.wait(f"{service} is well again", lambda: project.healthy(service) == wanted, 120)
    story.step(words)


def cut_third(project, release):
    """Of the wave that comes last, as the other waves' gates would wait for them; their containers."""
    order = [device for device, in project.db.rows(
        "select device_id from place p join campaign c on c.id = p.campaign_id where c.name = %s "
        "order by p.state = 'waiting' desc, wave desc, rank", f"brake-{release}")]
    names = set(order[:max(1, len(order) // 3)])
    cut = [one["Id"] for one in project.inspect(*project.containers("agent")) if f"dev-{one['Config']['Hostname']}" in names]
    project.cut_off(cut)
    return cut


def campaign(story, project):
    """Each blow falls when so many devices have succeeded."""
    project.compose("--profile", "campaign", "up", "-d", "--no-build", "--no-deps", "rollout", WAVEGATE_RELEASE=RELEASE)

    def at_least(count):
        project.wait(f"{count} devices have succeeded", lambda: succeeded(project, RELEASE) >= count, 300)

    at_least(1)
    story.step("the first device has it; now the broker is killed")
    crash(story, project, "broker", "the broker is back")
    cut = cut_third(project, RELEASE)
    reachable = project.devices - len(cut)
    story.step(f"{succeeded(project, RELEASE)} have it; {len(cut)} of {project.devices} are cut off, and now an orchestrator is killed")
    crash(story, project, "orchestrator", "the orchestrator is back")
    at_least(reachable // 2 + 1)
    story.step(f"{succeeded(project, RELEASE)} have it; now the database is killed")
    crash(story, project, "database", "the database is back")
    at_least(reachable)
    project.wait("who is cut off is unwell", lambda: project.healthy("agent") == reachable, 180)
    story.step("all that can be reached have it; now the others are joined again")
    project.join_again(cut)
    ended(story, project, RELEASE)


def ended(story, project, release):
    db = project.db
    project.wait("the campaign has finished", lambda: db.campaign_state(f"brake-{release}") == "finished", 300)
    project.wait("the people who made it see that", lambda: project.ended("rollout") is not None, 120)
    project.wait("every device is online", lambda: len(db.online()) == project.devices, 120)
    project.wait("every report is acknowledged", lambda: not db.inconsistencies(), 60)
    story.step(f"the campaign of {release} has finished")
    story.check("rollout ended well", [] if project.ended("rollout") == 0 else [f"exit code {project.ended('rollout')}"])
    story.check(f"all {project.devices} devices have {release}, told it once, and every counter agrees",
                checks.campaign_end(project, release))


def chaos(story, project):
    """A second campaign, with the profile at work: it ends as well."""
    project.compose("--profile", "campaign", "--profile", "chaos", "up", "-d", "--no-build", "--no-deps", "chaos")
    project.wait("chaos has begun", lambda: len(project.said("chaos", " 3 s")) >= 1, 60)
    project.compose("--profile", "campaign", "up", "-d", "--no-build", "--no-deps", "rollout", WAVEGATE_RELEASE=CHAOS_RELEASE)
    project.wait("chaos was at work", lambda: len(project.said("chaos", " 3 s")) >= 6, 180)
    project.compose("--profile", "chaos", "stop", "chaos")
    blows = project.said("chaos", " 3 s")
    story.step(f"{len(blows)} blows of the profile chaos; it has stopped and mended the last")
    print("".join(f"          {line}\n" for line in blows), end="", flush=True)
    ended(story, project, CHAOS_RELEASE)


def tell(story, options, folder, engine):
    print(f"          engine {engine.ask('version', '--format', '{{.Server.Version}}').decode().strip()}, logs in {folder}", flush=True)
    story.step(f"the base image: {bring_base(engine, folder)}")
    name = "wavegate-test" if not isinstance(engine, Found) else f"wavegate-test-{os.getpid()}"
    project = Project(engine, options.compose.split(), name, folder, options.devices)
    project.close()  # what a run that was broken off left, where --engine keeps it
    build(story, options, project, engine)
    try:
        bring_up(story, project)
        campaign(story, project)
        ask_beside(story, project)
        if not options.no_chaos:
            chaos(story, project)
    finally:
        if not options.keep:
            project.close()
            left = engine.ask("ps", "-aq", "--filter", f"label=com.docker.compose.project={name}").decode().split()
            left += engine.ask("volume", "ls", "-q", "--filter", f"label=com.docker.compose.project={name}").decode().split()
            story.step("containers, networks and volumes are gone")
            story.check("nothing is left", left)
            story.check("all lines of docs/compose.md have been run", checks.untyped(project, not options.no_chaos))


def arguments():
    made = argparse.ArgumentParser(prog="make compose-test", description=__doc__)
    made.add_argument("--devices", type=int, default=12, help="of the fleet (12)")
    made.add_argument("--compose", default="docker-compose", help="the command: \"docker compose\", or docker-compose of Debian (that)")
    made.add_argument("--engine", type=Path, help="folder of an engine's data, kept: images need not be built anew")
    made.add_argument("--programs", type=Path, help="folder of a release build: the images compile nothing")
    made.add_argument("--no-build", action="store_true", help="with the images that --engine has")
    made.add_argument("--no-chaos", action="store_true", help="without the second campaign, under the profile chaos")
    made.add_argument("--where-possible", action="store_true", help="exit code 0, and the reason, where no engine may run")
    made.add_argument("--keep", action="store_true", help="leave the project as it is in the end")
    return made.parse_args()


def start_engine(options, folder):
    return Engine(options.engine or folder / "engine") if options.engine or not Found.is_there() else Found()


def main():
    end_on_signals()
    options, story = arguments(), Story()
    folder = Path(tempfile.mkdtemp(prefix="wg-compose-"))
    held = False
    try:
        engine = start_engine(options, folder)
    except LabError as problem:
        print(f"No engine runs here, nothing of docker-compose.yml was tried: {problem}", file=sys.stderr)
        return 0 if options.where_possible else 1
    try:
        tell(story, options, folder, engine)
        held = not story.wrong
    except (LabError, OSError, json.JSONDecodeError) as problem:
        print(f"The test failed: {problem}", file=sys.stderr)
    finally:
        if options.engine:
            engine.stop()
        else:
            engine.remove()
        if held:
            shutil.rmtree(folder)
        else:
            print(f"Logs are kept in {folder}")
    story.step("All of it holds" if held else "It does not hold")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
