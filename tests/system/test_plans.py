"""The plan of every named statement over a big table: none may scan the table as a whole."""

import hashlib
import json
import re
import shutil
import tempfile
from pathlib import Path

import psycopg2
import pytest

from tests.lab.postgres import Postgres
from tests.lab.programs import ROOT, SLOWER

# Statements and PostgreSQL alone: no program of ours runs here that a sanitizer could look at.
pytestmark = pytest.mark.skipif(SLOWER != 1, reason="nothing here is sanitized")

STORE = ROOT / "orchestrator/store"
BIG = {"device", "device_shown", "device_software", "device_tag", "device_group", "place", "report", "update_order", "rejected", "alarm", "device_log", "audit",
       "software_change"}
DEVICES = 20000

# Statements that are meant to read a big table as a whole, each with its reason.
WHOLE = {
    "plan_stay": "members of waves that have opened, when a person revises a campaign",
    "plan_places": "writes the places of a whole campaign, once, when it is applied",
    "plan_counts": "counts the members of a campaign, once, when it is applied",
    "plan_shares": "describes the whole target, when a person plans",
    "plan_overlaps": "compares the whole target with campaigns under way, when a person plans",
    "plan_habits": "looks at the last updates of a component, when a person plans",
    "plan_crowds": "finds the fullest value of a capped attribute, when a person plans with such a cap",
    "plan_spots": "puts the whole target on a map, when a person asks for one",
    "group_list": "counts the devices of every group, when a person asks",
    "boundary_page": "counts the devices of each boundary of a page, when a person asks",
    "boundary_list": "counts the devices of every boundary, when a person asks",
    "alarm_list": "sorts all open alarms by their last, when a person asks",
    "health_alarm": "counts all open alarms, when a person asks and once a day",
    "fleet_day_begin": "counts the fleet, once a day",
    "fleet_day_versions": "counts the versions of the fleet, once a day",
    "device_fleet": "counts the fleet, a twentieth of the time at most, however many look (api/fleet_counts.h)",
    "plan_outside": "looks at each device of a plan, of a person who may on a part of the fleet alone",
    "campaign_outside": "looks at each device of a campaign, of a person who may on a part of the fleet alone",
    "metrics_figures": "counts the fleet, for a scraper, a twentieth of the time at most",
    "restored_devices": "once, when a database was restored from a backup",
    "export_components": "names the columns of a file of the whole fleet",
    "export_attributes": "names the columns of a file of the whole fleet",
}
# These work on a temporary table that holds a file, which may name the whole fleet.
OF_A_FILE = "import_"

