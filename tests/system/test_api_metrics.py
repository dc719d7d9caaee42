"""Figures for Prometheus: what promtool says of them, and whether they are true."""

import re
import subprocess
import urllib.error
import urllib.request

import pytest

from tests.lab.events import Stream
from tests.lab.process import LabError, free_port, poll, tail
from tests.lab.programs import ROOT, SLOWER

PROMTOOL = ROOT / "build/promtool/promtool"


def figures(text):
    """Name with labels to value."""
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}


def scrape(port, path="/metrics"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10 * SLOWER) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return answer.read().decode()


@pytest.fixture
def scraped(world):
    port = free_port()
    api = world.start_api(metrics_listen=f"127.0.0.1:{port}")
    world.db.rows("insert into device (id, online, registered_at, certificate_ends) select 'dev-' || n, n < 4, now(), "
                  "case when n = 9 then now() + interval '3 days' end from generate_series(1, 10) n")
    world.db.rows("insert into alarm (device_id, kind, count, first_at, last_at, why) values ('dev-1', 'flood', 1, now(), now(), '')")
    return api, port


def test_promtool_finds_no_fault(scraped):
    api, port = scraped
    alice = api.as_operator("alice")
    alice.get("/campaigns")
    alice.get("/no/such")
    found = subprocess.run([PROMTOOL, "check", "metrics"], input=scrape(port), capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_figures_are_true(world, scraped):
    api, port = scraped
    alice = api.as_operator("alice")
    stream = Stream(alice, "campaigns").open()
    for _ in range(3):
        alice.get("/devices/dev-1")
    alice.get("/devices/dev-77")
    route = 'route="/api/v1/devices/{id}",method="GET"'
    # a request is counted when it is over, which the other end may know before
    assert poll(lambda: figures(scrape(port)).get("wavegate_devices") == 10 and figures(scrape(port)).get(
        f'wavegate_api_requests_total{{{route},status="4xx"}}') == 1, 10)
    found = figures(scrape(port))
    assert found[f'wavegate_api_requests_total{{{route},status="2xx"}}'] == 3
    assert found[f'wavegate_api_requests_total{{{route},status="4xx"}}'] == 1
    assert found[f'wavegate_api_request_duration_seconds_bucket{{{route},le="+Inf"}}'] == 4
    assert found["wavegate_devices_online"] == 3 and found["wavegate_devices_certificate_ending"] == 1
    assert found['wavegate_alarms_open{kind="flood"}'] == 1 and found["wavegate_api_streams"] == 1
    assert found["wavegate_database_up"] == 1 and found["wavegate_campaigns_unattended"] == 0
    assert found["wavegate_audit_rows_total"] == world.db.value("select max(number) from audit")
    assert any(re.fullmatch(r'wavegate_build_info\{version="[\d.]+"\}', name) for name in found)
    stream.close()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        scrape(port, "/api/v1/devices")


def test_who_may_read_them(world, scraped):
    api, _ = scraped
    assert api.as_nobody().get("/metrics", prefix="").status == 401
    allowed = {name: api.as_operator(name).get("/metrics", prefix="").status for name in ("alice", "sue")}
    assert set(allowed.values()) <= {200, 403}
    world.db.rows("insert into person (name, grants, made_at, changed_at) values ('alice', '[{\"role\": \"owner\"}]', now(), now())")
    answer = api.as_operator("alice").get("/metrics", prefix="")
    assert answer.status == 200 and b"wavegate_build_info" in answer.body


def test_a_database_that_is_away_is_a_figure(world, scraped):
    api, port = scraped
    world.db.close()
    assert poll(lambda: figures(scrape(port))["wavegate_database_up"] == 1, 20), tail(api.log)
    world.ground.postgres.stop()
    try:
        assert poll(lambda: figures(scrape(port))["wavegate_database_up"] == 0, 20), tail(api.log)
    finally:
        world.ground.postgres.start()
    assert poll(lambda: figures(scrape(port))["wavegate_database_up"] == 1, 20), tail(api.log)


def test_no_address_but_this_machine(world):
    with pytest.raises((AssertionError, LabError), match="neither TLS"):
        world.start_api(metrics_listen="0.0.0.0:9464")
