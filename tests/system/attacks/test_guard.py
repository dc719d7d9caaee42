"""What the broker lets through: wavegate_guard.so in the real Mosquitto, against attacks."""

import json
import shutil
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.lab.broker import Broker
from tests.lab.pki import SERVICE, apart
from tests.lab.process import answers, free_port, poll, stays_false, tail
from tests.lab.programs import ROOT, SLOWER, sanitizer_logs
from tests.lab.wire import NOT_AUTHORIZED, OK, Cut, Wire

pytestmark = pytest.mark.mosquitto("it is about wavegate_guard.so, in a Mosquitto of the test's own")
DEVICES = ["dev-a", "dev-b", "dev-c", "wavegated-x"]
# Small limits, so that a test reaches them soon.
LIMITS = {"device_connects_per_minute": 6000, "device_connect_burst": 1000,
          "device_messages_per_second": 200, "device_message_burst": 300, "device_drops": 50,
          "device_penalty": "1s", "device_subscribes_per_minute": 6000,
          "device_subscribe_burst": 200}
LONGEST = 32768
NOBODY = 0x10  # MQTT 5: taken, and no subscriber


class Site:
    """Authorities and one guarded broker."""

    def __init__(self, folder, pki, options):
        self.pki = pki
        self.broker = Broker(folder, pki, options=options)

    def wire(self, name, client_id=None, version=5, **options):
        """A session that was taken."""
        made = Wire(self.broker, self.pki.server_root, self.pki.certificate(name), version)
        code = made.connect(name if client_id is None else client_id, **options)
        assert code == OK, f"{name}: refused with {code:#x}"
        return made

    def refusal(self, name, client_id=None, version=5, **options):
        """The reason code with which a connect was refused; 0 when it was not."""
        with Wire(self.broker, self.pki.server_root, self.pki.certificate(name), version) as made:
            return made.connect(name if client_id is None else client_id, **options)

    def ear(self, name="ear", topic="wg/v1/#"):
        made = self.wire(SERVICE, f"{SERVICE}-{name}")
        assert made.subscribe(topic) == 1
        return made

    def log(self):
        return Path(self.broker.log).read_text()


@pytest.fixture(scope="module")
def authorities():
    with apart("wg-guard-") as made:
        made.issue_devices(DEVICES)
        yield made


@pytest.fixture
def site_of(authorities, tmp_path_factory):
    """site_of(option=...): a broker of its own, ended with the test."""
    made = []

    def start(**options):
        folder = Path(tempfile.mkdtemp(prefix="wg-guard-"))
        folder.chmod(0o755)
        made.append((folder, Site(folder, authorities, {**LIMITS, **options})))
        return made[-1][1]

    yield start
    for folder, site in made:
        site.broker.stop()
        found = [path.read_text() for path in sanitizer_logs(site.broker.folder)]
        assert not found, found
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def site(site_of):
    return site_of()


def topic(device, leaf):
    return f"wg/v1/d/{device}/{leaf}"


def notices(ear, kind, device):
    """How often the guard has told of it."""
    return sum(json.loads(payload)["count"] for payload in ear.on("wg/v1/guard")
               if json.loads(payload)["kind"] == kind and json.loads(payload)["device"] == device)


def wait_notice(ear, kind, device):
    assert poll(lambda: notices(ear, kind, device), 20), f"no notice of {kind} by {device}"


# Who comes in


def test_the_certificate_is_the_client_id(site):
    with site.ear() as ear:
        assert site.refusal("dev-a", "dev-b") == NOT_AUTHORIZED
        assert site.refusal("dev-a", "") == NOT_AUTHORIZED
        assert site.refusal("dev-a", f"{SERVICE}-1") == NOT_AUTHORIZED
        assert site.refusal("dev-a", "dev-b", version=4) == 5
        assert site.refusal("dev-a") == OK
        wait_notice(ear, "escape", "dev-a")


