"""What docs/operations.md has for campaigns that ended long ago: they go with all that is theirs, and nobody else notices."""

import pytest

from tests.lab import payload
from tests.system.story import all_succeeded, campaign, check_end
from tests.system.test_backup import commands, go, run


def tables(world):
    """Rows of each campaign in every table that has rows of campaigns."""
    names = [name for (name,) in world.db.rows(
        "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'campaign_id' order by 1")]
    assert {"place", "wave", "update_order", "transition", "wave_count"} <= set(names)
    return {name: dict(world.db.rows(f"select campaign_id, count(*) from {name} group by 1")) for name in names}


def by_hand(world):
    command, = [line for line in commands("What grows, and what bounds it") if line.startswith("psql")]
    run(world, command, DATABASE=world.db.dsn)


def by_itself(world):
    world.orchestrator.settings["retention"] = {"campaigns": "730d"}
    world.orchestrator.write_config()
    world.orchestrator.kill()
    world.orchestrator.start()


@pytest.mark.parametrize("removed", [by_hand, by_itself])
def test_campaigns_of_long_ago_go(world, fleet_of, release, removed):
    agents = fleet_of(3)
    release("2.4.1")
    old = world.apply(campaign("old", "2.4.1"))
    world.wait_campaign(old, "finished", 60)
    release("2.4.2", install=payload.until_exists("$WAVEGATE_STATE/go"))
    new = world.apply(campaign("new", "2.4.2"))
    world.wait_place(new, agents[0].id, "installing", timeout=40)
    world.db.rows("update campaign set state_at = now() - interval '3 years' where name in ('old', 'new')")
    gone, stays = (world.db.value("select id from campaign where name = %s", name) for name in (old, new))
    before = tables(world)
    assert all(gone in before[name] and stays in before[name] for name in ("place", "wave", "update_order", "transition"))

    removed(world)
    world.wait("nothing is left of it", lambda: not any(gone in rows for rows in tables(world).values()), 40)
    after = tables(world)
    assert {name: rows[stays] for name, rows in after.items() if stays in rows} == {
        name: rows[stays] for name, rows in before.items() if stays in rows}
    assert world.db.rows("select name from campaign") == [(new,)]
    go(*agents)
    world.wait_campaign(new, "finished", 60)
    check_end(world, new, "2.4.2", all_succeeded(world))
    assert world.db.value("select count(*) from report where campaign = 'old'") > 0
    assert "old" in world.wavegate("audit", "list", "--campaign", old, operator="vera").stdout
    world.wavegate("audit", "verify", operator="vera")


MANY = 20000
# A campaign of long ago over so many devices; what it counted is true.
LONG_AGO = f"""
with old as (
    insert into campaign (name, digest, text, canonical, component, version, seed, state, state_at, author, statement, author_chain,
                          retry_attempts, retry_backoff, members, created_at)
    select 'long-ago', digest, text, canonical, component, version, seed, 'finished', now() - interval '3 years', author, statement, author_chain,
           retry_attempts, retry_backoff, {MANY}, created_at from campaign where name = 'new' returning id
), waves as (
    insert into wave (campaign_id, number, name, state, state_at, cause, members)
    select id, 0, 'all', 'passed', now(), '', {MANY} from old
), orders as (
    insert into update_order (id, campaign_id, device_id, kind, attempt, counter, made_at, open, sent_at)
    select md5(n::text)::uuid, id, 'old-' || n, 'install', 1, 1, now(), false, now() from old, generate_series(1, {MANY}) n
), places as (
    insert into place (campaign_id, device_id, wave, rank, state, state_at, order_id)
    select id, 'old-' || n, 0, n, 'failed', now(), md5(n::text)::uuid from old, generate_series(1, {MANY}) n
)
insert into wave_count (campaign_id, wave, state, cause, devices) select id, 0, 'failed', '', {MANY} from old"""


def test_who_removes_a_large_one_is_killed(world, fleet_of, release):
    """Killed amid it, an orchestrator goes on with what is left; a campaign beside goes through."""
    fleet_of(3)
    release("2.4.1")
    new = world.apply(campaign("new", "2.4.1"))
    world.db.rows("alter table place disable trigger all; alter table update_order disable trigger all")  # of devices that there are not
    world.db.rows(LONG_AGO)
    world.db.rows("alter table place enable trigger all; alter table update_order enable trigger all")
    by_itself(world)

    def left(table="place"):
        return world.db.value(f"select count(*) from {table} where device_id like 'old-%%'")
    world.wait("it is at it", lambda: left() < MANY, 40)
    world.orchestrator.kill()
    amid = left()
    assert 0 < amid < MANY and amid % 500 == 0 and left("update_order") == amid
    assert world.db.rows("select name from campaign") == [(new,)]
    world.orchestrator.start()
    world.wait("nothing is left of it", lambda: left() == 0, 60)
    world.wait("that is told", lambda: 'msg="nothing is left of a campaign" campaign=long-ago' in world.orchestrator.log.read_text())
    assert left("update_order") == 0 and world.db.rows("select 1 from removal") == []
    world.wait_campaign(new, "finished", 60)
    check_end(world, new, "2.4.1", all_succeeded(world))
