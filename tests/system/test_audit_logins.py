"""The audit log kept by the database's logins (deploy/postgres/roles.sql): the system at work under logins that may add to it
and not change it, and what they try."""

import json

import psycopg2
import pytest

from tests.lab import fleet, payload, programs
from tests.lab.lab import World
from tests.system.story import DEVICES, all_succeeded, campaign, check_end

BROKEN, CONFLICT = 1, 6
LOGINS = ("wavegate_engine", "wavegate_api")
MIGRATIONS = programs.ROOT / "orchestrator/store/migrations"
ROLES = programs.ROOT / "deploy/postgres/roles.sql"
WAVES = "  - {name: canary, count: 1}\n  - {name: rest, remaining: true}"


def dsn_as(world, login):
    return world.db.dsn.replace("user=wavegate ", f"user={login} ")


def give_roles(world, *settings):
    done = programs.run(["psql", "-X", "-q", "-d", world.db.dsn, *settings, "-f", ROLES])
    assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr


def migrate(world, login="wavegate_owner", expect=0):
    done = programs.run([programs.program("wavegated"), "--migrate", "--database", dsn_as(world, login)],
                        env=programs.environment(world.folder))
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def empty(world):
    """Its database as a site makes it: without tables."""
    world.db.close()
    world.ground.postgres.fresh_database(f"wg_{world.name}")


def restrict(world):
    """Logins as roles.sql makes them; the orchestrator and the commands of people under them."""
    empty(world)
    give_roles(world)
    assert "this login may not change it: run wavegated --migrate" in migrate(world, "wavegate_engine", CONFLICT)
    migrate(world)
    give_roles(world)
    assert migrate(world).startswith("0 migrations applied")
    engine, desk = world.orchestrator, world.add_orchestrator("desk")
    engine.settings["database"] = dsn_as(world, "wavegate_engine")
    desk.settings["database"] = dsn_as(world, "wavegate_api")
    engine.write_config()
    desk.write_config()
    world.start_orchestrator()
    world.orchestrator = desk
    return engine


@pytest.fixture(scope="module")
def kept(ground):
    """After a whole campaign with real devices."""
    world = World(ground, "logins")
    try:
        engine = restrict(world)
        for device in DEVICES[:3]:
            world.add_agent(device, payload.make(world.folder, device.component, device.version),
                            soak="300ms", health_every="100ms")
        world.start_agents()
        world.wavegate("device", "tag", DEVICES[0].id, "+lab", operator="dave")
        world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
        world.apply(campaign("told", "2.4.1", WAVES))
        world.wait_finished("told", 60)
        world.wait_campaign("told", "finished")
        check_end(world, "told", "2.4.1", all_succeeded(world))
        assert "permission denied" not in engine.log.read_text()
        assert "not protected" not in engine.log.read_text()
        yield world
    finally:
        world.close()
    assert not world.sanitizer_report()


def verify(world):
    return json.loads(world.wavegate("audit", "verify", "--json").stdout)


def test_the_log_of_a_whole_campaign_is_protected(kept):
    told = verify(kept)
    assert told["protected"] is True and told["rows"] > 10
    assert "not protected" not in kept.wavegate("audit", "verify").stdout
    rows = json.loads(kept.wavegate("audit", "list", "--json").stdout)
    done = {(row["actor"], row.get("origin"), row["kind"]) for row in rows}
    assert {("dave", "https 127.0.0.1", "tag"), ("alice", "https 127.0.0.1", "revision"),
            ("engine", "engine", "campaign")} <= done


def test_many_devices_come_in_at_once(kept):
    """An import that makes tables' indexes anew, which belong to another login."""
    file = kept.folder / "many.csv"
    file.write_text("id,hardware_model\n" + "".join(f"many-{n},{fleet.COMPONENT}\n" for n in range(30000)))
    assert "30000" in kept.wavegate("device", "import", file, operator="dave").stdout
    assert verify(kept)["protected"] is True


