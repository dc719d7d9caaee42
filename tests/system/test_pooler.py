"""Everything behind PgBouncer in transaction mode: wavegated, wavegate-api, migrations, a campaign."""

import psycopg2
import pytest

from tests.lab import fleet, payload
from tests.lab.lab import World
from tests.lab.pooler import Pooler
from tests.lab.postgres import ROLE
from tests.system.story import DEVICES, all_succeeded, campaign, check_end

WAVES = "  - {name: first, count: 2}\n  - {name: rest, remaining: true}"


@pytest.fixture
def pooled(ground, request):
    """A world whose programs reach their database, an empty one, through a pooler with few servers."""
    made = World(ground, request.node.name)
    ground.postgres.fresh_database(f"wg_{made.name}")  # without tables: migrations go through the pooler too
    pooler = Pooler(made.folder / "pgbouncer", f"host={ground.postgres.folder}", ROLE, servers=3)
    made.orchestrator.settings["database"] = pooler.dsn(f"wg_{made.name}")
    made.orchestrator.write_config()
    made.pooler = pooler
    yield made
    made.close()
    pooler.stop()
    assert not made.sanitizer_report()


def add_fleet(world, count):
    for device in DEVICES[:count]:
        world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms",
                        health_every="100ms")
    world.start_agents()


def test_a_campaign_through_the_pooler(pooled):
    world = pooled
    world.start_orchestrator()
    add_fleet(world, 5)
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
    file = world.folder / "through.yaml"
    file.write_text(campaign("through", "2.4.1", WAVES))
    assert "5 of 5" in world.wavegate("campaign", "plan", file, expect=3).stdout
    name = world.apply(file.read_text())
    world.wait("the first wave is at work", lambda: world.db.value(
        "select count(*) from place where state <> 'waiting'") > 0)
    world.pooler.kill()
    world.pooler.start()
    world.wait_campaign(name, "finished", 60)
    check_end(world, name, "2.4.1", all_succeeded(world))
    # each row in the name of whoever acted, though all share the same servers
    assert world.db.value("select actor from audit where kind = 'campaign' and subject = %s order by number limit 1",
                          name) == "alice"
    assert {actor for actor, in world.db.rows("select distinct actor from audit where kind = 'wave'")} == {"engine"}
    world.wavegate("audit", "verify")
    log = world.orchestrator.log.read_text() + world.orchestrator.server.log.read_text()
    assert "prepared statement" not in log and "ERROR" not in log


def test_nothing_of_one_client_is_left_on_a_server(pooled):
    """Settings and prepared statements would be the next client's."""
    world = pooled
    world.start_orchestrator()
    add_fleet(world, 1)
    world.wavegate("device", "tag", "dev-01", "+mine", operator="dave")
    servers = {}
    for _ in range(3):  # all, each to itself: idle ones are taken before new ones are made
        link = psycopg2.connect(world.pooler.dsn(f"wg_{world.name}"))
        with link.cursor() as cursor:
            cursor.execute("select pg_backend_pid(), (select count(*) from pg_prepared_statements), "
                           "coalesce(current_setting('wavegate.actor', true), ''), "
                           "coalesce(current_setting('wavegate.origin', true), ''), "
                           "current_setting('statement_timeout'), (select count(*) from pg_listening_channels())")
            pid, *left = cursor.fetchone()
        servers[pid] = link
        assert left == [0, "", "", "0", 0], pid
    for link in servers.values():
        link.close()
    assert len(servers) == 3
