"""Our own certificates are told of before they end: as a figure, and in the log."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

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
    assert poll(lambda: "a certificate has ended" in api.log.read_text(), 10)
    lines = [line for line in api.log.read_text().splitlines() if 'msg="a certificate' in line]
    assert [("level=warn" in line, "of=broker-client" in line, "ends soon" in line) for line in lines if "broker-client" in line] == [(True,) * 3]
    assert not [line for line in lines if "of=operators-crl" in line]  # of a month, written anew when half of it is over
    assert [line for line in lines if "of=operator " in line and "level=error" in line and "has ended" in line]


def test_reports_are_counted(world, fleet_of):
    port = free_port()
    world.start_api(metrics_listen=f"127.0.0.1:{port}")
    world.db.rows("insert into report (device_id, journal, seq, received_at, order_id, campaign, attempt, state, cause, detail) "
                  "select 'dev', 'x', n, now(), '', '', 1, 'accepted', '', '' from generate_series(1, 7) n")
    assert poll(lambda: figures(scrape(port)).get("wavegate_reports_total", 0) == 7, 20)
