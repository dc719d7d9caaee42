"""Artifacts by signed URL: from wavegate-files alone, and from nginx that asks it. Real TLS."""

import os
import re
import socket
import threading
import time

import pytest

from tests.lab.files import Alone, Fronted
from tests.lab.pki import apart
from tests.lab.process import end_on_signals, poll
from tests.lab.programs import SLOWER
from tests.system.attacks.urls import LENGTH, not_signed

BODY = os.urandom(LENGTH)


@pytest.fixture(scope="module")
def pki():
    end_on_signals()
    with apart() as made:
        made.issue_devices(["dev-1", "dev-2", "dev-gone-1", "dev-gone-2"])
        made.foreign_device("dev-1")
        yield made


def _site(kind, pki, *more, **options):
    folder = pki.logs / f"{kind.__name__}-{os.urandom(3).hex()}"
    folder.mkdir()
    folder.chmod(0o755)
    return kind(folder, pki, *more, **options)


@pytest.fixture(params=[Alone, Fronted], ids=["alone", "nginx"])
def site(request, pki):
    made = _site(request.param, pki)
    yield made
    made.stop()
    assert not made.sanitizer_report()


@pytest.fixture
def alone(pki):
    """alone(flag...): a server of its own with these flags."""
    made = []

    def start(*more, **options):
        made.append(_site(Alone, pki, *more, **options))
        return made[-1]
    yield start
    for one in made:
        one.stop()
        assert not one.sanitizer_report()


@pytest.fixture
def url(site):
    """A URL for dev-1, with an allowance of three times the length."""
    return site.target(site.put(BODY), "dev-1", 3 * LENGTH)


def settled(site, expected):
    """Whether the ledger comes to say so: nginx tells of a request's end after the fact."""
    return poll(lambda: site.used() == expected, 5)


