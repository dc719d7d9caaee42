"""What docs/operations.md has for campaigns that ended long ago: they go with all that is theirs, and nobody else notices."""

from tests.lab import payload
from tests.system.story import all_succeeded, campaign, check_end
from tests.system.test_backup import commands, go, run


def tables(world):
    """Rows of each campaign in every table that has rows of campaigns."""
    names = [name for (name,) in world.db.rows(
        "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'campaign_id' order by 1")]
    assert {"place", "wave", "update_order", "transition", "wave_count"} <= set(names)
    return {name: dict(world.db.rows(f"select campaign_id, count(*) from {name} group by 1")) for name in names}


def test_campaigns_of_long_ago_go(world, fleet_of, release):
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

    command, = [line for line in commands("What grows, and what bounds it") if line.startswith("psql")]
    run(world, command, DATABASE=world.db.dsn)
    after = tables(world)
    assert not any(gone in rows for rows in after.values())
    assert {name: rows[stays] for name, rows in after.items() if stays in rows} == {
        name: rows[stays] for name, rows in before.items() if stays in rows}
    assert world.db.rows("select name from campaign") == [(new,)]
    go(*agents)
    world.wait_campaign(new, "finished", 60)
    check_end(world, new, "2.4.2", all_succeeded(world))
    assert world.db.value("select count(*) from report where campaign = 'old'") > 0
    assert "old" in world.wavegate("audit", "list", "--campaign", old, operator="vera").stdout
    world.wavegate("audit", "verify", operator="vera")