def test_the_api_works_under_its_login(kept):
    """Reads, and writes of people, under the login that may only add to the log."""
    api = kept.start_api()
    ground = kept.ground
    ground.pki.run("issue", "operator", "olga", "--role", "owner", "--pki", ground.pki.folder, "--out", ground.pki.certs)
    olga = api.as_operator("olga")
    everything = olga.every("/audit", limit=7)
    assert [row["number"] for row in everything] == list(range(everything[0]["number"], 0, -1))
    told = olga.every("/audit", actor="dave", kind="tag", q="LAB")
    assert [(row["origin"], row["after"]) for row in told] == [("https 127.0.0.1", {"given": True})]
    assert olga.every("/audit", q="nobody-wrote-this") == []
    denied = api.as_operator("dave").get("/audit")
    assert denied.status == 403
    newest = olga.every("/audit", limit=1000)[0]
    assert (newest["actor"], newest["kind"], newest["origin"]) == ("dave", "refused", "https 127.0.0.1")
    assert olga.get("/campaigns").status == 200 and olga.get("/devices").status == 200
    assert verify(kept)["protected"] is True


DEEDS = [
    "update audit set actor = 'bob' where number = 2",
    "update audit set hash = hash",
    "delete from audit where number = 2",
    "truncate audit",
    "insert into audit select * from audit",
    "insert into audit_told (at, actor, kind, subject, detail) values (now(), 'bob', 'k', 's', '{}')",
    "update audit_told set actor = 'bob'",
    "delete from audit_told",
    "delete from audit_refusal",
    "update audit_refusal set times = 0",
    "copy audit from stdin",
    "lock table audit in exclusive mode",
    "alter table audit disable trigger all",
    "alter table audit_told disable trigger audit_chain",
    "alter table transition disable trigger transition_audit",
    "alter table device disable trigger user",
    "drop trigger transition_audit on transition",
    "create trigger mine before insert on transition for each row execute function wg_audit_device()",
    "create rule mine as on insert to audit_told do instead nothing",
    "alter table audit add column more text",
    "alter table audit owner to current_user",
    "alter table audit rename to other",
    "drop table audit",
    "drop table audit_told cascade",
    "drop schema public cascade",
    "alter schema public rename to other",
    "create table other (n int)",
    "create function wg_audit(text, text) returns void language sql as 'select null'",
    "create or replace function wg_audit_settle() returns void language sql as 'select null'",
    "alter function wg_audit_settle() security invoker",
    "drop function wg_audit_refused(text, text, text, text, jsonb, text)",
    "set session_replication_role = replica",
    "set role wavegate_audit",
    "set role wavegate_owner",
    "set session authorization wavegate_owner",
    "grant wavegate_audit to current_user",
    "alter role current_user superuser",
    "alter database wg_logins owner to current_user",
    "alter default privileges for role wavegate_owner grant all on tables to current_user",
    "do $$ begin perform wg_bulk_make(); end $$",
    "select pg_read_file('/etc/passwd')",
    "copy (select 1) to program 'true'",
]


@pytest.mark.parametrize("login", LOGINS)
def test_what_the_logins_try_is_refused(kept, login, request):
    connection = psycopg2.connect(dsn_as(kept, login))
    request.addfinalizer(connection.close)
    before = kept.db.rows("select * from audit order by number")
    for deed in DEEDS:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            connection.cursor().execute(deed)
            pytest.fail(f"{login} may: {deed}")
        connection.rollback()
    cursor = connection.cursor()
    cursor.execute("grant update, delete on audit to current_user")  # PostgreSQL warns, and grants nothing
    cursor.execute("select has_table_privilege('audit', 'update, delete')")
    assert cursor.fetchone() == (False,)
    connection.rollback()
    assert kept.db.rows("select * from audit order by number")[:len(before)] == before
    assert verify(kept)["protected"] is True


@pytest.mark.parametrize("login", LOGINS)
def test_names_of_the_callers_own_mean_nothing(kept, login):
    """Temporary tables in front of ours, and a search path that finds them first."""
    connection = psycopg2.connect(dsn_as(kept, login))
    cursor = connection.cursor()
    for table in ("audit", "audit_told", "audit_refusal"):
        cursor.execute(f"create temporary table {table} (like public.{table} including all)")
    cursor.execute("create temporary table campaign as select * from public.campaign where false")
    cursor.execute("set search_path = pg_temp, public")
    cursor.execute("insert into transition (campaign_id, at, from_state, to_state, cause, actor) "
                   "select id, now(), state, state, 'shadow', %s from public.campaign limit 1", (login,))
    cursor.execute("select public.wg_audit_refused('x', 'y', 'shadow', 's', null, 'w')")
    connection.commit()
    cursor.execute("select (select count(*) from pg_temp.audit), (select count(*) from pg_temp.audit_told), "
                   "(select count(*) from pg_temp.audit_refusal)")
    assert cursor.fetchone() == (0, 0, 0)
    connection.close()
    assert kept.db.rows("select subject from audit where actor = %s and why = 'shadow'", login) == [("told",)]
    assert verify(kept)["rows"] == kept.db.value("select max(number) from audit")


