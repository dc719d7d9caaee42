"""Two orchestrators over one database and broker: one dies or stalls, the other goes on."""

import os
import signal

from tests.lab import payload
from tests.system.story import all_succeeded, campaign, check_end

WAVES = "  - {name: first, count: 3}\n  - {name: rest, remaining: true}"


def two(world):
    """A second orchestrator beside the first; both hear the broker."""
    second = world.add_orchestrator("wavegated-2")
    second.start()
    world.wait("the second one hears the broker",
               lambda: second.log.exists() and "broker connected" in second.log.read_text(), 15)
    return world.orchestrator, second


def holder(world, pair):
    """Who ticks the campaign: the one whose process id its lease names."""
    name = world.db.value("select holder from lease where until > now() - interval '1 day'")
    return next((one for one in pair if name and f":{one.pid}:" in name), None)


def orders_are_single(world):
    """No order was sent under two counters without a new boot or a new offer in between, and no
    counter twice."""
    assert world.db.rows("select device_id, counter from update_order where counter is not null "
                         "group by 1, 2 having count(*) > 1") == []
    assert world.db.rows("select device_id, campaign_id, attempt from update_order "
                         "where kind = 'install' group by 1, 2, 3 having count(*) > 1") == []


def test_the_holder_is_killed(world, fleet_of, release):
    fleet_of(6)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    pair = two(world)
    name = world.apply(campaign("takeover-kill", "2.4.1", WAVES))
    world.wait("the first wave installs", lambda: "installing" in {
        state for state, _ in world.db.places(name).values()})
    first = holder(world, pair)
    token = world.db.value("select token from lease")
    first.kill()
    gate.touch()
    world.wait_campaign(name, "finished")
    assert world.db.value("select token from lease") > token
    check_end(world, name, "2.4.1", all_succeeded(world))
    orders_are_single(world)


def test_the_holder_stalls_and_comes_back(world, fleet_of, release):
    fleet_of(6)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    pair = two(world)
    name = world.apply(campaign("takeover-stall", "2.4.1", WAVES))
    world.wait("the first wave installs", lambda: "installing" in {
        state for state, _ in world.db.places(name).values()})
    first = holder(world, pair)
    os.kill(first.pid, signal.SIGSTOP)
    try:
        gate.touch()
        # what it holds in a transaction is let go by the database, its lease runs out
        world.wait("the other one ticks the campaign",
                   lambda: holder(world, pair) not in (None, first), 25)
        world.wait("the second wave begins", lambda: world.db.value(
            "select count(*) from place where wave = 1 and state <> 'waiting'") > 0,
                   60)  # the broker shares messages out to the stalled one too, until its keep-alive runs out (45 s)
    finally:
        os.kill(first.pid, signal.SIGCONT)
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    orders_are_single(world)
    assert first.alive()


def test_one_that_stops_in_good_order_leaves_no_gap(world, fleet_of, release):
    fleet_of(4)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    pair = two(world)
    name = world.apply(campaign("takeover-stop", "2.4.1"))
    world.wait("it installs", lambda: "installing" in {
        state for state, _ in world.db.places(name).values()})
    first = holder(world, pair)
    assert first.stop() == 0
    assert world.db.value("select until = '-infinity' or holder not like %s from lease",
                          f"%:{first.pid}:%") in (True, "t")
    gate.touch()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