def test_services_and_devices_do_not_take_each_others_place(site):
    with site.wire("dev-a") as device:
        assert site.refusal(SERVICE, "dev-a") == NOT_AUTHORIZED
        assert device.is_alive()
    # a device whose name an orchestrator's client id might be
    assert site.refusal("wavegated-x") == NOT_AUTHORIZED


def test_nobody_comes_in_by_a_user_name_or_another_method(site):
    # MQTT 5, 4.12: enhanced authentication
    method = b"\x15" + b"\x00\x05PLAIN"
    assert site.refusal("dev-a", "dev-b", properties=method) != OK
    assert site.refusal("dev-a", "dev-b", user="device/dev-b") == NOT_AUTHORIZED
    with site.wire("dev-a", user="orchestrator/wavegated") as device:
        assert device.subscribe("wg/v1/#") == NOT_AUTHORIZED
        assert device.publish(topic("dev-b", "down/order"), "x") == NOT_AUTHORIZED


def test_without_our_certificate_there_is_no_connection(site):
    pki = site.pki
    foreign = pki.foreign_device("dev-a")
    for certificate in (None, foreign, pki.certificate("localhost")):
        with pytest.raises((ssl.SSLError, Cut, ConnectionError)):
            with Wire(site.broker, pki.server_root, certificate) as made:
                made.connect("dev-a")
    # an operator's certificate is of an authority of ours, but not for brokers
    with pytest.raises((ssl.SSLError, Cut, ConnectionError)):
        with Wire(site.broker, pki.server_root, pki.certificate("alice")) as made:
            made.connect("alice")


def test_old_tls_is_refused(site):
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"localhost:{site.broker.port}", "-tls1_1", "-cipher",
         "ALL:@SECLEVEL=0", "-CAfile", str(site.pki.server_root), "-cert",
         str(site.pki.certificate("dev-a")), "-key", str(site.pki.key("dev-a"))],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
    assert "alert protocol version" in done.stderr
    assert site.refusal("dev-a") == OK


# Where they may speak and listen


def test_a_device_keeps_to_its_branch(site):
    escapes = [topic("dev-b", "up/hello"), topic("dev-a", "down/order"), topic("dev-a", "up/other"),
               topic("dev-a", "up"), topic("dev-a", "up/hello/"), topic("dev-a", "up/hello/more"),
               "/" + topic("dev-a", "up/hello"), "wg/v1/d//up/hello", "wg/v1/guard",
               "$SYS/broker/uptime", "$CONTROL/wavegate/v1/revoke", "$CONTROL/dynamic-security/v1",
               "$share/g/" + topic("dev-a", "up/hello")]
    wild = [topic("+", "up/hello"), topic("dev-a", "up/#"), "#"]
    with site.ear() as ear, site.wire("dev-a") as device:
        for at in escapes:
            assert device.publish(at, "forged") == NOT_AUTHORIZED, at
        assert device.publish(topic("dev-a", "up/hello"), "mine") == OK
        for at in wild:  # MQTT 5, 3.3.2.1: not even a topic
            with site.wire("dev-a") as other, pytest.raises(Cut):
                other.publish(at, "forged")
        assert ear.on(topic("dev-a", "up/hello")) == [b"mine"]
        wait_notice(ear, "escape", "dev-a")
        assert [at for at, payload in ear.messages if b"forged" in payload] == []


def test_a_device_hears_its_branch_alone(site):
    with site.wire("dev-a") as device, site.wire(SERVICE) as service:
        for at in ("#", "+/#", "wg/#", "wg/v1/#", "wg/v1/d/+/down/order", "wg/v1/d/dev-b/down/#",
                   "wg/v1/d/dev-a/#", "wg/v1/d/dev-a/+/order", "wg/v1/d/dev-a/up/hello", "$SYS/#",
                   "$share/g/wg/v1/d/dev-a/down/#", "$share/wavegate/wg/v1/d/+/up/hello",
                   "$CONTROL/#", "wg/v1/guard"):
            assert device.subscribe(at) == NOT_AUTHORIZED, at
        assert device.subscribe(topic("dev-a", "down/#")) == 1
        for name in ("dev-a", "dev-b"):
            assert service.publish(topic(name, "down/order"), name) in (OK, NOBODY)
        assert poll(lambda: device.on(topic("dev-a", "down/order")), 10) == [b"dev-a"]
        assert len(device.messages) == 1


