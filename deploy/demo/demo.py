#!/usr/bin/python3
"""`make demo`: two campaigns over 24 real agents and one over 300 simulated devices, told step by step and checked.

Everything a person would do is done with the wavegate command and shown as typed. Exit code 0 means
that the database and the devices' own slots hold exactly what the story says.
"""

import contextlib
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

# pylint: disable=wrong-import-position
from deploy.demo import crowd  # noqa: E402
from tests.lab import fleet, payload, programs  # noqa: E402
from tests.lab.lab import Ground, World  # noqa: E402
from tests.lab.process import LabError, end_on_signals  # noqa: E402

GOOD, BAD = "brake-2.4.1", "brake-2.5.0-bad"
GOOD_FILE, BAD_FILE = f"campaigns/{GOOD}.yaml", f"campaigns/{BAD}.yaml"
PAYLOAD_BYTES = 300_000
PENDING, DENIED, GATE = 3, 4, 7  # exit codes


class Demo:
    def __init__(self, world):
        self.world = world
        self._started = time.monotonic()
        self._step = 0
        self._bold, self._dim, self._plain = ("\033[1m", "\033[2m", "\033[0m") \
            if sys.stdout.isatty() else ("", "", "")

    def step(self, text):
        self._step += 1
        seconds = time.monotonic() - self._started
        print(f"\n{self._bold}{self._step}. {text}{self._plain}"
              f"{self._dim}  ({seconds:.0f} s){self._plain}", flush=True)

    def say(self, text):
        print(f"{self._dim}   {text}{self._plain}", flush=True)

    def wavegate(self, *words, who=None, expect=0):
        """Shows the command as typed, runs it on this terminal, checks its exit code."""
        self.world.orchestrator.serve()
        prompt = f"{who}$" if who else "$"
        print(f"\n{prompt} wavegate {shlex.join(map(str, words))}", flush=True)
        code = subprocess.run(self.world.orchestrator.command(*words, operator=who), cwd=ROOT,
                              stdin=subprocess.DEVNULL, check=False,
                              env=programs.environment(self.world.folder, WAVEGATE_PAGER="cat")).returncode
        if code != expect:
            raise LabError(f"exit code {code}, expected {expect}\n{self.world.logs()}")
        if code:
            self.say(f"exit code {code}, as it should be")


def prepare(ground, world):
    """A repository and a signer, the devices with what they left the factory with, and what will be released."""
    devices = fleet.devices()
    world.trust(approvals=1)
    world.start_signer()
    world.start_orchestrator()
    world.orchestrator.api["web"] = str(programs.DASHBOARD)
    world.orchestrator.serve()
    for device in devices:
        world.add_agent(device, payload.make(ground.folder, fleet.COMPONENT, device.version))
    world.start_agents()
    payload.make(ground.folder, fleet.COMPONENT, "2.4.1", size=PAYLOAD_BYTES)
    payload.make(ground.folder, fleet.COMPONENT, "2.5.0", size=PAYLOAD_BYTES,
                 health=payload.fails("pedal sensor does not answer"))
    crowd.make_payload(ground.folder)


def tell_dashboard(demo):
    server = demo.world.orchestrator.server
    demo.step("The dashboard shows all of it, live. This link makes its first owner, once:")
    print(f"\n   {server.setup_link()}\n")
    demo.say(f"a browser asks whether to trust the certificate, unless it knows the authority {server.root}")


def publish(demo, ground):
    demo.step("Releases: signed offline into a TUF repository, which devices and signer ask, and registered.")
    for version, notes in (("2.4.1", "shorter reaction time"), ("2.5.0", "new pedal sensor")):
        publish_one(demo, ground, fleet.COMPONENT, version, "--hardware", fleet.COMPONENT, "--notes", notes)


def publish_one(demo, ground, component, version, *more):
    repository = demo.world.repository.folder
    release = ["release", "add", ground.folder / f"{component}-{version}", "--component", component, "--version", version, *more]
    demo.wavegate(*release, "--repository", repository)
    demo.wavegate("release", "sign", "--repository", repository)
    demo.wavegate(*release, who="rita")


def quiet(demo):
    demo.step("The fleet, and one device that shall be left in peace.")
    demo.wavegate("device", "tag", fleet.QUIET, f"+{fleet.QUIET_TAG}", who="dave")
    demo.wavegate("device", "list")