@pytest.mark.parametrize("login", LOGINS)
def test_the_owner_runs_no_list_of_others(kept, login):
    """wg_bulk_end makes indexes from a temporary list: one that the caller wrote is not run."""
    connection = psycopg2.connect(dsn_as(kept, login))
    cursor = connection.cursor()
    cursor.execute("create temporary table bulk_again (turn int, small boolean, undo text, again text)")
    cursor.execute("insert into bulk_again values (1, false, '', 'delete from public.audit')")
    with pytest.raises(psycopg2.errors.RaiseException):
        cursor.execute("select wg_bulk_end()")
    connection.rollback()
    cursor.execute("create temporary table bulk_again (turn int, small boolean, undo text, again text)")
    with pytest.raises(psycopg2.errors.DuplicateTable):
        cursor.execute("select wg_bulk_begin()")
    connection.close()
    assert verify(kept)["protected"] is True


def test_one_login_that_owns_all_is_told_of(kept):
    """As the tests do, and small sites: the log hangs together, and the login could change it."""
    kept.orchestrator.settings["database"] = kept.db.dsn
    kept.orchestrator.write_config()
    try:
        assert verify(kept)["protected"] is False
        assert "The log is not protected: the database's login wavegate" in kept.wavegate("audit", "verify").stdout
    finally:
        kept.orchestrator.settings["database"] = dsn_as(kept, "wavegate_api")
        kept.orchestrator.write_config()


def test_passwords_are_set(kept):
    give_roles(kept, "-v", "engine_password=e'1", "-v", "api_password=a", "-v", "owner_password=o")
    stored = dict(kept.db.rows("select rolname, rolpassword from pg_authid where rolname ~ '^wavegate_'"))
    assert all(stored[login].startswith("SCRAM-SHA-256$") for login in (*LOGINS, "wavegate_owner"))
    assert stored["wavegate_audit"] is None
    assert not kept.db.value("select rolcanlogin from pg_roles where rolname = 'wavegate_audit'")


def test_logins_are_made_right_while_others_work(kept):
    """Whoever reads tables is not waited for: what is right already is not locked."""
    reader = psycopg2.connect(kept.db.dsn)
    try:
        reader.cursor().execute("select from place, campaign, audit, report limit 1")
        done = programs.run(["psql", "-X", "-q", "-d", f"{kept.db.dsn} options='-c lock_timeout=5s'", "-f", ROLES])
        assert done.returncode == 0, done.stderr
    finally:
        reader.close()


def test_a_log_of_an_earlier_version_goes_on(bare_world):
    """Rows without origin, before, after and why keep the hashes that they have."""
    world = bare_world
    empty(world)
    world.db.rows("create table schema_migration (number bigint primary key, name text not null, "
                  "applied_at timestamptz not null default now())")
    earlier = [path for path in sorted(MIGRATIONS.glob("*.sql")) if path.stem < "019"]
    for number, path in enumerate(earlier, 1):
        world.db.rows(path.read_text().replace("%", "%%"), ())
        world.db.rows("insert into schema_migration (number, name) values (%s, %s)", number, path.stem)
    world.db.rows("select wg_audit(null, 'dave', 'note', 's', '{\"n\": 1, \"reason\": \"old\"}')")
    rows = world.db.rows("select number, hash from audit order by number")
    assert len(rows) == 2
    migrate(world, "wavegate")
    world.wavegate("audit", "verify", "--head", f"2:{rows[1][1]}")
    world.wavegate("device", "tag", "dev-1", "+lab", operator="dave")
    world.wavegate("audit", "verify", "--head", f"2:{rows[1][1]}")
    listed = json.loads(world.wavegate("audit", "list", "--json").stdout)
    assert [(row["number"], row["hash"]) for row in listed[:2]] == rows
    assert not {"origin", "before", "after", "why"} & set(listed[1])
    assert (listed[-1]["kind"], listed[-1]["origin"]) == ("tag", "https 127.0.0.1")
    world.db.rows("update audit set why = 'because' where number = 2")
    assert "row 2 was edited" in world.wavegate("audit", "verify", expect=BROKEN).stderr