def test_the_last_will_keeps_to_the_branch_too(site):
    with site.ear() as ear:
        for version in (5, 4):
            for will in ((topic("dev-b", "up/hello"), "forged", False),
                         (topic("dev-a", "down/order"), "forged", False),
                         (topic("dev-a", "up/hello"), "forged retained", True),
                         (topic("dev-a", "up/hello"), b"x" * (LONGEST + 1), False),
                         ("wg/v1/guard", "forged", False)):
                site.wire("dev-a", version=version, will=will).close()
        site.wire("dev-a", will=(topic("dev-a", "up/hello"), "gone", False)).close()
        assert poll(lambda: ear.on(topic("dev-a", "up/hello")), 10) == [b"gone"]
        assert [at for at, payload in ear.messages if b"forged" in payload] == []


def test_nothing_is_retained(site):
    with site.wire("dev-a") as device, site.wire(SERVICE) as service:
        assert device.publish(topic("dev-a", "up/hello"), "kept", retain=True) == NOT_AUTHORIZED
        assert service.publish(topic("dev-a", "down/order"), "kept", retain=True) == NOT_AUTHORIZED
        assert device.subscribe(topic("dev-a", "down/#")) == 1
        with site.ear() as ear:
            assert device.publish(topic("dev-a", "up/hello"), "new") == OK
            assert poll(lambda: ear.on(topic("dev-a", "up/hello")), 10) == [b"new"]
        assert device.on(topic("dev-a", "down/order")) == []


def test_what_is_too_long_is_refused(site):
    with site.ear() as ear, site.wire("dev-a") as device:
        hello = topic("dev-a", "up/hello")
        assert device.publish(hello, b"x" * LONGEST) == OK
        assert device.publish(hello, b"y" * (LONGEST + 1)) == NOT_AUTHORIZED
        with site.wire("dev-b") as other, pytest.raises(Cut):  # more than any packet may be
            other.publish(topic("dev-b", "up/hello"), b"z" * 1_000_000)
        assert device.is_alive()
        assert poll(lambda: ear.on(hello), 10) == [b"x" * LONGEST]


def test_an_orchestrator_speaks_to_devices_not_for_them(site):
    with site.wire(SERVICE) as service:
        assert service.publish(topic("dev-a", "up/hello"), "x") == NOT_AUTHORIZED
        assert service.publish("wg/v1/guard", "x") == NOT_AUTHORIZED
        assert service.subscribe("$SYS/#") == NOT_AUTHORIZED
        assert service.subscribe("#") == NOT_AUTHORIZED
        assert service.subscribe("$share/wavegate/wg/v1/d/+/up/report") == 1


# How much


def flood(wire, device, qos=0):
    """Speaks until it is cut off; how many messages it got rid of."""
    data = b"".join(wire.message(topic(device, "up/log"), b"f" * 100, qos)[0] for _ in range(100))
    sent = 0
    try:
        while sent < 1_000_000:
            wire.send(data)
            sent += 100
    except Cut:
        pass
    return sent


