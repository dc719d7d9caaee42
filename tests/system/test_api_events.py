"""Live events: what is told, to whom, and that nobody who comes back misses or doubles one."""

import threading
import time

import psycopg2
import pytest

from tests.lab import payload
from tests.lab.events import Stream
from tests.lab.process import answers, poll
from tests.system.story import DEVICES


def tell(world, *subjects, kind="campaign"):
    for subject in subjects:
        world.db.rows("insert into change (kind, subject) values (%s, %s)", kind, subject)


class Writers(threading.Thread):
    """Transactions that overlap: each second one commits only behind the one that began after it."""

    def __init__(self, dsn, count):
        super().__init__(daemon=True)
        self.links = [psycopg2.connect(dsn) for _ in range(2)]
        self.count = count
        self.told = 0

    def run(self):
        for number in range(0, self.count, 2):
            for offset, link in enumerate(self.links):
                link.cursor().execute("insert into change (kind, subject) values ('campaign', %s)", (f"c-{number + offset}",))
            self.links[1].commit()
            time.sleep(0.02)
            self.links[0].commit()
            self.told = number + 2


def test_what_happens_is_told(world):
    """A device that comes, a tag, a person: of those who may see it."""
    api = world.start_api()
    stream = Stream(api.as_operator("alice"), "campaigns,devices").open()
    world.add_agent(DEVICES[0], payload.make(world.folder, DEVICES[0].component, DEVICES[0].version))
    world.start_agents()
    device = DEVICES[0].id
    assert poll(lambda: device in stream.subjects("device"), 10), stream.events
    world.db.rows("select wg_audit(null, 'x', 'campaign', 'brake-1', '{}')")
    world.db.rows("select wg_audit(null, 'x', 'release', 'app/1', '{}')")
    assert poll(lambda: "brake-1" in stream.subjects("campaign"), 10), stream.events
    assert not stream.of("release")
    event = stream.of("campaign")[0]
    assert set(event) == {"id", "at", "kind", "subject"} and event["at"].endswith("Z")


def test_back_behind_a_kill_without_a_gap_or_a_double(world):
    api = world.start_api()
    alice = api.as_operator("alice")
    stream = Stream(alice, "campaigns").open()
    writers = Writers(world.db.dsn, 600)
    writers.start()
    kills = 0
    while writers.is_alive() or kills == 0:
        assert poll(lambda: len(stream.events) > 40 * (kills + 1) or not writers.is_alive(), 20)
        if kills == 3:
            break
        kills += 1
        api.kill()
        assert stream.wait_end()
        api.start()
        assert poll(lambda: answers(api.port), 10)
        poll(lambda: alice.get("/readyz", prefix="").status == 200, 10)
        stream.open()
    writers.join()
    expected = [*(f"c-{number}" for number in range(600)), "last"]
    tell(world, "last")  # behind whatever would have come twice
    assert poll(lambda: "last" in stream.subjects("campaign"), 20), len(stream.events)
    assert not stream.of("reset")
    assert sorted(stream.subjects("campaign")) == sorted(expected)
    ids = [event["id"] for event in stream.of("campaign")]
    places = [tuple(map(int, id.split("-"))) for id in ids]
    assert places == sorted(set(places))


def test_two_servers_tell_the_same(world):
    """And who goes from one to the other goes on."""
    one, other = world.start_api("api-1"), world.start_api("api-2")
    streams = [Stream(api.as_operator("alice"), "campaigns").open() for api in (one, other)]
    tell(world, *(f"c-{number}" for number in range(50)))
    assert poll(lambda: all(len(stream.of("campaign")) == 50 for stream in streams), 10)
    assert streams[0].of("campaign") == streams[1].of("campaign")
    again = Stream(other.as_operator("alice"), "campaigns", last=streams[0].of("campaign")[29]["id"]).open()
    assert poll(lambda: again.subjects("campaign") == [f"c-{number}" for number in range(30, 50)], 10), again.events


