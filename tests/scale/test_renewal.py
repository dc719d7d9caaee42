"""Devices get new certificates over several brokers: wavegate-enrol has the same list as wavegated."""

import json

import pytest

from tests.lab import payload, programs
from tests.lab.fleet import Device
from tests.lab.process import Child, poll, tail
from tests.lab.rabbit import Rabbit
from tests.lab.shards import Shards

SERVICE = "wavegate-enrol"
CLIENTS = 2  # of these services, over the same authorities


def made(kind, ground, name):
    def make(folder):
        if kind != "rabbit":
            return Shards(folder, ground.pki, kind == "passed-through")
        folder.mkdir()
        folder.chmod(0o755)
        return Rabbit(folder / "rabbit", ground.pki, [name])
    return make


def enrol(world, number):
    """wavegate-enrol, heard by every broker."""
    pki, folder = world.ground.pki, world.folder / f"enrol-{number}"
    folder.mkdir()
    log, urls = folder / "enrol.log", [broker["url"] for broker in world.broker.settings()]
    (folder / "enrol.json").write_text(json.dumps({
        "brokers": urls, "mqtt": world.broker.mqtt, "ca": str(pki.server_root), "certificate": str(pki.certificate(SERVICE)),
        "key": str(pki.key(SERVICE)), "pki": str(pki.folder)}))
    child = Child(SERVICE, [programs.program(SERVICE), "--config", folder / "enrol.json"], log,
                  env=programs.environment(world.folder))
    assert poll(lambda: log.read_text().count("broker connected") == len(urls), 30), tail(log)
    return child


def live(pki, name):
    listed = json.loads(pki.run("list", "--pki", pki.folder, "--json"))
    return {row["serial"] for row in listed if row["name"] == name and not row["revoked"]}


@pytest.mark.parametrize("kind", ["passed-through", "ended", "rabbit"])
def test_an_agent_renews_by_itself(wide, ground, kind):
    """Its certificate was made seventeen hours ago for a day: two thirds are over."""
    pki, name = ground.pki, f"dev-renews-{kind}"
    if not pki.certificate(SERVICE).exists():
        pki.run("issue", "service", SERVICE, "--pki", pki.folder, "--out", pki.certs)
    done = programs.run(["faketime", "-f", "-17h", programs.program("wavegate-pki"), "issue", "device", name, "--days", "1",
                         "--pki", pki.folder, "--out", pki.certs])
    assert done.returncode == 0, done.stderr
    first = live(pki, name)
    world = wide(made(kind, ground, name))
    services = [enrol(world, number) for number in range(CLIENTS)]
    ground.hosts.add([name])
    device = Device(name, "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich")
    agent = world.add_agent(device, payload.make(world.folder, device.component, device.version), mqtt=world.broker.mqtt)
    agent.start()
    try:
        assert poll(lambda: live(pki, name) and not live(pki, name) & first, 60, every=0.5), tail(agent.log)
        assert poll((agent.state / "identity.pem").exists, 20), tail(agent.log)
        assert poll(lambda: agent.log.read_text().count("msg=connected") == 2, 20), tail(agent.log)
        assert len(live(pki, name)) == 1
    finally:
        agent.stop()
        assert [service.stop() for service in services] == [0] * CLIENTS
