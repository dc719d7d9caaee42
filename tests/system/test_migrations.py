"""Every schema there ever was is brought forward to the present one, with data in it, and nothing is lost or miscounted.

No numbered release has been made so far, so each schema that main has had counts as released: docs/operations.md.
"""

import hashlib
import re

import pytest

from tests.lab import programs
from tests.lab.database import Database
from tests.lab.postgres import MIGRATIONS

FILES = sorted(MIGRATIONS.glob("*.sql"))
NUMBERS = range(1, len(FILES) + 1)
DATA = programs.ROOT / "tests/system/released.sql"
LANDED = programs.ROOT / "tests/system/landed.sha256"

MEANWHILE = r"schema_migration|spatial_ref_sys|report_.*|audit_told|change|webhook_sender"


def pieces():
    """(number, sql) in order."""
    parts = re.split(r"^-- from (\d{3})$", DATA.read_text(), flags=re.M)
    return [(int(number), sql) for number, sql in zip(parts[1::2], parts[2::2])]


def fill(database, number):
    """What a database of that schema holds."""
    for since, sql in pieces():
        if since <= number:
            database.rows(sql)


def columns(database):
    """Table to its columns."""
    rows = database.rows("select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid "
                         "where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 "
                         "and not attisdropped order by 1, a.attnum")
    found = {}
    for table, column in rows:
        if not re.fullmatch(MEANWHILE, table) or table == "report":
            found.setdefault(table, []).append(column)
    return found


def rows_of(database, table, names):
    """The rows of a table in these columns, as sorted text."""
    listed = ", ".join(f'"{name}"' for name in names)
    return sorted(row for (row,) in database.rows(f'select (row({listed}))::text from "{table}"'))


def snapshot(database):
    return {table: (names, rows_of(database, table, names)) for table, names in columns(database).items()}


def structure(database):
    """All that makes the schema, but for tables of months: columns, constraints, indexes, functions, triggers."""
    ours = "not in (select objid from pg_depend where deptype = 'e')"
    parts = (
        f"select 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull::text || ' ' || "
        f"coalesce(pg_get_expr(d.adbin, d.adrelid), '') from pg_class c join pg_attribute a on a.attrelid = c.oid "
        f"left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum "
        f"where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped and c.oid {ours}",
        f"select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint "
        f"where connamespace = 'public'::regnamespace and conrelid <> 0 and oid {ours} and conrelid {ours}",
        f"select 'index', t.relname, c.relname, pg_get_indexdef(c.oid) from pg_index i join pg_class c on c.oid = i.indexrelid "
        f"join pg_class t on t.oid = i.indrelid where c.relnamespace = 'public'::regnamespace and t.oid {ours}",
        f"select 'function', proname, pg_get_function_identity_arguments(oid), pg_get_functiondef(oid) from pg_proc "
        f"where pronamespace = 'public'::regnamespace and prokind = 'f' and oid {ours}",
        "select 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal",
        f"select 'options', relname, '', reloptions::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and oid {ours}")
    return {tuple(bare(word) for word in row) for sql in parts for row in database.rows(sql)
            if not any(re.match(r"report_(\d|before)", str(word)) for word in row[1:3])}


def bare(text):
    """Without comments: the program's copy of a migration has none."""
    return re.sub(r"\s+", " ", re.sub(r"--.*", "", text or ""))


def take(database, number):
    """Runs one migration."""
    path = FILES[number - 1]
    database.rows(f"begin; {path.read_text()}; insert into schema_migration (number, name) values ({number}, '{path.stem}'); commit")


@pytest.fixture(scope="module", name="ladder")
def ladder_(ground):
    """ladder(number): a new database at that schema, empty. Each schema is made once."""
    made = []

    def rung(number):
        while len(made) < number:
            name = f"schema_{len(made) + 1}"
            ground.postgres.run("postgres", f"create database {name} template {made[-1] if made else 'template_wavegate'} strategy file_copy")
            database = Database(ground.postgres.dsn(name))
            if not made:
                database.rows("create table schema_migration (number bigint primary key, name text not null, "
                              "applied_at timestamptz not null default now())")
            take(database, len(made) + 1)
            database.close()
            made.append(name)
        ground.postgres.run("postgres", "drop database if exists wg_released with (force)")
        ground.postgres.run("postgres", f"create database wg_released template {made[number - 1]} strategy file_copy")
        return Database(ground.postgres.dsn("wg_released"))
    yield rung
    for name in ["wg_released", *made]:
        ground.postgres.drop_database(name)


