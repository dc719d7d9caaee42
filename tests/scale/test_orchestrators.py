"""Three orchestrators over one database and broker, killed and started again at random during a campaign under load."""

import os
import random
import time

from tests.bench.fleet_ground import FleetGround
from tests.lab import fleet, payload
from tests.lab.lab import World
from tests.lab.process import poll
from tests.lab.reporters import KEPT, Reporters
from tests.lab.simulated import COMPONENT
from tests.system.story import DEVICES, all_succeeded, campaign, check_end

SEED = int(os.environ.get("WAVEGATE_SEED", random.randrange(10**6)))
WAVES = "".join(f"  - {{name: w{number}, count: 2, gate: {{success: \">= 100%\", soak: 1s}}}}\n" for number in range(5)) + \
    "  - {name: rest, remaining: true}"
FLEET, LOAD = 12, 60
CORES = 600
MANY = [{"name": "canary", "percent": 5}, {"name": "half", "percent": 45}, {"name": "rest", "remaining": True}]
GATE = {"success": ">= 99%", "soak": "1s"}
AT_WORK = ("--download", "1s..5s", "--install", "1s..2s", "--reboot", "1s..3s", "--soak", "2s", "--health-every", "1s")


def orders_are_single(world):
    assert world.db.rows("select device_id, counter from update_order where counter is not null "
                         "group by 1, 2 having count(*) > 1") == []
    assert world.db.rows("select device_id, campaign_id, attempt from update_order "
                         "where kind = 'install' group by 1, 2, 3 having count(*) > 1") == []


def disturb(several, chance, done, pause=(0.2, 1.2)):
    """Kills one that runs or starts one that does not, now and then, until done(); how many were killed. Sometimes none is
    left for a while."""
    kills = 0
    while not done():
        one = chance.choice(several)
        if one.alive():
            one.kill()
            kills += 1
        else:
            one.start()
        time.sleep(chance.uniform(*pause))  # what is disturbed next must be at work
    return kills


def test_killed_at_random(ground):
    print(f"seed {SEED}: WAVEGATE_SEED={SEED} for the same choices again")
    chance = random.Random(SEED)
    world = World(ground, "killed_at_random", guarded=False)
    load = None
    try:
        several = [world.orchestrator, *(world.add_orchestrator(f"wavegated-{number}") for number in (2, 3))]
        for one in several:
            one.start()
        for device in DEVICES[:FLEET]:
            world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms",
                            health_every="100ms")
        world.start_agents()
        world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
        load = Reporters(world.broker, ground.pki, LOAD).start()
        world.wait("the load is acknowledged", lambda: min(load.acknowledged.values()) > 0, 30)
        name = world.apply(campaign("disturbed", "2.4.1", WAVES))
        deadline = time.monotonic() + 300
        kills = disturb(several, chance, lambda: world.db.campaign_state(name) == "finished" or
                        time.monotonic() > deadline)
        for one in several:
            if not one.alive():
                one.start()
        world.wait_campaign(name, "finished", 60)
        load.settle(world)
        check_end(world, name, "2.4.1", all_succeeded(world))
        orders_are_single(world)
        assert world.db.value("select deadlocks from pg_stat_database where datname = current_database()") == 0
        assert load.lost(world.db.rows(KEPT)) == {}
        takeovers = world.db.value("select max(token) from lease")
        print(f"{kills} killed, the campaign taken over {takeovers} times, {load.total()} reports acknowledged, "
              f"{load.longest_gap():.1f} s at most without one")
        assert kills >= 5 and takeovers > 1
    finally:
        if load:
            load.close()
        world.close()
    assert not world.sanitizer_report()


def test_killed_at_random_among_many(capsys):
    """Six hundred real agent cores are in the campaign: places, orders and counters are what all three are after."""
    chance = random.Random(SEED)
    ground = FleetGround(CORES, flags=AT_WORK, orchestrators=3)
    try:
        several = ground.orchestrators
        ground.configure(orders={"resend": "3s"})
        ground.add_release(COMPONENT, "2.0.0")
        ground.start()
        ground.start_fleet(120)
        ground.apply_campaign("among-many", "2.0.0", MANY, gate=GATE)
        deadline = time.monotonic() + 480
        # devices say again after ten seconds what nobody heard
        kills = disturb(several, chance, lambda: ground.db.campaign_state("among-many") == "finished" or time.monotonic() > deadline,
                        pause=(1, 5))
        for one in several:
            if not one.alive():
                one.start()
        assert poll(lambda: ground.db.campaign_state("among-many") == "finished", 120, 0.5), ground.states("among-many")
        ground.settle()
        assert ground.states("among-many") == {"succeeded": CORES}
        assert ground.problems("among-many") == []
        assert ground.db.value("select deadlocks from pg_stat_database where datname = current_database()") == 0
        takeovers = ground.db.value("select max(token) from lease")
        with capsys.disabled():
            print(f"seed {SEED}: {kills} killed, the campaign taken over {takeovers} times")
        assert kills >= 5 and takeovers > 1
    finally:
        ground.close()