def talk(site, request, device="dev-1"):
    """Sends bytes as they are, and everything that comes back until the end, or b"": cut off. Behind
    them goes a request that ends the connection, for servers that keep it."""
    with site.connect(device) as connection:
        answer = b""
        try:
            connection.sendall(request + b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            while part := connection.recv(65536):
                answer += part
        except OSError:
            pass
        return answer


def exchange(connection, target, **headers):
    """One request on a connection that stays: the status."""
    connection.request("GET", target, headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def statuses(answer):
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d\d\d) ", answer)]


def test_whole_parts_and_heads(site):
    url = site.target(site.put(BODY), "dev-1", 5 * LENGTH)
    status, headers, body = site.ask(url, "dev-1")
    assert (status, body) == (200, BODY)
    assert headers["Accept-Ranges"] == "bytes"
    for asked, first, last in (("bytes=0-0", 0, 0), ("bytes=999990-", 999_990, LENGTH - 1),
                               ("bytes=-10", 999_990, LENGTH - 1), ("bytes=7-4000000", 7, LENGTH - 1)):
        status, headers, body = site.ask(url, "dev-1", Range=asked)
        assert (status, body) == (206, BODY[first:last + 1])
        assert headers["Content-Range"] == f"bytes {first}-{last}/{LENGTH}"
    assert settled(site, LENGTH + 1 + 10 + 10 + LENGTH - 7)
    status, headers, body = site.ask(url, "dev-1", method="HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", str(LENGTH))
    etag = headers["ETag"]
    status, _, body = site.ask(url, "dev-1", If_None_Match=etag)
    assert (status, body) == (304, b"")
    status, _, body = site.ask(url, "dev-1", Range="bytes=0-9", If_Range=etag)
    assert (status, body) == (206, BODY[:10])
    assert settled(site, 2 * LENGTH + 14 + 10), "neither HEAD nor 304 cost anything"
    status, _, body = site.ask(url, "dev-1", Range="bytes=0-9", If_Range='"another"')
    assert (status, body) == (200, BODY)


def test_guessed_altered_expired(site, url):
    artifact = url.split("?")[0].rsplit("/", 1)[1]
    mac = url[-64:]
    secret = site.folder / "secret"
    secret.write_text("secret")
    (site.artifacts / ("a" * 64)).symlink_to(secret)
    rows = [*not_signed(site, url, site.put(b"other")), url.replace("/artifacts/", "/artifacts/../artifacts/"),
            url.replace("/artifacts/", "/artifacts/./"), site.target(artifact, "dev-1", LENGTH, prefix="/other")]
    for target in rows:
        status, _, body = site.ask(target, "dev-1")
        # nginx may find a path bad, or not there, before it asks
        assert status in ((400, 403, 404) if isinstance(site, Fronted) else (403,)), target
        assert len(body) < 300 and b"secret" not in body
    for name in ("a" * 64, "b" * 64):  # a link, and nothing: signed all the same
        status, _, body = site.ask(site.target(name, "dev-1", LENGTH), "dev-1")
        assert (status, b"secret" in body) == (404, False)
    assert site.ask(url, "dev-1")[0] == 200
    assert settled(site, LENGTH)
    for path in (site.log, site.folder / "access.log", site.ledger):
        if path.exists():
            assert mac not in path.read_text(), "the log holds a secret"


def test_device(site, url, pki):
    status, _, body = site.ask(url, "dev-2")
    assert (status, body) == (403, b"the URL was made for another device\n")
    assert site.ask(url)[0] in (400, 403)
    assert site.ask(url, foreign=pki.logs / "foreign-certs/dev-1.crt")[0] in (400, 403)
    name = "dev-gone-1" if isinstance(site, Alone) else "dev-gone-2"
    gone = site.target(site.put(BODY), name, 3 * LENGTH)
    connection = site.session(name)
    assert exchange(connection, gone, Range="bytes=0-3") == 206
    pki.revoke(name)
    site.copy_crl()
    site.reload()
    assert exchange(connection, gone, Range="bytes=0-3") == 403, "the one that stood is not believed"
    connection.close()
    assert site.ask(gone, name)[0] == 403
    assert site.ask(url, "dev-1")[0] == 200


def test_allowance(site):
    url = site.target(site.put(BODY), "dev-1", 2 * LENGTH + 100)
    assert site.ask(url, "dev-1")[0] == 200
    assert site.ask(url, "dev-1", Range="bytes=0-99")[0] == 206
    assert site.ask(url, "dev-1")[0] == 200
    for headers in ({}, {"Range": "bytes=0-0"}):
        status, answered, body = site.ask(url, "dev-1", **headers)
        assert (status, body) == (429, b"the URL's allowance is used up\n")
        assert answered["Retry-After"] == "60"
    again = site.target(url.split("?")[0].rsplit("/", 1)[1], "dev-1", 2 * LENGTH + 101)
    assert site.ask(again, "dev-1")[0] == 200, "another URL has its own allowance"


@pytest.mark.parametrize("cut", ["kill", "terminate"])
def test_restart_keeps_the_allowance(site, cut):
    url = site.target(site.put(BODY), "dev-1", LENGTH + 10)
    assert site.ask(url, "dev-1")[0] == 200
    getattr(site, cut)()
    site.start()
    assert site.ask(url, "dev-1", Range="bytes=0-9")[0] == 206
    assert site.ask(url, "dev-1", Range="bytes=0-0")[0] == 429


def test_what_was_not_sent_is_given_back(site):
    body = os.urandom(20_000_000)
    url = site.target(site.put(body), "dev-1", 2 * len(body))

    def break_off():
        """Takes 100 kB of the whole and hangs up; whether the whole was to be had."""
        with site.connect("dev-1", buffer=4096) as connection:
            connection.sendall(f"GET {url} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            answer = b""
            while len(answer) < 100_000 and (part := connection.recv(4096)):
                answer += part
                if statuses(answer) == [429]:
                    return False
            return True

    for _ in range(4):  # without it there would be two
        assert poll(break_off, 10), "the server has not heard of the end, or gives nothing back"
    assert poll(lambda: 400_000 <= site.used() < len(body), 5)
    assert site.ask(url, "dev-1")[2] == body


def test_ranges_abused(site, url):
    for header in ("bytes=0-0,2-2", "bytes=" + ",".join(f"{i}-{i}" for i in range(200)),
                   "bytes=0-,0-,0-,0-", "bytes=5-4", f"bytes={LENGTH}-", "bytes=-0", "bytes=--1",
                   "bytes=0-18446744073709551616", "bytes=18446744073709551615-", "lines=0-1",
                   "bytes 0-1", "bytes=0-1 ,", "Bytes=0-1"):
        status, _, body = site.ask(url, "dev-1", Range=header)
        assert (status, len(body) < 300) == (416, True), header
    assert settled(site, 0)
    connection = site.session("dev-1")  # many tiny ones: each counted
    assert {exchange(connection, url, Range=f"bytes={i}-{i}") for i in range(100)} == {206}
    connection.close()
    assert settled(site, 100)
    answer = talk(site, f"GET {url} HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\nRange: bytes=0-\r\n\r\n".encode())
    assert statuses(answer)[0] in (206, 400, 416) and len(answer) < 1500


def test_nothing_is_smuggled(site, url):
    inner = f"GET {url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    size = len(inner)
    counted, chunked = inner, f"{size:x}\r\n{inner}\r\n0\r\n\r\n"
    # what follows is a body; a server that takes it for a request answers it
    for head, body in (
            (f"Content-Length: {size}", counted),
            (f"Content-Length: {size}\r\nContent-Length: 0", counted),
            (f"Content-Length: 0\r\nContent-Length: {size}", counted),
            ("Content-Length: 0\r\nTransfer-Encoding: chunked", chunked),
            ("Transfer-Encoding: chunked", chunked), ("Transfer-Encoding : chunked", chunked),
            ("Transfer-Encoding: x", counted), ("Transfer-Encoding: chunked, identity", chunked),
            ("Content-Length: +5", counted), ("Content-Length: 0x5", counted),
            ("Content-Length: -1", counted), ("Content-Length: 18446744073709551617", counted),
            ("Host: b", "")):
        answer = talk(site, f"GET {url} HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\n{head}\r\n\r\n{body}".encode())
        found = statuses(answer)
        assert BODY[:100] not in answer and 200 not in found, head
        if isinstance(site, Alone):  # nginx may read a body as a body
            assert set(found) <= {400, 413, 501}, head


def test_requests_that_are_none(site, url):
    for request in (b"\r\n\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET\r\n\r\n", b"\x00" * 100 + b"\r\n\r\n",
                    f"GET {url}\r\n\r\n".encode(), f"GET {url} HTTP/1.1\r\n\r\n".encode(),
                    b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
                    f"GET {url} HTTP/1.1\r\nHost: a\r\n".encode() + b"X: y\r\n" * 20_000 + b"\r\n"):
        with site.connect("dev-1") as connection:
            connection.settimeout(0.5)  # who gets no answer has been none
            answer = b""
            try:
                connection.sendall(request)
                answer = connection.recv(65536)
            except OSError:
                pass
        assert not set(statuses(answer)) & {200, 206}, request[:60]
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"):
        answer = talk(site, f"{method} {url} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert not set(statuses(answer)) & {200, 206}, method
        assert BODY[:100] not in answer
    assert settled(site, 0)
    assert site.ask(url, "dev-1")[0] == 200


def test_keys_are_turned(site, url):
    artifact = url.split("?")[0].rsplit("/", 1)[1]
    site.add_key("second")
    new = site.target(artifact, "dev-1", LENGTH, key="second")
    assert site.ask(new, "dev-1")[0] == 403
    site.reload()
    assert [site.ask(one, "dev-1")[0] for one in (url, new)] == [200, 200]
    lines = [line for line in site.keys.read_text().splitlines() if not line.startswith("first ")]
    site.keys.write_text("\n".join(lines) + "\n")
    site.reload()
    assert site.ask(url, "dev-1", Range="bytes=0-0")[0] == 403


def test_two_hundred_at_once(site):
    artifact = site.put(BODY)
    urls = [site.target(artifact, "dev-1", LENGTH + i) for i in range(200)]
    context, found = site.context("dev-1"), []

    def fetch(target):
        raw = socket.create_connection(("127.0.0.1", site.port), timeout=60 * SLOWER)
        with context.wrap_socket(raw, server_hostname="localhost") as connection:
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            answer = bytearray()
            while part := connection.recv(262144):
                answer += part
        head, _, body = bytes(answer).partition(b"\r\n\r\n")
        found.append((statuses(head), body == BODY))

    threads = [threading.Thread(target=fetch, args=(one,)) for one in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if isinstance(site, Alone):
        assert found == [([200], True)] * 200
        assert settled(site, 200 * LENGTH)
    else:  # four at a time for one certificate; the others are told so
        served = [whole for status, whole in found if status == [200]]
        assert len(found) == 200 and len(served) >= 4 and all(served)
        assert {status[0] for status, _ in found} <= {200, 429}
        assert settled(site, len(served) * LENGTH)


def _take(connection, size):
    """What comes next; nothing when the connection has ended."""
    try:
        return connection.recv(size)
    except TimeoutError:
        raise
    except OSError:
        return b""


def test_who_is_slow_is_cut_off(alone):
    site = alone("--patience", "2s", "--slowest", "50000")
    body = os.urandom(30_000_000)
    url = site.target(site.put(body), "dev-1", len(body))
    head = f"GET {url} HTTP/1.1\r\nHost: a\r\n".encode()
    began = time.monotonic()
    reader = site.connect("dev-1", buffer=4096)
    reader.sendall(head + b"\r\n")
    writer = site.connect("dev-1")
    writer.settimeout(0.1)
    idle = site.connect("dev-1")
    silent = socket.create_connection(("127.0.0.1", site.port))  # not even a handshake

    def has_ended():
        """Takes 20 kB a second and gives a sign now and then."""
        _take(reader, 2000)
        try:
            writer.sendall(head[:1])
            writer.recv(1)
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    assert poll(has_ended, 8), "a request that trickles is not waited for"
    assert time.monotonic() - began > 2
    for one in (idle, silent):
        one.settimeout(8 * SLOWER)
        try:
            while one.recv(100):  # an alert of TLS may come first
                pass
        except OSError as problem:
            assert not isinstance(problem, TimeoutError)

    def sent():
        """What the server says it sent, once it has given the reader up."""
        _take(reader, 2000)
        return re.search(r"status=200 .* bytes=(\d+)", site.log.read_text())

    found = poll(sent, 10, every=0.1)
    assert found and 0 < int(found[1]) < len(body) / 2
    for one in (reader, writer, idle, silent):
        one.close()
    assert poll(lambda: "slow connections ended" in site.log.read_text(), 10)
    assert site.ask(site.target(site.put(BODY), "dev-1", LENGTH), "dev-1")[2] == BODY, "others are served all along"


def test_connections_are_limited(alone):
    site = alone("--per-address", "5", bearer=True)
    url, held = site.target(site.put(BODY), "dev-1", 40 * LENGTH), []

    def is_full():
        # those that asked whether the server is up may still be counted, and then no more
        held.append(socket.create_connection(("127.0.0.1", site.port)))
        return not _answers(site, url)

    assert poll(is_full, 10) and len(held) < 20
    for one in held:
        one.close()
    assert poll(lambda: _answers(site, url), 10), "free places are given anew; no certificate is asked for"


def _answers(site, url):
    try:
        return site.ask(url)[0] == 200
    except OSError:
        return False


def test_what_is_not_started(pki, alone):
    site = alone()
    site.stop()
    site.keys.chmod(0o644)
    done = site.run("--folder", site.artifacts, "--keys", site.keys, "--ledger", site.ledger,
                    "--verify-only", "--bearer", "--socket", site.folder / "s")
    assert (done.returncode, "others may read" in done.stderr) == (4, True)
    done = site.run("--keys", site.keys, "--folder", site.artifacts, "--ledger", site.ledger, "--listen",
                    "127.0.0.1:1", "--certificate", "a", "--key", "b")
    assert (done.returncode, "--client-ca is missing" in done.stderr) == (2, True)
    site.keys.chmod(0o600)
    site.start()


def test_nginx_without_wavegate_files_gives_nothing(pki):
    site = _site(Fronted, pki)
    try:
        url = site.target(site.put(BODY), "dev-1", 3 * LENGTH)
        site.kill()
        status, _, body = site.ask(url, "dev-1")
        assert (status, BODY[:100] in body) == (500, False)
        site.start()
        assert site.ask(url, "dev-1")[0] == 200
        assert site.ask(url, "dev-1", Range="bytes=0-9")[0] == 206
    finally:
        site.stop()
