"""Downloads where the network is not as one would have it: a proxy, a price, a file that changes."""

import os
import sys

from tests.lab import payload, fleet, programs
from tests.lab.process import Child, poll
from tests.lab.programs import span
from tests.system.story import DOWNLOAD, all_succeeded, campaign, check_end


class Proxy:
    """tests/lab/proxy.py, which wants credentials."""

    def __init__(self, folder):
        self.log, self._port = folder / "proxy.log", folder / "proxy.port"
        self._child = Child("proxy", [sys.executable, "-B", programs.ROOT / "tests/lab/proxy.py", self.log, "u:opensesame"],
                            self._port)
        assert poll(lambda: self._port.read_text().strip(), 10)
        self.url = f"http://127.0.0.1:{self._port.read_text().strip()}"

    def requests(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    def stop(self):
        self._child.kill()


def test_artifact_and_metadata_through_a_proxy(bare_world, ground):
    world = bare_world
    world.trust(0)
    world.start_signer()
    world.start_orchestrator()
    proxy = Proxy(world.folder)
    before = len(ground.web.requests())  # of other tests on the same server
    try:
        secret = world.folder / "proxy.secret"
        secret.write_text("u:opensesame\n")
        secret.chmod(0o600)
        device = fleet.devices()[0]
        agent = world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms",
                                health_every="100ms", proxy=proxy.url, proxy_credentials=str(secret))
        world.start_agents()
        made = payload.make(world.folder, fleet.COMPONENT, "2.4.1")
        world.add_release(made, fleet.COMPONENT, "2.4.1")
        world.repository.add(made, fleet.COMPONENT, "2.4.1")
        name = world.apply(campaign("proxied", "2.4.1"))
        world.wait_campaign(name, "finished")
        check_end(world, name, "2.4.1", all_succeeded(world))
        # every connection to the web server came out of a tunnel: metadata more often than the artifact
        told = proxy.requests()
        assert set(told) == {f"CONNECT localhost:{ground.web.port} HTTP/1.1"}
        asked = [request for request in ground.web.requests()[before:] if f"={device.id}" in request["device"]
                 and (f"/{world.repository.folder.name}/" in request["path"] or made_path(world, request))]
        assert len(told) >= 3 and len(told) >= len(asked) > 0
        assert "opensesame" not in agent.log.read_text()
    finally:
        proxy.stop()


def test_a_broker_behind_the_environments_proxy(bare_world):
    """https_proxy with a password, in the form that Paho takes: the agent's broker is reached through it."""
    world = bare_world
    world.start_orchestrator()
    proxy = Proxy(world.folder)
    try:
        device = fleet.devices()[0]
        agent = world.add_agent(device, payload.make(world.folder, device.component, device.version), broker=world.broker.url)
        agent.environment = {"https_proxy": proxy.url.replace("http://", "u:opensesame@"), "no_proxy": ""}
        world.start_agents()
        world.wait("the device is online", lambda: device.id in world.db.online(), 20)
        assert f"CONNECT localhost:{world.broker.port} HTTP/1.1" in proxy.requests()
        assert "opensesame" not in agent.log.read_text()
    finally:
        proxy.stop()


def made_path(world, request):
    sha256 = world.db.value("select sha256 from release order by added_at desc limit 1")
    return request["path"].endswith(sha256)


def test_a_metered_network_is_waited_out(world, fleet_of, release, ground):
    """What lasts is told to operators, takes no slot and costs no time."""
    metered = world.folder / "metered"
    metered.write_text("yes\n")
    before = len(ground.web.requests())  # of other tests on the same server
    (agent,) = fleet_of(1, download={"metered": "wait", "metered_file": str(metered), "metered_every": "1s", "metered_retry": "2s"})
    release("2.4.1", size=200_000)
    name = world.apply(campaign("metered", "2.4.1").replace(DOWNLOAD, f"download: {span(6)}"))
    world.wait("it waits", lambda: "the network is metered" in agent.log.read_text(), 20)
    world.wait("it is told", lambda: world.db.places(name)[agent.id] == ("waiting", "deferred"), 20)
    # it is asked again every other second, and is on offer then
    for words, told in (("device", "explain", agent.id), "put the update off itself"), (("campaign", "status", name), "put off by"):
        world.wait("people are told", lambda words=words, told=told: all(
            part in text for text in [world.wavegate(*words).stdout] for part in (told, "the network is metered")))
    # longer than a download may last, and through several offers
    told = "select count(*) from report where campaign = %s and state = 'deferred'"
    world.wait("it was asked again", lambda: world.db.value(told, name) >= 3, 40)
    assert not [request for request in ground.web.requests()[before:] if made_path(world, request)]
    metered.write_text("no\n")
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    assert "next try" not in agent.log.read_text()  # no try was spent


def test_a_network_that_is_metered_for_a_moment(world, fleet_of, release):
    """The download waits it out by itself."""
    metered = world.folder / "metered"
    metered.write_text("yes\n")
    (agent,) = fleet_of(1, download={"metered": "wait", "metered_file": str(metered), "metered_every": span(5)})
    release("2.4.1", size=200_000)
    name = world.apply(campaign("metered", "2.4.1"))
    world.wait("it waits", lambda: "the network is metered" in agent.log.read_text(), 20)
    metered.write_text("no\n")
    world.wait_campaign(name, "finished")
    assert world.db.value("select count(*) from report where campaign = %s and state = 'deferred'", name) == 0


def test_a_file_that_changes_while_the_power_is_cut(world, fleet_of, release, ground):
    """What lies there already came of another file: it is not built upon, and the hash need not say so."""
    (agent,) = fleet_of(1)
    release("2.4.1", size=2_000_000)
    path = ground.web.artifacts / world.db.value("select sha256 from release order by added_at desc limit 1")
    good = path.read_bytes()
    path.write_bytes(bytes(byte ^ 1 for byte in good))
    ground.web.limit_rate(20_000, after=300_000)
    part = agent.state / "slots/b/payload.part"
    before = len(ground.web.requests())  # of other tests on the same server
    try:
        name = world.apply(campaign("swapped", "2.4.1"))
        world.wait("a part is there", lambda: part.exists() and part.stat().st_size > 100_000, 20)
        agent.kill()
    finally:
        path.write_bytes(good)
        os.utime(path, (1_000_000_000, 1_000_000_000))  # nginx tells files of one length apart by the second
        ground.web.limit_rate(0)
    agent.start()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    told = agent.log.read_text()
    assert "the file on the server has changed: begun anew" in told
    statuses = [request["status"] for request in ground.web.requests()[before:] if request["path"].endswith(path.name)]
    assert statuses == [206, 200]