def good_campaign(demo):
    demo.step("Plan: who would be hit, wave by wave, and who is left out and why.")
    demo.wavegate("campaign", "plan", GOOD_FILE, expect=PENDING)
    demo.step("Apply. The author cannot approve her own campaign; a second admin can. Devices check his signature.")
    demo.wavegate("campaign", "apply", GOOD_FILE, who="alice")
    demo.wavegate("campaign", "approve", GOOD, who="alice", expect=DENIED)
    demo.wavegate("campaign", "approve", GOOD, who="bob")
    demo.step("The canaries update, then the wave stops at its gate.")
    demo.wavegate("campaign", "status", GOOD, "--watch", "--until", "gate", "--timeout", "60s")
    demo.wavegate("campaign", "approve", GOOD, who="bob")
    demo.wavegate("campaign", "status", GOOD, "--watch", "--until", "end", "--timeout", "60s")


def bad_campaign(demo):
    demo.step("A release that boots and then fails its health check.")
    demo.wavegate("campaign", "apply", BAD_FILE, who="alice")
    demo.wavegate("campaign", "approve", BAD, who="bob")
    demo.wavegate("campaign", "status", BAD, "--watch", "--until", "end", "--timeout", "60s",
                  expect=GATE)


def explanations(demo):
    demo.step("Why? One device that went back to its old slot, and one that was never touched.")
    places = demo.world.db.places(BAD)
    for wanted in ("rolled-back", "withdrawn"):
        device = min(device for device, (state, _) in places.items() if state == wanted)
        demo.wavegate("device", "explain", device, "--campaign", BAD)


class Checks:
    """Each check prints what holds, or what was expected and what was found."""

    def __init__(self):
        self.failed = 0

    def equal(self, what, found, expected):
        self.that(what, found == expected, f"expected {expected!r}, found {found!r}")

    def that(self, what, holds, otherwise):
        if holds:
            print(f"   ok    {what}")
        else:
            self.failed += 1
            print(f"   WRONG {what}: {otherwise}")


def expected_good(devices):
    """The devices that the first campaign hits; all of them succeed."""
    return {device.id: ("succeeded", "") for device in devices
            if not device.region.startswith("FR") and device.id != fleet.QUIET}


def check_good(checks, world, devices):
    database = world.db
    checks.equal(f"{GOOD} has finished", database.campaign_state(GOOD), "finished")
    checks.equal("all three waves passed their gates", database.wave_states(GOOD),
                 {"canary": "passed", "early": "passed", "rest": "passed"})
    checks.equal("20 of 24 devices succeeded, the other four are not in it",
                 database.places(GOOD), expected_good(devices))
    checks.equal("bob alone approved its start, and opened the gate", database.rows(
        "select operator, valid from approval join campaign c on c.id = campaign_id "
        "where c.name = %s", GOOD), [("bob", True)] * 2)
    checks.equal("each device reported its success exactly once", sorted(database.rows(
        "select device_id, count(*) from report where campaign = %s and state = 'succeeded' "
        "group by 1", GOOD)), [(device, 1) for device in sorted(expected_good(devices))])


def check_bad(checks, world, devices):
    """Two failures end it; a third canary may have been under way when the second one came."""
    database = world.db
    order = [device for (device,) in database.rows(
        "select device_id from place join campaign c on c.id = campaign_id "
        "where c.name = %s order by rank", BAD)]
    places = database.places(BAD)
    checks.equal(f"{BAD} is aborted", database.campaign_state(BAD), "aborted")
    checks.that("the failure budget did it", "budget" in (database.value(
        "select cause from campaign where name = %s", BAD) or ""), "the cause says otherwise")
    checks.equal("all 24 devices are in it", sorted(places), [device.id for device in devices])
    harmed = [device for device in order if places[device] == ("rolled-back", "health")]
    checks.that(f"{len(harmed)} canaries went back to their old slot: {', '.join(harmed)}",
                2 <= len(harmed) <= 3 and set(harmed) <= set(order[:3]),
                f"{len(harmed)} devices rolled back; the first canaries are {order[:4]}")
    checks.equal("every other device is withdrawn, untouched",
                 {device: state for device, (state, _) in places.items() if device not in harmed},
                 {device: "withdrawn" for device in places if device not in harmed})


def check_devices(checks, world, devices):
    """What the devices' own slots hold, and that the database says the same."""
    good = expected_good(devices)
    want = {device.id: "2.4.1" if device.id in good else device.version for device in devices}
    held = {agent.id: agent.version() for agent in world.agents.values()}
    checks.equal("every device's slots boot the version they should", held, want)
    checks.equal("no device is marked to boot another slot",
                 {agent.id for agent in world.agents.values() if agent.boots_once()}, set())
    checks.equal("the database knows the same versions", world.db.versions(), want)
    checks.equal("all 24 are online", world.db.online(), set(want))
    untouched = [agent for agent in world.agents.values()
                 if world.db.state_of(BAD, agent.id) == "withdrawn"]
    checks.equal("no untouched device ever booted 2.5.0",
                 [agent.id for agent in untouched if "boot 2.5.0" in agent.payload_log()], [])
    checks.equal("counters, report numbers and acknowledgements agree",
                 world.db.inconsistencies(), [])


