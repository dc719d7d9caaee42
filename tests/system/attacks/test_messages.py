"""Messages as devices in the field send them: broken, huge, twice, in any order, late."""

import pytest

from tests.lab.mqtt import Puppet
from tests.system.story import DEVICES, campaign

DEVICE = DEVICES[19]
DEEP = "[" * 200 + "]" * 200
BROKEN = {
    "empty": b"",
    "no JSON": b"hello",
    "cut off": b'{"v": 1, "online": tr',
    "no object": b"[1, 2, 3]",
    "not UTF-8": b'{"v": 1, "boot": "\xff\xfe"}',
    "duplicate keys": b'{"v": 1, "v": 1, "online": false, "boot": "' + b"b" * 32 + b'"}',
    "unknown version": b'{"v": 2, "online": false, "boot": "' + b"b" * 32 + b'"}',
    "wrong types": b'{"v": 1, "online": "yes", "boot": 7}',
    "a NUL": b'{"v": 1, "online": false, "boot": "b\x00b"}',
    "deep": DEEP.encode(),
    "much too deep": b"[" * 30_000,
    "too big a number": b'{"v": 1, "journal": "' + b"a" * 32 + b'", "seq": 1e400}',
}
OVERSIZED = (32_769, 100_000, 2_000_000)


@pytest.fixture
def puppet(world):
    with Puppet(world, DEVICE) as made:
        made.hello()
        world.wait("it is online", lambda: DEVICE.id in world.db.online())
        yield made


def rejected(world):
    return world.db.rows("select reason, length, octet_length(bytes) from rejected order by id")


def reports(world):
    return world.db.rows("select seq, state, remark from report order by seq")


def test_malformed_messages_are_recorded(world, puppet):
    for leaf in ("hello", "report"):
        for payload in BROKEN.values():
            puppet.up(leaf, payload)
    world.wait("all of them are recorded", lambda: len(rejected(world)) == 2 * len(BROKEN))
    for reason, length, kept in rejected(world):
        assert reason
        assert kept == min(length, 1024)
    assert DEVICE.id in world.db.online()
    assert world.orchestrator.alive()


@pytest.mark.plain_broker  # ours would not let them through
def test_oversized_messages_are_recorded_and_cut(world, puppet):
    for size in OVERSIZED:
        puppet.up("report", b'{"v": 1, "detail": "' + b"x" * size)
    world.wait("all of them are recorded", lambda: len(rejected(world)) == len(OVERSIZED))
    assert [kept for _, _, kept in rejected(world)] == [1024] * len(OVERSIZED)
    assert all(length > size for (_, length, _), size in zip(rejected(world), OVERSIZED))
    assert world.orchestrator.alive()


def test_a_flood_of_rubbish_loses_no_good_message(world, puppet):
    order = {"id": "00000000-0000-4000-8000-000000000000", "campaign": "none", "attempt": 1}
    for number in range(1, 101):
        puppet.up("report", b"rubbish")
        puppet.report(number, order, "accepted")
    world.wait("every report is committed", lambda: len(reports(world)) == 100)
    world.wait("and acknowledged", lambda: puppet.acknowledged() == 100)
    assert {remark for _, _, remark in reports(world)} == {"unknown order"}


def test_duplicates_and_disorder(world, puppet, release):
    release("2.4.1")
    name = world.apply(campaign("disorder", "2.4.1", target=f"  - device: [{DEVICE.id}]"))
    order = puppet.wait_order()
    for seq, state in ((2, "downloading"), (2, "downloading"), (4, "rebooting"),
                       (3, "installing"), (3, "installing")):
        puppet.report(seq, order, state)
    world.wait("they are committed", lambda: len(reports(world)) == 3)
    assert world.db.state_of(name, DEVICE.id) == "rebooting"
    assert puppet.acknowledged() == 0  # number 1 is missing: nothing may be forgotten yet
    puppet.report(1, order, "accepted")
    world.wait("all four are acknowledged", lambda: puppet.acknowledged() == 4)
    assert world.db.state_of(name, DEVICE.id) == "rebooting"
    puppet.report(6, order, "succeeded", versions={DEVICE.component: "2.4.1"})
    puppet.report(5, order, "probation")
    puppet.report(6, order, "succeeded", versions={DEVICE.component: "2.4.1"})
    world.wait_campaign(name, "finished")
    world.wait("all six are acknowledged", lambda: puppet.acknowledged() == 6)
    assert [seq for seq, _, _ in reports(world)] == [1, 2, 3, 4, 5, 6]
    assert world.db.places(name) == {DEVICE.id: ("succeeded", "")}
    assert world.db.inconsistencies() == []


def test_stale_reports_never_move_a_finished_device(world, puppet, release):
    release("2.4.1")
    name = world.apply(campaign("stale", "2.4.1", target=f"  - device: [{DEVICE.id}]"))
    order = puppet.wait_order()
    puppet.report(1, order, "succeeded")
    world.wait_campaign(name, "finished")
    puppet.report(2, order, "downloading", progress={"bytes": 1, "total": 2})
    puppet.report(3, order, "failed", cause="download", detail="too late")
    puppet.report(4, {**order, "attempt": 7}, "rolled-back", cause="health")
    world.wait("all are acknowledged", lambda: puppet.acknowledged() == 4)
    assert world.db.places(name) == {DEVICE.id: ("succeeded", "")}
    assert [bool(remark) for _, _, remark in reports(world)] == [False, True, True, True]
    assert world.db.inconsistencies() == []


def test_a_report_about_anothers_order_moves_nothing(world, puppet, release):
    release("2.4.1")
    with Puppet(world, DEVICES[18]) as other:
        other.hello()
        world.wait("both are online", lambda: len(world.db.online()) == 2)
        name = world.apply(campaign("theirs", "2.4.1", target=f"  - device: [{other.id}]"))
        order = other.wait_order()
        puppet.report(1, order, "succeeded")
        world.wait("it is acknowledged", lambda: puppet.acknowledged() == 1)
        assert world.db.state_of(name, other.id) == "offered"
        assert [bool(remark) for _, _, remark in reports(world)] == [True]


def test_a_lost_journal_starts_a_new_count(world, puppet):
    order = {"id": "00000000-0000-4000-8000-000000000000", "campaign": "none", "attempt": 1}
    for number in (1, 2, 3):
        puppet.report(number, order, "accepted")
    world.wait("three are acknowledged", lambda: puppet.acknowledged() == 3)
    puppet.journal = "c" * 32
    puppet.hello()
    puppet.report(1, order, "accepted")
    world.wait("the new journal's first is acknowledged", lambda: puppet.acknowledged() == 1)
    assert world.db.value("select count(*) from report") == 4
    assert world.db.inconsistencies() == []


def test_a_stale_last_will_does_not_take_a_device_offline(world, puppet):
    old = puppet.boot
    puppet.boot = "d" * 32
    puppet.hello()
    world.wait("the new boot is known",
               lambda: world.db.value("select boot from device") == puppet.boot)
    puppet.up("hello", {"v": 1, "online": False, "boot": old})
    puppet.up("report", "fence")
    world.wait("it was read", lambda: len(rejected(world)) == 1)
    assert DEVICE.id in world.db.online()
    puppet.up("hello", {"v": 1, "online": False, "boot": puppet.boot})
    world.wait("its own last will counts", lambda: DEVICE.id not in world.db.online())