@pytest.fixture(scope="module", name="present")
def present_(ground):
    """What a new installation has."""
    database = Database(ground.postgres.fresh_database("wg_present", migrated=True))
    found = structure(database)
    database.close()
    ground.postgres.drop_database("wg_present")
    return found


def bring_forward(database):
    done = programs.run([programs.program("wavegated"), "--migrate", "--database", database.dsn], timeout=60)
    assert done.returncode == 0, done
    return done


def check_kept(before, database, number):
    """Every row that was there is there, the same in every column that was there."""
    there = columns(database)
    for table, (names, rows) in before.items():
        assert table in there, f"from {number}: table {table} is gone"
        gone = [name for name in names if name not in there[table]]
        assert not gone, f"from {number}: {table} has lost {gone}"
        now = rows_of(database, table, names)
        if table == "audit":
            assert set(rows) <= set(now)
        else:
            assert now == rows, f"from {number}: rows of {table} are others"


UNLIKE_A_RECOUNT = """
    select * from outcome_count where devices <> 0 except
    select p.campaign_id, a.attribute, a.value, count(*) from place p join device d on d.id = p.device_id
    cross join lateral (values ('model', d.hardware_model), ('region', d.region), ('from', p.from_version),
                               ('hardware', case when d.hardware_revision = '' then ''
                                                 else d.hardware_model || '/' || d.hardware_revision end)) a(attribute, value)
    where p.state = 'succeeded' group by 1, 2, 3"""


@pytest.mark.parametrize("number", NUMBERS)
def test_from_each_schema_there_was(number, ladder, present):
    database = ladder(number)
    try:
        fill(database, number)
        assert database.inconsistencies() == []
        before = snapshot(database)
        bring_forward(database)
        check_kept(before, database, number)
        assert database.inconsistencies() == []
        if number < 20:  # counted by the migration; later ones by whoever moves a place
            assert database.value("select count(*) from outcome_count") and database.rows(UNLIKE_A_RECOUNT) == []
        found = structure(database)
        assert found - present == set() and present - found == set()
        assert database.value("select max(number) from schema_migration") == len(FILES)
    finally:
        database.close()


def test_a_database_that_has_lived_through_all_of_them_is_at_work(ladder, bare_world, ground):
    database = ladder(1)
    done = 1
    for since, sql in pieces():
        for number in range(done + 1, since + 1):
            take(database, number)
        done = max(done, since)
        database.rows(sql)
    bring_forward(database)
    assert database.inconsistencies() == []
    chained = database.value("select count(*) from audit")
    assert chained > 10 and database.value("select count(*) from audit_told") == 0
    database.close()
    world = bare_world
    world.db.close()
    ground.postgres.drop_database(f"wg_{world.name}")
    ground.postgres.run("postgres", f'create database "wg_{world.name}" template wg_released strategy file_copy')
    world.start_orchestrator()
    assert " rows hold" in world.wavegate("audit", "verify", operator="vera").stdout
    assert world.db.value("select count(*) from audit") >= chained
    assert "under-way" in world.wavegate("campaign", "list", operator="alice").stdout
    told = world.wavegate("device", "explain", "dev-055").stdout
    assert "under-way" in told
    assert "level=error" not in world.orchestrator.log.read_text()


def test_what_has_landed_is_never_changed():
    """Databases out there have gone through it as it was: what is to be different is a migration of its own, behind all."""
    landed = dict(reversed(line.split()) for line in LANDED.read_text().splitlines())
    for path in FILES:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        assert landed.get(path.name) == found, f"{LANDED.name} wants the line: {found}  {path.name}"
    assert sorted(landed) == [path.name for path in FILES]