def check_dashboard(checks, world):
    """Over HTTPS, as a browser asks: the files that were built, nobody's data without a name, and what a person is shown."""
    server = world.orchestrator.server
    nobody, carol = server.as_nobody(), server.as_operator("carol")
    files = {file.name: nobody.get(f"/{file.name}", prefix="") for file in programs.DASHBOARD.iterdir()}
    page = nobody.get("/", prefix="")
    checks.that(f"{server.url} is the dashboard, as it was built", page.body == (programs.DASHBOARD / "index.html").read_bytes() and all(
        answer.body == (programs.DASHBOARD / name).read_bytes() for name, answer in files.items()), "the files are others")
    checks.that("its page lets no other host in", "default-src 'none'" in (page.headers["Content-Security-Policy"] or ""), page.headers)
    checks.equal("who is not signed in sees no campaign", nobody.get("/campaigns").status, 401)
    checks.equal("signed in, carol sees how both campaigns ended",
                 {row["campaign"]: (row["state"], row["faults"] > 0) for row in carol.read("/campaigns")["items"]},
                 {GOOD: ("finished", False), BAD: ("aborted", True)})
    fleet_now = carol.read("/fleet")
    checks.equal("and the fleet, on the versions that its slots boot",
                 ({row["version"]: row["devices"] for row in fleet_now["versions"]}, fleet_now["devices"]),
                 (dict(Counter(world.db.versions().values())), len(world.agents)))


def check(demo):
    demo.step("Does the database say exactly this?")
    world, devices, checks = demo.world, fleet.devices(), Checks()
    # The last hello and acknowledgement may still be on their way.
    world.wait("the last reports are acknowledged",
               lambda: world.db.online() >= set(world.agents) and not world.db.inconsistencies(),
               10)
    check_good(checks, world, devices)
    check_bad(checks, world, devices)
    check_devices(checks, world, devices)
    check_dashboard(checks, world)
    return checks.failed == 0


def many(demo, ground, started):
    """started: what is ended last; devices stay online for whoever looks at the dashboard."""
    demo.step(f"{crowd.DEVICES} more, simulated: agent cores with their own certificate and session each. Some will fail.")
    publish_one(demo, ground, crowd.COMPONENT, crowd.NEW)
    simulated = crowd.start(demo)
    started.callback(simulated.kill)
    demo.step("One approval, then four waves whose gates open by themselves.")
    now = crowd.roll_out(demo, simulated)
    demo.step("Does the database say what these devices say?")
    checks = Checks()
    crowd.check(checks, demo.world, now)
    return checks.failed == 0


def tell(ground, world, started):
    demo = Demo(world)
    print(f"Run folder: {ground.folder}")
    demo.step("24 agents: four regions, two hardware revisions, two starting versions.")
    prepare(ground, world)
    tell_dashboard(demo)
    publish(demo, ground)
    quiet(demo)
    good_campaign(demo)
    bad_campaign(demo)
    explanations(demo)
    held = [check(demo), many(demo, ground, started)]
    found = world.sanitizer_report()
    if found:
        print(found)
    return all(held) and not found


def stay(world):
    """On a terminal there is somebody who may want to look."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    server = world.orchestrator.server
    link = server.setup_link() if server.as_nobody().read("/sign-in-ways")["setup"] else server.url
    print(f"\nAll of it holds. The dashboard stays until Ctrl-C: {link}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()
    print()


def main():
    end_on_signals()
    began = time.monotonic()
    print("Starting a private PostgreSQL, Mosquitto and nginx, and an authority for them ...",
          flush=True)
    held, interrupted, seconds, ground, world = False, False, 0, None, None
    started = contextlib.ExitStack()
    try:
        ground = Ground([device.id for device in fleet.devices()])
        world = World(ground, "demo")
        held = tell(ground, world, started)
        seconds = time.monotonic() - began
        if held:
            stay(world)
    except KeyboardInterrupt:
        interrupted = True
        print("\nInterrupted: ending what was started.")
    except (LabError, OSError) as problem:
        print(f"\nThe demo failed: {problem}", file=sys.stderr)
    finally:
        started.close()
        if world:
            world.close()
        if ground:
            ground.close()
            if held or interrupted:
                ground.remove()
            else:
                print(f"Logs and data are kept in {ground.folder}")
    if interrupted:
        return 130
    print(f"\n{'All of it holds' if held else 'It does not hold'}, "
          f"{seconds or time.monotonic() - began:.0f} seconds.")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
