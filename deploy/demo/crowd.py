"""The demo's last act: three hundred devices of `wavegate-fleet`, some of which fail, and a campaign whose gates open by themselves.

They are real agent cores, each with its certificate and its session; what a device does to itself, as a download, takes its time and
does nothing.
"""

import shlex

from tests.lab import payload, simulated
from tests.lab.simulated import QUICK, SimulatedFleet

DEVICES, COMPONENT, OLD, NEW = 300, "telemetry", "1.0.0", "2.0.0"
CAMPAIGN = f"{COMPONENT}-{NEW}"
FILE = f"campaigns/{CAMPAIGN}.yaml"
WAVES = ("canary", "early", "half", "rest")
FLAGS = (*QUICK, "--faults", "install=1%,health=2%", "--connecting", "20", "--seed", "demo")
TIMES = (("order_to_ack", "from an order until the first report about it is acknowledged"),
         ("report_to_ack", "from any report until it is acknowledged"))


def make_payload(folder):
    return payload.make(folder, COMPONENT, NEW)


def start(demo):
    """All are connected, and known to be."""
    world = demo.world
    simulated.provide(world.ground.pki, DEVICES)
    made = SimulatedFleet(world.folder, world.ground.pki, world.broker.fleet_urls(), DEVICES, *FLAGS, component=f"{COMPONENT}={OLD}")
    print(f"\n$ wavegate-fleet run {shlex.join(['--devices', str(DEVICES), '--component', f'{COMPONENT}={OLD}', *FLAGS])}", flush=True)
    made.start()
    try:
        made.wait("all are connected", lambda now: now["connected"] == DEVICES, 60)
        world.wait("the database knows it", lambda: online(world) == DEVICES, 30)
    except BaseException:
        made.kill()
        raise
    demo.say(f"{DEVICES} sessions of mutual TLS; also told: broker, certificates, whose orders count")
    return made


def online(world):
    return world.db.value("select count(*) from device_software s join device d on d.id = s.device_id "
                          "where s.component = %s and d.online", COMPONENT)


def roll_out(demo, fleet):
    demo.wavegate("campaign", "apply", FILE, who="alice")
    demo.wavegate("campaign", "approve", CAMPAIGN, who="bob")
    demo.wavegate("campaign", "status", CAMPAIGN, "--watch", "--until", "end", "--timeout", "90s")
    demo.wavegate("campaign", "failures", CAMPAIGN)
    demo.world.wait("counters agree", lambda: not demo.world.db.inconsistencies(), 15)
    now = fleet.wait("all is acknowledged", lambda now: now["pending"] == 0)
    tell(demo, now)
    return now


def counted(numbers):
    return ", ".join(f"{name} {number}" for name, number in sorted(numbers.items()))


def tell(demo, now):
    print()
    demo.say(f"What the devices say themselves: {counted(now['states'])} (because of {counted(now['causes'])})")
    for name, what in TIMES:
        time = now["latency_ms"][name]
        demo.say(f"{what}: p50 {time['p50']:.0f} ms, p95 {time['p95']:.0f} ms, p99 {time['p99']:.0f} ms")
    demo.say(f"errors: {counted({name: number for name, number in now['errors'].items() if number}) or 'none'}")


def check(checks, world, now):
    """now: the fleet's summary."""
    database = world.db
    places = database.places(CAMPAIGN)
    kinds = {}
    for state, _ in places.values():
        kinds[state] = kinds.get(state, 0) + 1
    checks.equal(f"{CAMPAIGN} has finished", database.campaign_state(CAMPAIGN), "finished")
    checks.equal("all four waves passed their gates", database.wave_states(CAMPAIGN), dict.fromkeys(WAVES, "passed"))
    checks.equal("bob approved its start, and nobody was asked again", database.rows(
        "select operator from approval join campaign c on c.id = campaign_id where c.name = %s", CAMPAIGN), [("bob",)])
    checks.equal(f"how {DEVICES} devices ended is what they say themselves", kinds, now["states"])
    checks.that("some of them failed, as they were told to", 0 < len(places) - kinds.get("succeeded", 0) < DEVICES / 10, kinds)
    checks.equal("who succeeded runs the release, and nobody else", {device for (device,) in database.rows(
        "select device_id from device_software where component = %s and version = %s", COMPONENT, NEW)},
        {device for device, (state, _) in places.items() if state == "succeeded"})
    checks.equal("every order that a device got is one that was made for it", now["counts"]["orders"], database.value(
        "select count(*) from update_order o join campaign c on c.id = o.campaign_id where c.name = %s", CAMPAIGN))
    checks.equal("every report is acknowledged, and stored once", (now["counts"]["reports_acknowledged"], database.value(
        "select count(*) from report where campaign = %s", CAMPAIGN)), (now["counts"]["reports"],) * 2)
    checks.equal("counters, report numbers and acknowledgements agree", database.inconsistencies(), [])
