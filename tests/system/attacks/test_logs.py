"""Log excerpts as a device that was taken over would send them: of others, broken, huge, too many, with terminal's words."""

import json
import re

import pytest

from tests.lab.mqtt import Puppet
from tests.system.story import DEVICES, campaign

DEVICE = DEVICES[18]
STRANGER = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def puppet(world):
    with Puppet(world, DEVICE) as made:
        made.hello()
        world.wait("it is online", lambda: DEVICE.id in world.db.online())
        yield made


@pytest.fixture
def order(world, puppet, release):
    release("2.4.1")
    world.apply(campaign("logged", "2.4.1", target=f"  - device: [{DEVICE.id}]"))
    return puppet.wait_order()


def log(puppet, order, seq=1, **more):
    return {"v": 1, "journal": puppet.journal, "seq": seq, "order": order["id"], "campaign": order["campaign"],
            "attempt": order["attempt"], "boot": puppet.boot, "source": "agent", "cut": False, "text": "all is lost\n", **more}


def say(puppet, *arguments, **more):
    puppet.up("log", json.dumps(log(puppet, *arguments, **more)))


def rejected(world):
    return world.db.rows("select topic, reason, octet_length(bytes) from rejected order by id")


def stored(world):
    return world.db.rows("select seq, text from device_log order by id")


def test_broken_logs_are_recorded_without_what_they_hold(world, puppet, order):
    wrong = [b"", b"\xff", b"[1]", json.dumps(log(puppet, order, text="x" * 16385)), json.dumps(log(puppet, order, source="root"))]
    for number, payload in enumerate(wrong):
        puppet.up("log", payload)
        world.wait("it is recorded", lambda number=number: len(rejected(world)) == number + 1)
    assert {(topic, kept) for topic, _, kept in rejected(world)} == {(f"wg/v1/d/{DEVICE.id}/up/log", 0)}
    assert all(reason for _, reason, _ in rejected(world))
    assert stored(world) == []
    world.wait("it is told", lambda: world.orchestrator.log.read_text().count("logs of devices not kept") == len(wrong))


@pytest.mark.mosquitto("it awaits what the guard tells", but=("haproxy-through",))
def test_logs_of_other_devices_orders_are_refused(world, puppet, order):
    other = DEVICES[17]
    with Puppet(world, other) as second:
        second.hello()
        world.wait("it is online", lambda: other.id in world.db.online())
        say(second, order, text="I am another")
        world.wait("it is recorded", lambda: "none of this device's" in str(rejected(world)))
        second.publish(f"wg/v1/d/{DEVICE.id}/up/log", json.dumps(log(puppet, order, text="I am another")))
        world.wait("the guard tells", lambda: world.db.value(
            "select count(*) from alarm where device_id = %s and kind = 'escape'", other.id) == 1)
    say(puppet, {**order, "id": STRANGER})
    say(puppet, order, seq=9, campaign="another-campaign")  # whose it is, our own books say
    world.wait("its own is kept", lambda: [seq for seq, _ in stored(world)] == [9])
    assert world.db.value("select campaign from device_log") == "logged"
    assert len(rejected(world)) == 2


def test_a_flood_of_logs_is_bounded_and_holds_nothing_up(world, puppet, order):
    for seq in range(1, 61):  # at once: the shelf is not emptied in between
        puppet.send(f"wg/v1/d/{puppet.id}/up/log", log(puppet, order, seq=seq, text=f"{seq} " + "x" * 2000))
    puppet.report(1, order, "accepted")
    world.wait("the report is acknowledged", lambda: puppet.acknowledged() == 1)
    world.wait("what found no place is told", lambda: sum(
        int(number) for number in re.findall(r"no_place=(\d+)", world.orchestrator.log.read_text())) + len(stored(world)) == 60)
    assert 4 <= len(stored(world)) < 30
    for seq in range(101, 141):  # one after the other: the newest are kept
        say(puppet, order, seq=seq)
        if seq % 4 == 0:
            world.wait("it is kept", lambda seq=seq: seq in [known for known, _ in stored(world)])
    assert [seq for seq, _ in stored(world)] == list(range(121, 141))
    say(puppet, order, seq=140, text="the same again")
    say(puppet, order, seq=141)
    world.wait("the next is kept", lambda: stored(world)[-1][0] == 141)
    assert "the same again" not in str(stored(world)) and len(stored(world)) == 20


def test_no_log_talks_to_the_terminal(world, puppet, order):
    say(puppet, order, text="\x1b]0;owned\x07\x1b[2J\u202eabc\r\n\x1b[31mred\x1b[0m '; drop table device_log; --\nmine, attempt 1: x\n")
    world.wait("it is kept", lambda: stored(world))
    said = world.wavegate("device", "logs", DEVICE.id).stdout
    assert "\x1b" not in said and "\x07" not in said and "\u202e" not in said and "\r" not in said
    assert "  | ?[31mred?[0m '; drop table device_log; --\n  | mine, attempt 1: x\n" in said, said


def test_secrets_that_a_device_sends_are_not_kept(world, puppet, order):
    say(puppet, order, text="password=hunter2-Zq7Xw9Kp\nhttps://u:Kp4Vn2Tb@h/?m=Rm3Lc6Hd\n")
    world.wait("it is kept", lambda: stored(world))
    assert stored(world)[0][1] == "password=[removed]\nhttps://[removed]@h/?[removed]\n"
