"""A database is restored from a backup that was taken in the middle of a campaign: docs/operations.md, Backup."""

import json
import os
import re
import subprocess

import pytest

from tests.lab import payload, programs
from tests.lab.database import Database
from tests.lab.postgres import BIN, Postgres
from tests.system import behind
from tests.system.story import DEVICES, all_succeeded, campaign

PAGE = programs.ROOT / "docs/operations.md"


@pytest.fixture(name="spare")
def spare_(world):
    """A fresh cluster, of another machine."""
    folder = world.folder / "spare"
    folder.mkdir(mode=0o755)
    made = Postgres(folder, in_memory=True)
    yield made
    made.stop()
    made.remove()


def commands(section):
    """The command lines of a section of the page."""
    text = PAGE.read_text().split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return [line.strip() for line in re.findall(r"^    (\S.*)$", text, re.M)]


def run(world, line, **settings):
    """A line of the page, by a shell."""
    done = subprocess.run(["sh", "-c", line], cwd=world.folder, capture_output=True, text=True, timeout=60 * programs.SLOWER,
                          env={**os.environ, "PATH": f"{BIN}:{programs.BIN}:{os.environ['PATH']}", **settings})
    assert done.returncode == 0, (line, done.stdout, done.stderr)


def pending(agent):
    """The reports that the device keeps."""
    memory = json.loads((agent.state / "memory.json").read_text())["memory"]
    return memory["pending"]


def go(*agents):
    for agent in agents:
        (agent.state / "go").touch()


@behind.outage
def test_a_campaign_under_way_goes_on_from_a_backup(world, spare, release):
    for device in DEVICES[:6]:
        world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms", health_every="100ms")
    world.start_agents()
    release("2.4.1", install=payload.until_exists('$WAVEGATE_STATE/go'))
    name = world.apply(campaign("backup", "2.4.1", more="pace: {in_flight: 2}\nretry: {attempts: 3, backoff: 1s}"))
    turn = [world.agents[device] for (device,) in world.db.rows("select device_id from place order by rank")]
    done, also, moving, still, later, last = turn
    go(done, also)
    for agent in (moving, still):
        world.wait_place(name, agent.id, "installing", timeout=40)
    dump, make, restore, restored = commands("Backup and restore")
    run(world, dump, DATABASE=world.db.dsn)
    # the fleet goes on, and is acknowledged: none of it is in the backup
    go(moving, later)
    for agent in (moving, later):
        world.wait_place(name, agent.id, "succeeded", timeout=40)
    world.wait_place(name, last.id, "installing", timeout=40)
    told = world.db.value("select report_seq from device where id = %s", moving.id)
    world.wait("it was acknowledged", lambda: not pending(moving))
    assert world.orchestrator.stop() == 0
    world.broker.stop()
    go(still)  # and this while there is no orchestrator at all
    run(world, make, PGHOST=str(spare.folder), PGUSER="wavegate")
    dsn = spare.dsn("wavegate")
    run(world, restore, DATABASE=dsn)
    world.db.close()
    world.db = Database(dsn)
    assert world.db.state_of(name, moving.id) == "installing" and world.db.state_of(name, later.id) == "waiting"
    assert world.db.value("select report_seq from device where id = %s", moving.id) < told
    world.orchestrator.settings["database"] = dsn
    world.orchestrator.write_config()
    run(world, restored, DATABASE=dsn)
    assert world.db.online() == set()
    assert sorted(state for state, _ in world.db.places(name).values()) == ["offered"] * 2 + ["succeeded"] * 2 + ["waiting"] * 2
    assert [line for line in world.db.inconsistencies() if "wave" in line] == []
    world.orchestrator.start()
    world.broker.start()
    go(last)
    world.wait_campaign(name, "finished", 30)
    ends = world.db.places(name)
    assert {state for state, _ in ends.values()} <= {"succeeded", "satisfied"} and len(ends) == 6
    for agent in turn:
        assert agent.version() == "2.4.1"
        assert agent.payload_log().count("boot 2.4.1") == 1, f"{agent.id} was updated twice"
    world.wait("every report that a device keeps is acknowledged", lambda: not any(pending(agent) for agent in turn), 10)
    assert world.db.rows("select campaign_id, wave, state, cause from wave_count where devices < 0") == []
    # orders of the time to come are above those that were given out behind the backup
    release("2.4.2")
    name = world.apply(campaign("after", "2.4.2"))
    world.wait_campaign(name, "finished", 30)
    assert world.db.places(name) == all_succeeded(world)
    world.wait("and these", lambda: not any(pending(agent) for agent in turn), 10)