LOAD = f"""
insert into device (id, hardware_model, hardware_revision, hardware_revision_key, region, boot, journal, online,
                    registered_at, seen_at)
select 'dev-' || n, 'model-' || n % 5, 'B', '21B', (array['DE-BY', 'AT-9', 'US-CA'])[1 + n % 3], md5('b' || n),
       md5('j' || n), n % 10 <> 0, now(), now() from generate_series(1, {DEVICES}) n;
update device set updated_at = now() where id not like '%77';
insert into device_software select id, 'app', '1.0.' || length(id), '11101' || length(id) from device;
insert into device_tag select id, 'tag-' || length(id) from device;
insert into device_group select id, 'group-' || length(id) || '-' || right(id, 2) from device;
insert into release values ('app', '2.0.0', '121010~', repeat('a', 64), 10, '', '', now(), 'rita');
insert into campaign (name, digest, text, canonical, component, version, seed, state, state_at, author, statement,
                      author_chain, retry_attempts, retry_backoff, members, created_at)
select 'campaign-' || n, repeat('a', 64), '', '', 'app', '2.0.0', 's', case when n = 20 then 'running' else 'finished' end,
       now(), 'alice', '', '', 1, 1, {DEVICES}, now() from generate_series(1, 20) n;
insert into wave select id, 0, 'all', 'open', now(), '', {DEVICES} from campaign;
insert into place (campaign_id, device_id, wave, rank, state, state_at)
select c.id, d.id, 0, row_number() over (partition by c.id order by d.id),
       case when c.state = 'finished' then case when d.id like '%77' then 'failed' else 'succeeded' end when d.id like '%7' then 'downloading' else 'waiting' end, now()
from campaign c cross join device d where c.id > 15;
insert into update_order (id, campaign_id, device_id, kind, attempt, counter, made_at, open, sent_at)
select gen_random_uuid(), campaign_id, device_id, 'install', 1, campaign_id, now(), state = 'downloading', now() from place;
update place p set order_id = o.id from update_order o where o.campaign_id = p.campaign_id and o.device_id = p.device_id;
insert into report select id, journal, n, now(), '', 'c', 1, 'accepted', '', '' from device, generate_series(1, 3) n;
insert into rejected (received_at, topic, device_id, reason, bytes, length)
select now(), 't', id, 'r', '', 0 from device;
insert into alarm (device_id, kind, count, first_at, last_at, why, cleared_at)
select id, k, 1, now(), now(), '', c from device cross join (values ('flood', null::timestamptz), ('cloned', now())) v(k, c);
insert into alarm (device_id, kind, count, first_at, last_at, why) select id, 'cloned', 1, now(), now(), '' from device limit 20;
insert into device_log (device_id, received_at, journal, seq, source, order_id, campaign, attempt, boot, cut, text)
select id, now(), journal, n, 'agent', gen_random_uuid(), 'c', 1, boot, false, 't' from device, generate_series(1, 3) n;
insert into audit (number, at, actor, kind, subject, detail, previous, hash)
select n, date_trunc('second', now()) + n * interval '1 minute', 'actor-' || n % 7, 'kind-' || n % 5, 'subject-' || n % 900, '{{}}', '', ''
from generate_series(2, {DEVICES}) n;
insert into software_change select now() - interval '30 minutes', id from device;
insert into wave_count select campaign_id, 0, state, '', count(*) from place group by 1, 3;
create temporary table plan_candidate (id text not null, code int not null, cell text collate "C" not null, turn bigint not null,
    region text not null, hardware text not null, version text not null, online boolean not null, seen_at timestamptz,
    placed boolean not null);
insert into plan_candidate select id, -1, '', row_number() over (order by id), region, '', '', online, seen_at, true from device;
create temporary table plan_first (cell text collate "C" primary key, firsts bigint[] not null);
create temporary view plan_device as select *, 0 as wave from plan_candidate;
create temporary table plan_stay (like plan_candidate, wave int not null);
create temporary view plan_member as select * from plan_device;
"""


def statements():
    """Name and text of every statement of the room."""
    for path in sorted((STORE / "sql").glob("*.sql")):
        blocks = re.split(r"^-- name: (\w+)\n", path.read_text(), flags=re.M)
        for name, text in zip(blocks[1::2], blocks[2::2]):
            text = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
            yield name, text.strip().rstrip(";")


def is_over_big_table(text):
    return any(re.search(rf"\b(from|join|into|update)\s+{table}\b", text) for table in BIG)


def is_asked(name, text):
    return is_over_big_table(text) and not name.startswith(OF_A_FILE)


@pytest.fixture(scope="module")
def loaded():
    folder = Path(tempfile.mkdtemp(prefix="wgp-", dir="/tmp"))
    folder.chmod(0o755)
    postgres = Postgres(folder)
    connection = psycopg2.connect(postgres.fresh_database("plans"))
    connection.autocommit = True
    cursor = connection.cursor()
    for migration in sorted((STORE / "migrations").glob("*.sql")):
        cursor.execute(migration.read_text())
    cursor.execute(LOAD)
    cursor.execute("analyze")
    cursor.execute("set plan_cache_mode = force_generic_plan")
    yield cursor
    connection.close()
    postgres.stop()
    shutil.rmtree(folder)


