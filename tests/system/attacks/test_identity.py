"""Who may speak, and as whom."""

import json
import socket
import ssl
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.lab.mqtt import Client, Puppet, Refused, catch_up, observer, settle
from tests.lab.process import poll
from tests.lab.programs import SLOWER
from tests.system.story import DEVICES, campaign

MINE, OTHER = DEVICES[20], DEVICES[21]

not_rabbit = pytest.mark.mosquitto("RabbitMQ ends the session of who says what it may not: tests/scale/test_rabbit.py",
                                   but=("haproxy-through", "haproxy-ended"))


def fence(world, puppet):
    """Returns when the orchestrator has read all that this device sent before."""
    before = world.db.value("select count(*) from rejected where device_id = %s", puppet.id)
    puppet.up("report", "fence")
    world.wait("the fence arrives", lambda: world.db.value(
        "select count(*) from rejected where device_id = %s", puppet.id) > before)


@not_rabbit
def test_a_device_cannot_speak_for_another(world):
    with Puppet(world, MINE) as mine, Puppet(world, OTHER) as other, observer(world) as ear:
        mine.hello()
        other.hello()
        world.wait("both are online", lambda: world.db.online() >= {MINE.id, OTHER.id})
        branch = f"wg/v1/d/{OTHER.id}"
        forged = json.dumps({"v": 1, "online": False, "boot": other.boot, "forged": True})
        for topic in (f"{branch}/up/hello", f"{branch}/up/report", f"{branch}/down/order",
                      f"{branch}/down/ack", f"wg/v1/d/{MINE.id}/down/order", "wg/v1/other"):
            mine.publish(topic, forged)
        fence(world, mine)
        assert poll(lambda: ear.on(f"wg/v1/d/{MINE.id}/up/report"), 5)  # the fence came through
        assert [topic for topic, payload in ear.messages if b"forged" in payload] == []
        assert OTHER.id in world.db.online()
        assert world.db.value("select count(*) from rejected where device_id = %s", OTHER.id) == 0
        assert other.orders() == []


@not_rabbit
def test_a_device_cannot_read_anothers_orders(world, release):
    with Puppet(world, MINE) as mine, Puppet(world, OTHER) as other:
        mine.subscribe("wg/v1/#")
        mine.subscribe(f"wg/v1/d/{OTHER.id}/down/#")
        other.hello()
        world.wait("it is online", lambda: OTHER.id in world.db.online())
        release("2.4.1")
        world.apply(campaign("peek", "2.4.1", target=f"  - device: [{OTHER.id}]"))
        assert other.wait_order()["device"] == OTHER.id
        fence(world, mine)
        assert [topic for topic, _ in mine.messages if OTHER.id in topic] == []


def test_a_certificate_of_an_unknown_authority_is_refused(world):
    certificate = world.ground.pki.foreign_device(MINE.id)
    with pytest.raises(Refused):
        Client(world.broker, certificate, world.ground.pki.server_root, "foreign")
    with pytest.raises(Refused):
        Client(world.broker, certificate, world.ground.pki.server_root, "foreign", version=4)


def test_no_certificate_is_refused(world):
    context = ssl.create_default_context(cafile=str(world.ground.pki.server_root))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        with socket.create_connection(("localhost", world.broker.port), 5) as raw, \
                context.wrap_socket(raw, server_hostname="localhost") as talk:
            talk.sendall(bytes.fromhex("100c00044d5154540402003c0000"))
            if not talk.recv(4):
                raise ConnectionError("closed")


def test_a_revoked_certificate_is_refused(world):
    revoked = "revoked-01"
    world.ground.pki.issue_devices([revoked])
    certificate = world.ground.pki.certificate(revoked)
    Client(world.broker, certificate, world.ground.pki.server_root, revoked).close()
    world.ground.pki.revoke(revoked)
    world.broker.reload()

    def is_refused():
        try:
            Client(world.broker, certificate, world.ground.pki.server_root, revoked).close()
            return False
        except Refused:
            return True
    assert poll(is_refused, 10)
    Puppet(world, MINE).close()  # the others still may


def test_an_agent_does_not_talk_to_a_broker_of_another_authority(world, fleet_of):
    agent, = fleet_of(1)
    agent.stop()
    world.ground.pki.foreign_device(DEVICES[23].id)
    agent.settings["ca"] = str(world.ground.folder / "foreign-pki/server/root.crt")
    world.wait("it is offline", lambda: agent.id not in world.db.online())
    connections = agent.log.read_text().count("msg=connected")
    agent.start()
    world.wait("it tries and fails", lambda: "not connected" in agent.log.read_text())
    settle(1)
    assert agent.alive()
    assert agent.id not in world.db.online()
    assert agent.log.read_text().count("msg=connected") == connections