def effort(site):
    """Seconds that the broker has worked. How long something takes depends on what else the machine does."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{site.broker.pid}/task").glob("*/schedstat")) / 1e9


def efforts(site, wire, device, count):
    """What the broker did from each of so many messages to its PUBACK, one after the other, in order of length: how long the
    device would wait where nothing else runs."""
    taken = []
    for number in range(count):
        begin = effort(site)
        assert wire.publish(topic(device, "up/report"), str(number)) in (OK, NOBODY)
        taken.append(effort(site) - begin)
    return sorted(taken)


def test_a_flood_is_cut_and_harms_nobody(site_of):
    site = site_of(device_penalty="1m")
    with site.ear(topic="wg/v1/guard") as guard, site.ear("all", "wg/v1/d/+/up/#"), \
            site.wire("dev-b") as other:
        quiet = efforts(site, other, "dev-b", 100)
        flooder = site.wire("dev-a")
        begin = effort(site)
        sent = flood(flooder, "dev-a")
        cut_after = effort(site) - begin
        assert site.refusal("dev-a") == NOT_AUTHORIZED
        busy = efforts(site, other, "dev-b", 100)
        wait_notice(guard, "flood", "dev-a")
        assert sent < 1_000_000 and cut_after < 2 * SLOWER
        assert busy[95] < max(0.05 * SLOWER, 5 * quiet[95]), (quiet[95], busy[95])
        assert other.is_alive()


@pytest.mark.parametrize("storm", ["messages", "subscriptions"])
def test_who_was_cut_is_taken_again_when_its_time_is_over(site_of, storm):
    site = site_of(device_subscribes_per_minute=60)
    with site.wire("dev-a") as device:
        if storm == "messages":
            flood(device, "dev-a")
        else:
            subscribe_until_cut(device, "dev-a", "down/#")
    assert poll(lambda: site.refusal("dev-a") == OK, 20, every=0.2)


def test_floods_that_go_on_do_not_slow_others(site):
    """Devices that come back and flood whenever they may, while another one goes on working."""
    with site.ear(topic="wg/v1/d/+/up/#"), site.wire("dev-b") as other:
        quiet = efforts(site, other, "dev-b", 150)
        end = time.monotonic() + 30 * SLOWER
        busy = []
        floods = 0
        while floods < 4:
            assert time.monotonic() < end, floods
            for name in ("dev-a", "dev-c"):
                try:
                    with site.wire(name) as flooder:
                        floods += 1
                        data, _ = flooder.message(topic(name, "up/log"), b"f" * 1000, 0)
                        flooder.send(data * 1000)
                        busy += efforts(site, other, "dev-b", 20)
                except (AssertionError, Cut):
                    pass
                busy += efforts(site, other, "dev-b", 5)
                time.sleep(0.05)
        busy.sort()
        assert busy[int(len(busy) * 0.95)] < max(0.05 * SLOWER, 5 * quiet[142]), busy[-10:]


def test_what_was_not_taken_is_not_acknowledged_as_taken(site_of):
    site = site_of(device_message_burst=10, device_messages_per_second=1)
    with site.ear(topic="wg/v1/d/+/up/#") as ear, site.wire("dev-a") as new:
        codes = []
        while NOT_AUTHORIZED not in codes and len(codes) < 200:  # one more a second
            codes.append(new.publish(topic("dev-a", "up/report"), str(len(codes))))
        codes.append(new.publish(topic("dev-a", "up/report"), str(len(codes))))
        assert codes[:10] == [OK] * 10 and NOT_AUTHORIZED in codes[10:]
        taken = [str(i).encode() for i, code in enumerate(codes) if code == OK]
        assert poll(lambda: ear.on(topic("dev-a", "up/report")) == taken, 10)
        # MQTT 3.1.1 has no word for it: the connection ends without a PUBACK
        old = site.wire("dev-b", version=4)
        acknowledged = 0
        with pytest.raises(Cut):
            for i in range(200):
                assert old.publish(topic("dev-b", "up/report"), str(i)) == OK
                acknowledged += 1
        assert 10 <= acknowledged < 200
        assert poll(lambda: len(ear.on(topic("dev-b", "up/report"))) == acknowledged, 10)


def test_a_storm_of_connects_is_refused(site_of):
    site = site_of(device_connects_per_minute=1, device_connect_burst=5, device_penalty="1m")
    with site.ear(topic="wg/v1/guard") as ear:
        codes = [site.refusal("dev-a") for _ in range(10)]
        assert codes == [OK] * 5 + [NOT_AUTHORIZED] * 5
        assert site.refusal("dev-b") == OK
        wait_notice(ear, "connect-storm", "dev-a")


def test_two_that_hold_the_same_key_are_told_of(site_of):
    site = site_of(device_connects_per_minute=1, device_connect_burst=6, device_penalty="1m")
    with site.ear(topic="wg/v1/guard") as ear:
        sessions = [site.wire("dev-a")]
        while len(sessions) < 6:  # each takes the other's place
            sessions.append(site.wire("dev-a"))
            sessions[-2].wait_cut()
        assert site.refusal("dev-a") == NOT_AUTHORIZED
        assert sessions[-1].is_alive()  # the last one is left alone
        wait_notice(ear, "takeover", "dev-a")
        wait_notice(ear, "takeover-storm", "dev-a")
        assert notices(ear, "connect-storm", "dev-a") == 0


def subscribe_until_cut(wire, device, leaf):
    with pytest.raises(Cut):
        for _ in range(5000):  # more than are given back meanwhile, however long one takes
            wire.subscribe(topic(device, leaf))


def test_a_storm_of_subscriptions_is_cut(site_of):
    site = site_of(device_penalty="1m", device_subscribes_per_minute=60)
    with site.wire("dev-b") as other:
        for name, leaf in (("dev-a", "down/#"), ("dev-c", "down/order")):
            with site.wire(name) as device:
                subscribe_until_cut(device, name, leaf)
            assert site.refusal(name) == NOT_AUTHORIZED
        assert other.is_alive()


def resident(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def test_a_slow_reader_costs_a_bounded_memory(site):
    with site.wire("dev-a") as slow, site.wire("dev-b") as other, site.wire(SERVICE) as service:
        assert slow.subscribe(topic("dev-a", "down/#")) == 1
        before = resident(site.broker.pid)
        for _ in range(5000):  # 164 MB that nobody reads; 34 MB may wait, which costs twice that
            service.publish(topic("dev-a", "down/order"), b"o" * LONGEST)
        grown = resident(site.broker.pid) - before
        assert grown < 100e6 * SLOWER, f"{grown / 1e6:.0f} MB"
        assert efforts(site, other, "dev-b", 50)[47] < 0.05 * SLOWER


# Who has to leave


def revocable(site, name):
    site.pki.issue_devices([name])
    return name


def serial_of(site, name):
    return next(row["serial"] for row in json.loads(site.pki.run(
        "list", "--pki", site.pki.folder, "--json")) if row["name"] == name)


def quickest(within, cut):
    """Seconds of the first cut(number) that is quick enough, or of the last. A busy machine may make some of them late."""
    for number in range(5):
        took = cut(number)
        if took < within:
            break
    return took


def test_a_revoked_session_is_cut_within_a_second(site):
    with site.ear() as ear, site.wire("dev-b") as other:
        def cut(number):
            name = revocable(site, f"lost-1-{number}")
            with site.wire(name, will=(topic(name, "up/hello"), "gone", False)) as lost:
                site.pki.revoke(name)
                assert lost.is_alive()
                site.broker.give_crl()
                took = lost.wait_cut()
            assert site.refusal(name) == NOT_AUTHORIZED
            assert other.is_alive()
            assert poll(lambda: ear.on(topic(name, "up/hello")), 10) == [b"gone"]
            wait_notice(ear, "revoked", name)
            return took
        assert quickest(1 * SLOWER, cut) < 1 * SLOWER


def test_a_message_revokes_at_once(site):
    def cut(number):
        with site.wire(SERVICE) as service:
            name = revocable(site, f"lost-2-{number}")
            order = json.dumps({"v": 1, "revoke": [serial_of(site, name)]})
            with site.wire(name) as lost:
                service.publish("$CONTROL/wavegate/v1/revoke", order)
                return lost.wait_cut()
    assert quickest(0.5 * SLOWER, cut) < 0.5 * SLOWER


def test_what_a_message_revokes(site):
    name = revocable(site, "lost-3")
    serial = serial_of(site, name)
    order = json.dumps({"v": 1, "revoke": [serial]})
    with site.wire(SERVICE) as service, site.wire("dev-b") as other, site.wire(name) as lost:
        assert other.publish("$CONTROL/wavegate/v1/revoke", order) == NOT_AUTHORIZED
        for wrong in ("", "{", json.dumps({"v": 1, "revoke": ["xyz"]}),
                      json.dumps({"v": 1, "revoke": [serial], "more": 1})):
            service.publish("$CONTROL/wavegate/v1/revoke", wrong)
        assert lost.is_alive()
        service.publish("$CONTROL/wavegate/v1/revoke", order)
        lost.wait_cut()
        assert site.refusal(name) == NOT_AUTHORIZED
        site.broker.give_crl()  # which does not name it
        assert stays_false(lambda: site.refusal(name) == OK, 0.6, every=0.1)
        assert other.is_alive() and service.is_alive()


def expired_list(pki, folder, number):
    """The device authority's list as of long ago, with nobody in it; and the server's as it is."""
    folder.mkdir()
    (folder / "index.txt").touch()
    (folder / "crlnumber").write_text(f"{number:04X}\n")
    (folder / "ca.cnf").write_text(
        f"[ca]\ndefault_ca = it\n[it]\ndatabase = {folder}/index.txt\n"
        f"crlnumber = {folder}/crlnumber\ndefault_md = default\ncrl_extensions = more\n"
        "[more]\nauthorityKeyIdentifier = keyid\n")
    subprocess.run(
        ["openssl", "ca", "-config", folder / "ca.cnf", "-gencrl", "-cert",
         pki.folder / "device/issuing.crt", "-keyfile", pki.folder / "device/issuing.key",
         "-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200201000000Z", "-out",
         folder / "crl.pem"], check=True, capture_output=True)
    return (folder / "crl.pem").read_text() + (pki.folder / "server/crl.pem").read_text()


def put(site, text):
    new = site.broker.folder / "put.new"
    new.write_text(text)
    shutil.chown(new, site.broker.folder.owner(), site.broker.folder.group())
    new.replace(site.broker.folder / "crl.pem")


def test_an_expired_list_does_not_lock_the_fleet_out(site, tmp_path):
    with site.wire("dev-a") as device:
        put(site, expired_list(site.pki, tmp_path / "ca", 9999))
        assert poll(lambda: "a revocation list ran out on 2020-02-01" in site.log(), 10)
        assert device.is_alive()
        assert site.refusal("dev-b") == OK
        # older, broken, gone: the last one stays in use, and the log says so
        for text, words in ((expired_list(site.pki, tmp_path / "old", 1), "older than the lists"),
                            ("nothing\n", "no revocation list")):
            put(site, text)
            assert poll(lambda: words in site.log(), 10), words  # pylint: disable=cell-var-from-loop
        (site.broker.folder / "crl.pem").unlink()
        assert poll(lambda: "No such file" in site.log(), 10)
        assert device.is_alive() and site.refusal("dev-b") == OK


def test_a_reload_ends_nobodys_session(site):
    with site.wire("dev-a") as device, site.wire(SERVICE) as service:
        for number in range(3):
            site.broker.reload()
            assert poll(lambda: site.log().count("Reloading config.") > number, 10)  # pylint: disable=cell-var-from-loop
            device.ping()
            service.ping()
        assert device.publish(topic("dev-a", "up/hello"), "x") in (OK, NOBODY)
        assert site.refusal("dev-b") == OK


def test_a_reload_leaves_a_session_that_waits(site):
    """Of a device that is away, and wants what comes meanwhile."""
    kept = {"clean": False, "properties": b"\x11" + (300).to_bytes(4, "big")}  # MQTT 5, 3.1.2.11.2
    with site.wire("dev-a", **kept) as device:
        assert device.subscribe(topic("dev-a", "down/#")) == 1
    with site.wire(SERVICE) as service:
        site.broker.reload()
        assert poll(lambda: "Reloading config." in site.log(), 10)
        service.ping()
        assert service.publish(topic("dev-a", "down/order"), "meanwhile") == OK
    with site.wire("dev-a", **kept) as device:
        assert poll(lambda: device.on(topic("dev-a", "down/order")), 10) == [b"meanwhile"]


# How it is set up


def test_a_listener_without_tls_lets_nobody_in(authorities):
    folder = Path(tempfile.mkdtemp(prefix="wg-guard-"))
    folder.chmod(0o755)
    broker = Broker(folder, authorities, start=False)
    plain_port = free_port()
    with open(broker.folder / "mosquitto.conf", "a", encoding="utf-8") as file:
        file.write(f"listener {plain_port} 127.0.0.1\n")
    broker.start()
    try:
        assert poll(lambda: answers(plain_port), 10)
        for user in (None, "device/dev-a", f"orchestrator/{SERVICE}"):
            with Wire(broker, authorities.server_root, plain_port=plain_port) as stranger:
                assert stranger.connect("dev-a", user=user) == NOT_AUTHORIZED
    finally:
        broker.stop()
        shutil.rmtree(folder)


@pytest.mark.parametrize("options, words", [
    ({"device_drops": "lots"}, 'plugin_opt_device_drops: expected 1 to 100000, got "lots"'),
    ({"drops": "10"}, "plugin_opt_drops: there is no such option"),
    ({"crl": "/nowhere/crl.pem"}, "/nowhere/crl.pem: No such file or directory"),
    ({"device_authority": "/dev/null"}, "/dev/null: no certificate in PEM form"),
    ({"enrolment": SERVICE}, "a service has one role"),
])
def test_a_wrong_option_stops_the_broker(authorities, options, words):
    folder = Path(tempfile.mkdtemp(prefix="wg-guard-"))
    folder.chmod(0o755)
    broker = Broker(folder, authorities, options=options, start=False)
    assert broker.run().wait(10) != 0
    assert words in tail(broker.log)
    shutil.rmtree(folder)


def test_the_example_configuration_is_right(authorities):
    """deploy/mosquitto/mosquitto.conf, on a port and in a folder of ours."""
    folder = Path(tempfile.mkdtemp(prefix="wg-guard-"))
    folder.chmod(0o755)
    broker = Broker(folder, authorities, start=False)
    text = (ROOT / "deploy/mosquitto/mosquitto.conf").read_text()
    for there, here in (("listener 8883", f"listener {broker.port} 127.0.0.1"),
                        ("/usr/lib/wavegate/wavegate_guard.so", "wavegate_guard.so"),
                        ("/etc/wavegate/pki/broker/", ""), ("/etc/wavegate/broker.", "server."),
                        ("/etc/wavegate/pki/device/issuing.crt", "device.pem"),
                        ("/etc/wavegate/pki/server/issuing.crt", "service.pem")):
        assert there in text
        text = text.replace(there, here if " " in here else f"{broker.folder}/{here}")
    (broker.folder / "mosquitto.conf").write_text(text)
    broker.start()
    try:
        with Wire(broker, authorities.server_root, authorities.certificate("dev-a")) as device:
            assert device.connect("dev-a") == OK
            assert device.publish(topic("dev-a", "up/hello"), "x") == NOBODY
            with pytest.raises(Cut):
                device.publish(topic("dev-a", "up/hello"), "x", retain=True)
    finally:
        broker.stop()
        shutil.rmtree(folder)