def sample(kind):
    """A value of the type as text; what it is does not matter to a generic plan."""
    return {"text[]": "'{}'", "uuid[]": "'{}'", "bigint[]": "'{}'", "int[]": "'{}'", "boolean[]": "'{}'", "float8[]": "'{}'",
            "jsonb": "'[]'", "bigint": "1", "int": "1", "float8": "1", "double precision": "1",
            "boolean": "true", "timestamptz": "now()", "uuid": "'00000000-0000-0000-0000-000000000001'"}.get(kind, "'dev-1'")


def big_tables(cursor):
    """Each big table and each of its parts in which there is something; and the indexes that have all of its rows."""
    cursor.execute("""
        select t.name, coalesce(array_agg(x.indexrelid::regclass::text) filter (where x.indpred is null), '{}')
        from (select c.oid as id, c.relname as name from pg_class c where c.relkind in ('r', 'p') and c.relname = any(%s)
              union all
              select c.oid, c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
              where i.inhparent::regclass::text = any(%s) and c.reltuples > 0) t
        left join pg_index x on x.indrelid = t.id group by 1""", (sorted(BIG), sorted(BIG)))
    found = dict(cursor.fetchall())
    assert set(found) - BIG, "no part of a table holds anything"
    return set(found), {index for indexes in found.values() for index in indexes}


def scans(plan, big, above=""):
    """What a plan reads as a whole: a table, or an index with all its rows and no condition. The first rows in an order that an index
    has are no whole."""
    tables, indexes = big
    kind = plan["Node Type"]
    if kind == "Seq Scan" and plan["Relation Name"] in tables:
        yield plan["Relation Name"]
    if plan.get("Index Name") in indexes and "Index Cond" not in plan and above != "Limit":
        yield plan["Index Name"]
    for child in plan.get("Plans", []):
        yield from scans(child, big, kind)


def whole(loaded, plan):
    return sorted(set(scans(plan[0]["Plan"], big_tables(loaded))))


@pytest.mark.parametrize("name,text", [pytest.param(n, t, id=n) for n, t in statements() if is_asked(n, t)])
def test_no_statement_scans_a_big_table(loaded, name, text):
    kinds = dict(re.findall(r"\$(\d+)::([a-z0-9]+(?:\[\])?)", text))
    for number in set(re.findall(r"\$(\d+)", text)):
        kinds.setdefault(number, "text")
    arguments = ", ".join(sample(kinds[str(i + 1)]) for i in range(len(kinds)))
    loaded.execute(f"prepare {name} as {text}")
    loaded.execute(f"explain (format json) execute {name}" + (f"({arguments})" if kinds else ""))
    plan = loaded.fetchone()[0]
    plan = plan if isinstance(plan, list) else json.loads(plan)
    found = whole(loaded, plan)
    if name in WHOLE:
        return
    assert not found, f"{name} scans {', '.join(found)} as a whole:\n{json.dumps(plan, indent=1)}"


# As orchestrator/plan/together.c writes it: what runs there may be followed by the companion, or is it already.
COMPANION = """select d.id, case when (exists (select 1 from device_software s where s.device_id = d.id and s.component = $1::text
    and (s.version = $2::text or (true and s.version_key >= $3::text)))) is not true then 1500 else -1 end
    from device d left join device_software r on r.device_id = d.id and r.component = $1::text where true"""


@pytest.mark.parametrize("narrow", ["d.id = $4::text", "d.id = any($5::text[])"])
def test_a_companion_is_looked_up_by_index(loaded, narrow):
    """Of one device, and of the few that have changed."""
    name = "companion_" + str(len(narrow))
    loaded.execute(f"prepare {name}(text, text, text, text, text[]) as {COMPANION} and {narrow}")
    loaded.execute(f"explain (format json) execute {name}('app', '2.0.0', '111010~', 'dev-1', '{{dev-1,dev-2}}')")
    plan = loaded.fetchone()[0]
    plan = plan if isinstance(plan, list) else json.loads(plan)
    assert not whole(loaded, plan), json.dumps(plan, indent=1)


