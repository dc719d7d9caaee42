"""Our own certificates are told of before they end: as a figure, in the log, and to people."""

import datetime
import re
import socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.lab.claim import Office
from tests.lab.process import free_port, poll
from tests.system.test_api_metrics import figures, scrape

FIGURE = "wavegate_certificate_expires_timestamp_seconds"


def certificate(folder, days):
    """One that ends in so many days, in a file of its own; when it ends."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "wavegated")])
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    end = now + datetime.timedelta(days=days)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1).not_valid_before(
        now - datetime.timedelta(days=90)).not_valid_after(end).sign(key, hashes.SHA256())
    path = folder / f"ends-{days}.crt"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path, end.timestamp()


def test_ends_are_figures_and_lines_of_the_log(world):
    port = free_port()
    soon, at = certificate(world.folder, 5)
    soon.write_bytes(certificate(world.folder, 900)[0].read_bytes() * 20 + soon.read_bytes())  # of a long list the first
    over, before = certificate(world.folder, -1)
    settings = {**world.orchestrator.settings, "tls": {**world.orchestrator.settings["tls"], "certificate": str(soon)},
                "operator": {"certificate": str(over), "key": str(world.ground.pki.key("alice"))}}
    world.orchestrator.settings, kept = settings, world.orchestrator.settings
    api = world.start_api(metrics_listen=f"127.0.0.1:{port}")
    world.orchestrator.settings = kept
    found = figures(scrape(port))
    assert found[f'{FIGURE}{{of="broker-client"}}'] == at and found[f'{FIGURE}{{of="operator"}}'] == before
    now = datetime.datetime.now().timestamp()
    for one in ("api", "server-authority", "operators-authority", "operators-crl"):
        assert found[f'{FIGURE}{{of="{one}"}}'] > now + 86400, one
    assert poll(lambda: "a certificate has ended" in api.log.read_text() and "of=broker-client" in api.log.read_text(), 10)
    lines = [line for line in api.log.read_text().splitlines() if 'msg="a certificate' in line]
    assert [("level=warn" in line, "of=broker-client" in line, "ends soon" in line) for line in lines if "broker-client" in line] == [(True,) * 3]
    assert not [line for line in lines if "of=operators-crl" in line]  # of a month, written anew when half of it is over
    assert [line for line in lines if "of=operator " in line and "level=error" in line and "has ended" in line]


def end_of(path):
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after.replace(tzinfo=datetime.timezone.utc).timestamp()


def issue(world, *words):
    """A certificate of a week, in a folder of its own."""
    out = world.folder / "of-a-week"
    world.ground.pki.run("issue", *words, "--days", "7", "--pki", world.ground.pki.folder, "--out", out)
    return out


@pytest.mark.mosquitto("the certificates of a Mosquitto of the test's own are changed within")
def test_what_a_broker_shows_and_what_wavegated_has(world):
    """The broker's comes from the handshake; both go by the database, wherever wavegate-api runs."""
    port, pki = free_port(), world.ground.pki
    listed = world.folder / 'of "others".crt'
    listed.write_bytes(pki.certificate("alice").read_bytes())
    world.start_api(metrics_listen=f"127.0.0.1:{port}", certificates=[str(listed)])
    broker, own = f'{FIGURE}{{of="broker",name="main"}}', f'{FIGURE}{{of="wavegated",name="{socket.gethostname()}"}}'
    assert poll(lambda: {broker, own} <= set(figures(scrape(port))), 60)
    found = figures(scrape(port))
    assert found[broker] == end_of(pki.certificate("localhost")) and found[own] == end_of(pki.certificate("wavegated"))
    assert found[f'{FIGURE}{{of="file",name="{str(listed).replace(chr(34), chr(92) + chr(34))}"}}'] == end_of(listed)
    assert "a certificate" not in world.orchestrator.log.read_text()

    out = issue(world, "server", "broker-of-a-week", "--host", "localhost,127.0.0.1")
    world.broker.stop()
    world.broker.take_pair(out / "broker-of-a-week.crt", out / "broker-of-a-week.key")
    world.broker.start()
    assert poll(lambda: figures(scrape(port))[broker] == end_of(out / "broker-of-a-week.crt"), 60)
    lines = [line for line in world.orchestrator.log.read_text().splitlines() if 'msg="a certificate' in line]
    assert len(lines) == 1 and "level=warn" in lines[0] and "ends soon" in lines[0] and "of=broker name=main" in lines[0], lines
    world.db.rows("update certificate_end set seen_at = now() - interval '3 days' where kind = 'broker'")
    assert poll(lambda: broker not in figures(scrape(port)), 60)  # who is not seen any more is none


def test_enrolment_says_it_in_its_log(world):
    out = issue(world, "service", "office")
    office = Office(world.folder, world.ground.pki, world.broker.url)
    office.settings.update(certificate=str(out / "office.crt"), key=str(out / "office.key"))
    office.start()
    try:
        assert poll(lambda: "a certificate ends soon" in office.log.read_text(), 20)
        lines = [line for line in office.log.read_text().splitlines() if 'msg="a certificate' in line]
        assert len(lines) == 1 and "of=wavegate-enrol" in lines[0] and "level=warn" in lines[0], lines
    finally:
        office.child.stop()


def test_people_are_told(world):
    out = issue(world, "operator", "anna", "--role", "rollout-admin")
    told = world.wavegate("device", "list", "--operator", out / "anna.crt", operator=None)
    assert re.fullmatch(rf"wavegate: your certificate ends in [67]d: have it issued anew \({out}/anna\.crt\)\n", told.stderr), told.stderr
    assert world.wavegate("device", "list").stderr == ""


def test_reports_are_counted(world, fleet_of):
    port = free_port()
    world.start_api(metrics_listen=f"127.0.0.1:{port}")
    world.db.rows("insert into report (device_id, journal, seq, received_at, order_id, campaign, attempt, state, cause, detail) "
                  "select 'dev', 'x', n, now(), '', '', 1, 'accepted', '', '' from generate_series(1, 7) n")
    assert poll(lambda: figures(scrape(port)).get("wavegate_reports_total", 0) == 7, 20)