def test_the_web_server_gives_nothing_without_a_certificate(world, release):
    release("2.4.1")
    name = world.db.value("select sha256 from release")
    context = ssl.create_default_context(cafile=str(world.ground.pki.server_root))
    with pytest.raises((urllib.error.URLError, ssl.SSLError)):
        urllib.request.urlopen(f"{world.ground.web.url}/{name}", context=context, timeout=10 * SLOWER)
    pki = world.ground.pki
    context.load_cert_chain(pki.certificate(MINE.id), pki.key(MINE.id))
    with urllib.request.urlopen(f"{world.ground.web.url}/{name}", context=context,
                                timeout=10 * SLOWER) as answer:
        assert answer.read().startswith(b"#!/bin/sh")


def test_the_agent_has_no_second_tls_library(world, fleet_of):
    agent, = fleet_of(1)
    mapped = {Path(line.split()[-1]).name for line in
              Path(f"/proc/{agent.pid}/maps").read_text().splitlines() if ".so" in line}
    assert any(name.startswith("libwolfssl") for name in mapped)
    assert [name for name in mapped if name.startswith(("libssl", "libcrypto", "libgnutls"))] == []


def test_an_agent_takes_no_order_that_is_not_signed_for_it(world, fleet_of, release):
    agents = fleet_of(2)
    victim = agents[0]
    release("2.4.1")
    with observer(world) as ear:
        name = world.apply(campaign("signed", "2.4.1", target=f"  - device: [{agents[1].id}]"))
        world.wait_campaign(name, "finished")
        catch_up(ear)
        order = ear.on(f"wg/v1/d/{agents[1].id}/down/order")[0]
        down = f"wg/v1/d/{victim.id}/down/order"
        forged = json.loads(order)
        forged["signed"]["device"] = victim.id
        unsigned = {**forged, "signatures": []}
        for bytes_ in (b"", b"{", b"\xff" * 100, b"[" * 5000, b"x" * 200_000, order,
                       json.dumps(forged), json.dumps(unsigned), json.dumps({"signed": {}})):
            ear.publish(down, bytes_)
            ear.publish(f"wg/v1/d/{victim.id}/down/ack", bytes_)
        ear.publish(f"wg/v1/d/{agents[1].id}/down/order", order)  # once more, when it is over
        settle(1)
    assert victim.alive() and agents[1].alive()
    assert victim.version() == victim.device.version
    assert victim.payload_log() == []
    assert agents[1].payload_log().count("install 2.4.1") == 1
    assert world.db.places(name) == {agents[1].id: ("succeeded", "")}
    # and it still does what it is rightly told
    name = world.apply(campaign("right", "2.4.1", target=f"  - device: [{victim.id}]"))
    world.wait_campaign(name, "finished")
    assert victim.version() == "2.4.1"


def test_a_revoked_device_gets_no_new_order(world, release):
    """Nor the header that an order brings; the other device, told after it, shows that it was its turn."""
    release("2.4.1")
    first, other = (Puppet(world, device) for device in DEVICES[:2])
    for puppet in (first, other):
        puppet.hello()
    world.wait("both are online", lambda: world.db.online() >= {first.id, other.id})
    name = world.apply(campaign("out", "2.4.1"))
    first.wait_order()
    other.wait_order()
    told = world.wavegate("device", "revoke", first.id, "--reason", "stolen", operator="dave").stdout
    assert f"{first.id} is revoked" in told and f"wavegate-pki revoke {first.id}" in told
    for puppet in (first, other):  # a new boot makes any order new, with a new header
        puppet.boot = "c" * 32
        puppet.hello()
    world.wait("the other is told again", lambda: any(order["boot"] == other.boot for order in other.orders()))
    assert not any(order["boot"] == first.boot for order in first.orders())
    assert "is revoked already" in world.wavegate("device", "revoke", first.id, "--reason", "x", operator="dave").stdout
    assert world.db.rows("select actor, detail ->> 'reason' from audit where kind = 'device' and subject = %s",
                         first.id) == [("dave", "stolen")]
    world.wavegate("device", "revoke", first.id, "--reason", "x", operator="sue", expect=4)
    world.wavegate("device", "revoke", "dev-99", "--reason", "x", operator="dave", expect=5)
    world.wavegate("device", "reinstate", first.id, "--reason", "found again", operator="dave")
    world.wait("it is told again", lambda: any(order["boot"] == first.boot for order in first.orders()))
    assert world.db.state_of(name, first.id) == "offered"