def test_who_has_changed_is_found_by_index(loaded):
    """As orchestrator/store/plan_query.c writes it, of a time in which few have."""
    loaded.execute("""explain (format json) select d.id from device d left join device_software r on r.device_id = d.id
        and r.component = 'app' where true and d.id in (select c.id from device c where c.changed_at >= wg_at(wg_ms(now()) + 60000)
        union select s.device_id from software_change s where s.at >= wg_at(wg_ms(now()) + 60000))
        and not exists (select 1 from place p where p.campaign_id = 20 and p.device_id = d.id) order by d.id limit 1000""")
    plan = loaded.fetchone()[0]
    plan = plan if isinstance(plan, list) else json.loads(plan)
    assert not whole(loaded, plan), json.dumps(plan, indent=1)


def handled(plan):
    """Rows that all steps of a plan have handed on, or looked at and left out. A bitmap's entries may be of rows that are no more, as the
    same transaction left them: those that are there count where they are read."""
    bitmap = plan["Node Type"] == "Bitmap Index Scan"
    rows = 0 if bitmap else sum(plan.get(kind, 0) for kind in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter"))
    return rows * plan["Actual Loops"] + sum(handled(child) for child in plan.get("Plans", []))


def plans_after(loaded, before, asked, then="select 0"):
    """What statements do when these were run before each of them: their plans, and a number that is there afterwards."""
    plans, texts = {}, dict(statements())
    loaded.execute("begin")
    try:
        loaded.execute(before)
        loaded.execute("savepoint before")
        for name, values in asked.items():
            loaded.execute(f"prepare asked as {texts[name]}")
            loaded.execute(f"explain (analyze, format json) execute asked ({values})")
            plan = loaded.fetchone()[0]
            plans[name] = (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]
            loaded.execute(then)
            number = loaded.fetchone()[0]
            loaded.execute("deallocate asked; rollback to before")
    finally:
        loaded.execute("rollback")
        loaded.execute("deallocate all")
        # what was taken back is no part of what the next one reads
        loaded.execute("vacuum place, update_order, device")
    return plans, number


def plan_after(loaded, before, name, values, then="select 0"):
    plans, number = plans_after(loaded, before, {name: values}, then)
    return plans[name], number


def check_reads(plans, most):
    """Names those that handle more rows."""
    excess = {name: handled(plan) for name, plan in plans.items() if handled(plan) >= most}
    assert not excess, f"{excess}: {json.dumps([plans[name] for name in excess], indent=1)}"


def claim_with(loaded, before, *values):
    """A claim's plan, and how many it has offered."""
    return plan_after(loaded, before, "place_claim", ", ".join(values),
                      f"select count(*) from place where campaign_id = {values[0]} and state = 'offered'")


def test_a_cap_for_each_site_costs_no_more_than_its_candidates(loaded):
    """A claim with caps looks at four times as many candidates as it may take: at each of them, not at each for each."""
    plan, offered = claim_with(loaded, "update device set attributes = jsonb_build_object('site', 'site-' || left(id, 7))",
                               "20", "0", "1000", "wg_ms(now())", "null", "false", "'{site}'", "'{50}'", "null")
    in_hand, candidates = DEVICES // 10, 4000
    assert offered == 1000
    assert handled(plan) < 40 * (candidates + in_hand), json.dumps(plan, indent=1)


# Two campaigns over the same devices; when the database has last looked at what its tables hold, nobody waited.
AGAIN = """
update place set state = 'failed' where campaign_id = 20;
analyze place;
insert into campaign (id, name, digest, text, canonical, component, version, seed, state, state_at, author, statement,
                      author_chain, retry_attempts, retry_backoff, members, created_at) overriding system value
select n, 'again-' || n, repeat('a', 64), '', '', 'app', '2.0.0', 's', 'running', now(), 'alice', '', '', 1, 1, 4000, now()
from generate_series(121, 122) n;
insert into wave select id, 0, 'all', 'open', now(), '', 4000 from campaign where id > 120;
insert into wave_count select id, 0, 'waiting', '', 4000 from campaign where id > 120;
insert into place (campaign_id, device_id, wave, rank, state, state_at)
select c.id, d.id, 0, row_number() over (partition by c.id order by d.id), 'waiting', now()
from campaign c cross join (select id from device where online order by id limit 4000) d where c.id > 120;
"""


def test_what_waits_elsewhere_is_looked_up_for_each_candidate(loaded):
    """A campaign that goes first has all of them waiting: each is looked up there, not all of them for each."""
    plan, offered = claim_with(loaded, AGAIN, "122", "0", "1000", "wg_ms(now())", "null", "false", "'{}'", "'{}'", "null")
    assert offered == 0
    assert handled(plan) < 40 * 4000, json.dumps(plan, indent=1)


# A campaign of all devices, half of which have the update in hand, behind thirty in which nobody waits; and when the database has
# last looked at what its tables hold.
HALF = """
update device set online = true, zone = 'Europe/Berlin' where not online or zone <> 'Europe/Berlin';
update place set state = 'failed' where campaign_id = 20;
update update_order set open = false where open;
{0}
insert into campaign (id, name, digest, text, canonical, component, version, seed, state, state_at, author, statement,
                      author_chain, retry_attempts, retry_backoff, members, created_at) overriding system value
select n, 'half-' || n, repeat('a', 64), '', '', 'app', '2.0.0', 's', 'running', now(), 'alice', '', '', 1, 1, 1, now()
from generate_series(91, 121) n;
insert into wave select n, 0, 'all', 'open', now(), '', 1 from generate_series(91, 121) n;
insert into wave_count select n, 0, 'waiting', '', 0 from generate_series(91, 120) n;
insert into place (campaign_id, device_id, wave, rank, state, state_at)
select 121, id, 0, row_number() over (order by md5(id)), 'waiting', now() from device;
{1}
update place set state = 'downloading', check_at = now(), order_id = md5(device_id)::uuid where campaign_id = 121 and rank <= {2};
insert into update_order (id, campaign_id, device_id, kind, attempt, made_at, counter, sent_at)
select order_id, campaign_id, device_id, 'install', 1, now(), 9, now() from place where campaign_id = 121 and order_id is not null;
{3}
"""
LOOKED = {"before it was applied": 0, "when all waited": 1, "now": 3}
ZONES = {"whenever": "null, false", "in a window": "'{Europe/Berlin}', false", "in a window of sites": "'{Europe/Berlin}', true"}


@pytest.mark.parametrize("zones", ZONES)
@pytest.mark.parametrize("looked", LOOKED)
def test_a_claim_reads_no_more_than_it_takes(loaded, looked, zones):
    """However many wait behind, and however many have the update in hand, whatever the planner knows of them."""
    parts = ["analyze place; analyze update_order;" if LOOKED[looked] == part else "" for part in range(4)]
    parts[2] = DEVICES // 2
    standing = "update device set zone_from = 'registry';" if "sites" in zones else ""
    plan, offered = claim_with(loaded, standing + HALF.format(*parts), "121", "0", "100", "wg_ms(now())", *ZONES[zones].split(", "), "'{}'",
                               "'{}'", "86400000")
    assert offered == 100
    assert handled(plan) < 100 * 60, f"{handled(plan)} rows: {json.dumps(plan, indent=1)}"


def read_of(plan, table):
    """Rows that were read of a table."""
    own = 0
    if plan.get("Relation Name") == table:
        own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return own + sum(read_of(child, table) for child in plan.get("Plans", []))


PAGES = {
    "the newest": ("audit_find", {}, 51),
    "far behind": ("audit_find", {2: f"{DEVICES - 15000}"}, 51),
    "of a subject": ("audit_find_subject", {6: "'subject-7'"}, 51),
    "of an actor": ("audit_find_actor", {5: "'actor-3'", 2: "9000"}, 51),
    "of a kind": ("audit_find_kind", {7: "'{kind-2}'"}, 51),
    "of a time": ("audit_find", {3: "wg_ms(now() + interval '3 days')", 4: "wg_ms(now() + interval '4 days')"}, 4400),
    "a text that nobody wrote": ("audit_find", {9: "'nobody'", 10: "1000"}, 1001),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_audit_log_reads_no_more_than_it_shows(loaded, page):
    """Whatever page it is, and however long the log: rows are counted, not planned. Of a time: a day around it, at most."""
    name, given, most = PAGES[page]
    text = dict(statements())[name]
    values = {1: "50", 2: "9223372036854775807", 3: "0", 4: "0", 5: "null", 6: "null", 7: "null", 8: "null", 9: "null",
              10: "51", **given}
    if page == "of a time":
        values[10] = "5000"
    prepared = f"page_{list(PAGES).index(page)}"
    loaded.execute(f"prepare {prepared} as {text}")
    loaded.execute(f"explain (analyze, format json) execute {prepared}({', '.join(values[n] for n in sorted(values))})")
    plan = loaded.fetchone()[0]
    plan = plan if isinstance(plan, list) else json.loads(plan)
    assert 0 < read_of(plan[0]["Plan"], "audit") <= most + 2, json.dumps(plan, indent=1)


@pytest.mark.parametrize("call", ["wg_ms(at)", "wg_at(n)", "wg_order_id('campaign', at, 'dev-1', n, 'install')"])
def test_what_every_row_calls_is_taken_in_by_its_statement(loaded, call):
    """A call of its own costs fifty times as much."""
    loaded.execute(f"explain (verbose, format json) select {call} from (select now() + n * interval '1 s' as at, n "
                   "from generate_series(1, 10::bigint) n) one")
    assert call.partition("(")[0] not in json.dumps(loaded.fetchone()[0])


# As they were before migration 031: orders and times in the database are what these made of them.
BEFORE = ("(extract(epoch from at) * 1000)::bigint",
          "md5('install c ' || extract(epoch from made)::text || ' dev-1 ' || n::text)::uuid", "to_timestamp(n / 1000.0)")


def test_times_and_orders_are_what_they_always_were(loaded):
    """Whole milliseconds of two centuries, and the microseconds of when a campaign was made."""
    moments = ("select date_trunc('milliseconds', timestamptz '1960-01-01 00:00:00.001Z' + n * interval '18 hours 1.234567 s') as at, "
               "timestamptz '1960-01-01Z' + n * interval '18 hours 1.234567 s' as made, n * 60000019 as n from generate_series(1, 100000::bigint) n")
    now = ("wg_ms(at)", "wg_order_id('c', made, 'dev-1', n, 'install')", "wg_at(n)")
    differ = ", ".join(f"count(*) filter (where {ours} is distinct from {theirs})" for ours, theirs in zip(now, BEFORE))
    loaded.execute(f"select count(*), {differ} from ({moments}) one")
    assert loaded.fetchone() == (100000, 0, 0, 0)
    loaded.execute("select wg_ms(null), wg_at(0), wg_at(null)")
    assert loaded.fetchone() == (0, None, None)


# A campaign of all devices, which have the update in hand since just now; none of them is late, gone, ready or quarantined. When
# the database has last looked at what its tables hold, it was not there yet; or no order was open any more; or it never has.
COUNTED = {"places": "analyze place;",
           "what had ended": "update update_order set open = false where open; analyze;",
           "neither places nor orders": "delete from pg_statistic where starelid in ('place'::regclass, 'update_order'::regclass);"
                                        "update pg_class set reltuples = -1, relpages = 0 where oid in ('place'::regclass, 'update_order'::regclass);"}
NEW = f"""
update device set online = true where not online;
update place set state = 'failed' where campaign_id = 20;
{{counted}}
insert into campaign (id, name, digest, text, canonical, component, version, seed, state, state_at, author, statement,
                      author_chain, retry_attempts, retry_backoff, members, created_at) overriding system value
values (121, 'new', repeat('a', 64), '', '', 'app', '2.0.0', 's', 'running', now(), 'alice', '', '', 1, 1, {DEVICES}, now());
insert into wave values (121, 0, 'all', 'open', now(), '', {DEVICES});
insert into place (campaign_id, device_id, wave, rank, state, state_at, check_at, order_id)
select 121, id, 0, row_number() over (order by id), 'installing', now(), now(), gen_random_uuid() from device;
"""
LOOKS = {"place_since": "121, 'offered', wg_ms(now()) - 86400000", "place_going": "121, wg_ms(now()) - 600000",
         "place_ready": "121", "place_quarantined": "121", "place_not_started": "121", "place_preempted": "121, wg_ms(now()), 1000"}


@pytest.mark.parametrize("counted", COUNTED)
def test_a_look_at_a_new_campaign_reads_only_what_is_due(loaded, counted):
    """However many devices have the update in hand."""
    plans, _ = plans_after(loaded, NEW.format(counted=COUNTED[counted]), LOOKS)
    check_reads(plans, 100)


# What a batch asks of its devices and their orders, by what they say.
NAMES = sorted(f"dev-{number}" for number in range(1, DEVICES + 1))[:100]
SOME = f"'{{{','.join(NAMES)}}}'"
ORDERS = f"'{{{','.join(hashlib.md5(name.encode()).hexdigest() for name in NAMES)}}}'"
OF_DEVICES = {
    "device_acknowledge": f"{SOME}, array_fill(true, '{{100}}'), array_fill(null::bigint, '{{100}}'), "
                          "array_fill(null::text, '{100}'), array_fill(false, '{100}'), wg_ms(now())",
    "device_told": SOME,
    "place_in_hand": f"{ORDERS}, {SOME}, array_fill(true, '{{100}}')",
    "place_of_orders": f"{ORDERS}, {SOME}, array_fill(true, '{{100}}')",
    "place_runs_already": SOME,
    "question_answer": "wg_ms(now()), 100",
    "order_close_places": f"array_fill(121::bigint, '{{100}}'), {SOME}",
    "order_close_done": f"{ORDERS}, {SOME}",
    "order_of_devices": f"{SOME}, wg_ms(now()), 100",
    "order_forget_sent": f"{SOME}, '{{}}'",
    "order_take": f"{ORDERS}, wg_ms(now()) + 3600000, 60000, 86400000",
    "order_withdraw": f"array_fill(121::bigint, '{{100}}'), {SOME}, array_fill(1::bigint, '{{100}}'), {ORDERS}, wg_ms(now())",
    "place_asks": f"'{{{','.join(map(str, range(100)))}}}', array_fill(121::bigint, '{{100}}'), {ORDERS}",
    "place_checked": f"121, {SOME}, array_fill(wg_ms(now()), '{{100}}')",
    "place_progress": f"array_fill(121::bigint, '{{100}}'), {SOME}, array_fill(1::bigint, '{{100}}'), array_fill(2::bigint, '{{100}}')",
    "place_update": f"array_fill(121::bigint, '{{100}}'), {SOME}, array_fill('succeeded'::text, '{{100}}'), array_fill(''::text, '{{100}}'), "
                    "array_fill(''::text, '{100}'), array_fill(null::bigint, '{100}'), array_fill(wg_ms(now()), '{100}'), "
                    "array_fill(1::bigint, '{100}'), array_fill(1::bigint, '{100}'), array_fill(0::bigint, '{100}'), "
                    "array_fill(null::bigint, '{100}'), array_fill(null::text, '{100}')",
    "device_hold": SOME,
    "device_clock": f"{SOME}, array_fill(1, '{{100}}')",
    "device_gone": f"{SOME}, array_fill(''::text, '{{100}}'), array_fill(wg_ms(now()), '{{100}}'), array_fill(9::bigint, '{{100}}')",
    "device_software_proven": f"{SOME}, array_fill('app'::text, '{{100}}'), array_fill('3.0.0'::text, '{{100}}'), "
                              "array_fill('1300~'::text, '{100}'), array_fill(''::text, '{100}'), array_fill(''::text, '{100}'), "
                              "array_fill(wg_ms(now()), '{100}')",
    "question_ask": f"{SOME}, array_fill(''::text, '{{100}}'), array_fill(1::bigint, '{{100}}'), array_fill(2::bigint, '{{100}}'), wg_ms(now())",
    "question_seen": f"121, '{{{','.join(name[4:] for name in NAMES)}}}', '{{}}'",
    "alarm_raise": f"{SOME}, array_fill('flood'::text, '{{100}}'), array_fill(1::bigint, '{{100}}'), array_fill(wg_ms(now()), '{{100}}'), "
                   "array_fill(''::text, '{100}')",
    "question_pass": "121",
    "group_add": f"'yard', {SOME}",
    "group_remove": f"'yard', {SOME}",
    "alarm_clear": f"'{NAMES[0]}', null, wg_ms(now()), 'dora', ''",
    "report_known": f"{SOME}, {SOME}, array_fill(2::bigint, '{{100}}'), wg_ms(now())",
}
ASKED = """
update place set order_id = md5(device_id)::uuid where campaign_id = 121;
insert into update_order (id, campaign_id, device_id, kind, attempt, made_at, counter, sent_at)
select order_id, campaign_id, device_id, 'install', 1, now(), 9, now() from place where campaign_id = 121;
insert into device_question (instance, device_id, boot, link, ask, asked_at, seen) overriding system value
select substr(id, 5)::bigint, id, boot, 1, 1, now(), (select array_agg(id) from campaign) from device order by id limit 100;
"""
STANDS = {"waits": "update place set state = 'waiting' where campaign_id = 121;",
          "is offered": "update place set state = 'offered' where campaign_id = 121;",
          "is in hand": ""}
IN_HAND = {"place_gone": "121", "order_withdraw_started": "121, wg_ms(now())", "place_preempted": "121, wg_ms(now()), 1000"}


@pytest.mark.parametrize("counted", COUNTED)
@pytest.mark.parametrize("stand", STANDS)
def test_what_is_asked_of_some_devices_reads_no_others(loaded, stand, counted):
    """However many there are in a new campaign, all of which have an open order: by device, whatever the planner knows."""
    plans, _ = plans_after(loaded, NEW.format(counted=COUNTED[counted]) + STANDS[stand] + ASKED, OF_DEVICES)
    check_reads(plans, 100 * 100)


@pytest.mark.parametrize("counted", COUNTED)
def test_a_look_at_a_new_campaign_reads_only_what_is_in_hand(loaded, counted):
    """However many devices wait."""
    few = "update place set state = 'waiting' where campaign_id = 121 and rank > 50;"
    plans, _ = plans_after(loaded, NEW.format(counted=COUNTED[counted]) + few + ASKED, IN_HAND)
    check_reads(plans, 5000)


# All orders were sent, and none long ago.
SENT = {"order_fresh": "100", "order_due": "wg_ms(now()) - 3600000, 100", "order_unsigned": "121, null", "place_superseded": "121"}


@pytest.mark.parametrize("counted", COUNTED)
def test_a_look_for_orders_reads_only_those_to_send(loaded, counted):
    """However many devices were offered the update."""
    plans, _ = plans_after(loaded, NEW.format(counted=COUNTED[counted]) + STANDS["is offered"] + ASKED, SENT)
    check_reads(plans, 100)


@pytest.mark.parametrize("counted", COUNTED)
def test_what_a_campaign_left_goes_by_device(loaded, counted):
    """The campaign itself leaves what it has with its devices alone; a lot reads no others."""
    gone = NEW.format(counted=COUNTED[counted]) + ASKED + "delete from campaign where id = 16;"
    plan, left = plan_after(loaded, gone, "removal_step", "100", "select count(*) from place where campaign_id = 16")
    assert left == DEVICES - 100
    check_reads({"removal_step": plan}, 100 * 100)