def test_quiet_is_not_dead_and_a_stop_ends_all_at_once(world):
    api = world.start_api()
    streams = [Stream(api.as_operator("alice")).open() for _ in range(5)]
    assert poll(lambda: all(stream.of("alive") for stream in streams), 30)
    assert "id" not in streams[0].of("alive")[0]
    before = time.monotonic()
    api.terminate()
    # who waits for its end is given ten seconds; streams are ended without
    assert all(stream.wait_end() for stream in streams) and time.monotonic() - before < 9
    assert all(stream.retry == 1000 for stream in streams)
    assert api.stop() == 0


def test_what_is_not_known_any_more_is_a_reset(world):
    tell(world, "before")
    api = world.start_api()
    alice = api.as_operator("alice")
    for last in ("1-1", "nonsense", "999999999999-1"):
        stream = Stream(alice, "campaigns", last=last).open()
        assert poll(lambda: [event["kind"] for event in stream.events] == ["reset"], 10), (last, stream.events)
        tell(world, f"behind-{last}")
        assert poll(lambda: stream.subjects("campaign") == [f"behind-{last}"], 10), (last, stream.events)
        assert stream.last == stream.of("campaign")[0]["id"]
        stream.close()


def test_two_hundred_streams(world):
    api = world.start_api(connections=280, per_address=280)
    alice = api.as_operator("alice")
    streams = [Stream(alice, "campaigns").open() for _ in range(200)]
    tell(world, "c-1")
    assert poll(lambda: all(stream.subjects("campaign") == ["c-1"] for stream in streams), 10)
    refused = [Stream(alice, "campaigns") for _ in range(20)]
    with pytest.raises(AssertionError, match="503.*too many streams"):
        for stream in refused:
            stream.open()
    for stream in streams + refused:
        if hasattr(stream, "answer"):
            stream.close()


def test_thousands_of_devices_are_one_event(world):
    api = world.start_api()
    stream = Stream(api.as_operator("alice"), "devices").open()
    world.db.rows("insert into change (kind, subject) select 'device', 'dev-' || n from generate_series(1, 5000) n")
    assert poll(lambda: stream.of("device"), 10)
    tell(world, "last", kind="device")
    assert poll(lambda: "last" in stream.subjects("device"), 10)
    assert len(stream.of("device")) < 20 and set(stream.subjects("device")) == {None, "last"}


def test_who_may_see_what(world):
    world.db.rows("insert into person (name, grants, made_at, changed_at) values ('sue', %s, now(), now())",
                  '[{"role": "support", "scope": {"regions": ["AT"]}}]')
    for device, region in (("at-1", "AT-9"), ("de-1", "DE-BY")):
        world.db.rows("insert into device (id, region, registered_at) values (%s, %s, now())", device, region)
    api = world.start_api()
    whole = Stream(api.as_operator("alice"), "devices").open()
    part = Stream(api.as_operator("sue"), "campaigns,devices").open()
    tell(world, "de-1", "at-1", "gone-1", kind="device")
    tell(world, "de-1", "at-1", kind="alarm")
    tell(world, "c-1")
    assert poll(lambda: part.subjects("campaign") == ["c-1"], 10)
    assert poll(lambda: len(whole.of("device", "alarm")) == 5, 10)
    assert part.subjects("device", "alarm") == ["at-1", "at-1"]
    assert api.as_operator("alice").get("/events?topics=people").status == 403
    assert api.as_operator("alice").get("/events?topics=devices,fish").status == 400
    assert api.as_nobody().get("/events").status == 401
    # what a person may has changed: they are asked again who they are
    world.db.rows("select wg_audit(null, 'x', 'person', 'sue', '{}')")
    assert part.wait_end() and part.last == world.db.value("select xid || '-' || id from change order by 1 desc limit 1")


def test_a_database_that_dies(world):
    api = world.start_api()
    stream = Stream(api.as_operator("alice"), "campaigns").open()
    tell(world, "c-1")
    assert poll(lambda: stream.subjects("campaign") == ["c-1"], 10)
    world.db.rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'wavegate-api events'")
    tell(world, "c-2")
    assert poll(lambda: stream.subjects("campaign") == ["c-1", "c-2"], 10), stream.events
    assert not stream.of("reset")
