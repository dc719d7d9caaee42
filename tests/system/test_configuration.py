"""docs/configuration.md against the code and the programs; the examples of deploy/config; --check; credentials."""

import copy
import json
import os
import re
import shutil

import pytest
import yaml

from tests.lab import programs
from tests.lab.pki import Pki

PAGE = programs.ROOT / "docs/configuration.md"
EXAMPLES = programs.ROOT / "deploy/config"

# The code's lists of keys: file -> name of a list, or what its map is called -> where it is in the file.
YAML_LISTS = {
    "Server": {
        "orchestrator/config/settings.c": {
            "configuration": "", "broker": "brokers[]", "tls": "tls", "operators": "operators", "operator": "operator",
            "server": "server", "artifacts": "artifacts", "intake": "intake", "orders": "orders", "releases": "releases",
            "retention": "retention", "key": ("clones", "tamper")},
        "orchestrator/config/settings_places.c": {"bucket": "artifacts.urls[]"},
        "orchestrator/config/settings_api.c": {"api": "api"}, "orchestrator/config/settings_openid.c": {"oidc": "api.oidc"}},
    "Signer": {"orchestrator/signer/signer_settings.c": {"configuration": "", "repository": "repository"}}}
JSON_LISTS = {
    "Enrolment": {"pki/enrol/settings.c": {"keys": ""}, "pki/enrol/claim_settings.c": {"keys": "claim"}},
    "Agent": {"agent/posix/settings.c": {"keys": "", "hardware_keys": "hardware", "position_keys": "position", "logs_keys": "logs",
                                         "repository_keys": "repository", "watchdog_keys": "watchdog", "reconnect_keys": "reconnect"},
              "agent/posix/slot_settings.c": {"keys": "slots", "dir_keys": "slots"},
              "agent/posix/download_settings.c": {"download_keys": "download"}}}


def rows(heading):
    """key -> cells of its row, without the key's."""
    part = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)[1]
    lines = re.findall(r"^\| \**`([^`]+)`\** \| (.*) \|$", part, re.MULTILINE)
    return {key: re.split(r"\s*\|\s*", cells) for key, cells in lines}


def words(text):
    return re.findall(r'"([a-z0-9_]+)"', text)


def keys_of_yaml(file, places):
    text = (programs.ROOT / file).read_text()
    found = set()
    for call in re.finditer(r'yaml_check_keys\([^,]+,\s*\w+,\s*"?(\w+)"?,\s*(\w+)\)', text):
        lists = re.findall(rf"\b{call[2]}\[\] = \{{(.*?)\}};", text[:call.start()], re.DOTALL)
        where = places[call[1]]
        for place in where if isinstance(where, tuple) else (where,):
            found |= {f"{place}.{key}" if place else key for key in words(lists[-1])}
    return found


def keys_of_json(file, places):
    text = (programs.ROOT / file).read_text()
    return {f"{places[name]}.{key}" if places[name] else key
            for name, keys in re.findall(r"static const char \*const (\w+)\[\] = \{(.*?)\};", text, re.DOTALL) if name in places
            for key in words(keys)}


@pytest.mark.parametrize("heading, files, read", [*((name, files, keys_of_yaml) for name, files in YAML_LISTS.items()),
                                                  *((name, files, keys_of_json) for name, files in JSON_LISTS.items())])
def test_every_key_is_told(heading, files, read):
    """And no other one."""
    known = set().union(*(read(file, places) for file, places in files.items()))
    maps = {key.rsplit(".", 1)[0] for key in known if "." in key}
    told = set(rows(heading))
    assert known - maps - {"brokers"} == told - {"brokers", "brokers[]"} and "brokers" not in known - told


@pytest.fixture(name="room", scope="module")
def fixture_room(tmp_path_factory):
    """A folder with all that the configurations of these tests name."""
    folder = tmp_path_factory.mktemp("configuration")
    pki = Pki(folder)
    pki.issue_devices(["dev-1"])
    pki.run("issue", "service", "wavegate-enrol", "--pki", pki.folder, "--out", pki.certs)
    (folder / "folder").mkdir()
    (folder / "root.json").write_text("{}")
    (folder / "secret").write_text("top\n")
    (folder / "secret").chmod(0o600)
    return folder, pki


def whole(room):
    """form -> program, settings that it takes, whether the file is JSON."""
    folder, pki = room
    crt, key = str(pki.certificate("localhost")), str(pki.key("localhost"))
    root = str(pki.folder / "operator/root.crt")
    server = {
        "database": "dbname=x user=y", "brokers": [{"name": "main", "url": "ssl://localhost:1"}],
        "tls": {"ca": str(pki.server_root), "certificate": crt, "key": key}, "operators": {"root": root}, "director": str(pki.director),
        "artifacts": {"urls": ["https://localhost/a"]}, "api": {"listen": "127.0.0.1:1", "certificate": crt, "key": key, "url": "https://x"}}
    return {
        "d": ("wavegated", server, False), "a": ("wavegate-api", server, False),
        "Signer": ("wavegate-signer", {"socket": str(folder / "s"), "director": str(pki.director), "state": str(folder / "state"),
                                       "repository": {"folder": str(folder / "folder"), "root": str(folder / "root.json")}}, False),
        "Enrolment": ("wavegate-enrol", {"brokers": ["ssl://localhost:1"], "ca": str(pki.server_root), "certificate": crt, "key": key,
                                         "pki": str(pki.folder)}, True),
        "Agent": ("wavegate-agent", {"broker": "ssl://localhost:1", "ca": str(pki.server_root),
                                     "certificate": str(pki.certificate("dev-1")), "key": str(pki.key("dev-1")),
                                     "directors": [f"{pki.director}.pub"], "state": str(folder / "state"), "component": "firmware",
                                     "hardware": {"model": "m", "revision": "A"}}, True)}


def put(settings, path, value):
    """settings with the value at brokers[].name, api.rate."""
    made = copy.deepcopy(settings)
    at = made
    *way, last = path.split(".")
    for step in way:
        at = at[step[:-2]][0] if step.endswith("[]") else at.setdefault(step, {})
    at[last] = value
    return made


def check(room, form, settings, name="file", **environment):
    folder, _ = room
    program, _, is_json = whole(room)[form]
    file = folder / f"{name}.{'json' if is_json else 'yaml'}"
    file.write_text(json.dumps(settings, indent=1) if is_json else yaml.safe_dump(settings, sort_keys=False))
    return programs.run([programs.program(program), "--config", file, "--check"], env=programs.environment(folder, **environment)), file


# What else has to be said for a key to be taken.
BESIDE = {
    "reconnect.most": {"reconnect.first": "10ms"}, "position.lat": {"position.lon": 0}, "position.lon": {"position.lat": 0},
    "watchdog.timeout": {"watchdog.device": "/dev/watchdog"}, "slots.quick": {"slots.backend": "exec", "slots.program": "/bin/true"},
    "slots.work": {"slots.backend": "exec", "slots.program": "/bin/true"},
    "slots.boot": {"slots.backend": "block", "slots.a": "/dev/null", "slots.b": "/dev/zero"},
    "download.metered": {"download.metered_file": "/run/metered"},
    "artifacts.urls[].style": {"artifacts.urls": [{"endpoint": "https://s3.example.org", "bucket": "fleet", "region": "x", "access_key_id": "K",
                                                   "secret_key_file": "secret"}]}}
CLAIM = {"claim.listen": "127.0.0.1:1", "claim.certificate": "PKI/localhost.crt", "claim.key": "PKI/localhost.key"}
BLOCK = {"slots.a": "/dev/null", "slots.b": "/dev/zero", "slots.boot": "grub"}
BACKENDS = {"dir": {}, "block": BLOCK, "exec": {"slots.program": "/bin/true"}}
MS = {"ms": 1, "s": 1000, "m": 60000, "h": 3600000, "d": 86400000}
SIZES = {"B/s": 1, "KiB": 1024, "MiB": 1048576}
TEXTS = ("mqtt", "brokers[].mqtt")  # texts, though they look like numbers


def step(text, up):
    """The next value beyond a bound."""
    number, unit = re.fullmatch(r"(-?\d+)(.*)", text).groups()
    if not unit:
        return int(number) + (1 if up else -1)
    if unit in SIZES:
        return f"{int(number) * 2}{unit}" if up else f"{int(number) * SIZES[unit] // 2}{'B/s' if unit == 'B/s' else 'B'}"
    return f"{int(number) * MS[unit] + (1 if up else -1)}ms"


def plain(text):
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def trials(key, values):
    """Values that are taken, values that are not."""
    bounds = re.fullmatch(r"(-?\d+\S*) (?:to (\S+)|and more)", values)
    if bounds:
        low, high = bounds.groups()
        refused = ([] if low == "0s" else [step(low, False)]) + ([step(high, True)] if high else [])
        return [plain(low)] + ([plain(high)] if high else []), refused
    if re.fullmatch(r"`[^`]+`(, `[^`]+`)+", values) and ":" not in values and "/" not in values:
        taken = re.findall(r"`([^`]+)`", values)
        return ([text == "true" for text in taken], ["perhaps"]) if "true" in taken else (taken, ["nonsense"])
    return None


def tried():
    for heading in ("Server", "Signer", "Enrolment", "Agent"):
        for key, cells in rows(heading).items():
            form = heading
            if heading == "Server":
                program = re.search(r"[da]", cells[2])
                form = program[0] if program else None
            if form and trials(key, cells[0]):
                yield pytest.param(form, key, cells[0], id=f"{heading}-{key}")


@pytest.mark.parametrize("form, key, values", tried())
def test_bounds(room, form, key, values):
    """What the page says is taken is taken; what lies beyond is refused, at its line."""
    _, settings, _ = whole(room)[form]
    beside = CLAIM if key.startswith("claim.") else BESIDE.get(key, {})
    for name, value in beside.items():
        settings = put(settings, name, value.replace("PKI", str(room[1].certs)) if isinstance(value, str) else value)
    taken, refused = trials(key, values)
    for value in taken:
        given = put(settings, key, value)
        for name, more in BACKENDS.get(value, {}).items() if key == "slots.backend" else ():
            given = put(given, name, more)
        done, _ = check(room, form, given)
        assert done.returncode == 0, (key, value, done.stderr)
    for value in refused:
        done, file = check(room, form, put(settings, key, value))
        assert done.returncode == 2, (key, value, done.stdout, done.stderr)
        place = re.match(rf"{re.escape(str(file))}:(\d+):\d+: error: (.*)", done.stderr)
        assert place, done.stderr
        line = file.read_text().splitlines()[int(place[1]) - 1]
        assert key.rsplit(".", 1)[-1] in place[2] and (key.rsplit(".", 1)[-1] in line or key.startswith("position")), (done.stderr, line)


@pytest.mark.parametrize("form", ["d", "a", "Signer", "Enrolment", "Agent"])
def test_unknown_key(room, form):
    done, file = check(room, form, {**whole(room)[form][1], "artefacts": 1})
    assert done.returncode == 2
    line = next(number for number, text in enumerate(file.read_text().splitlines(), 1) if "artefacts" in text)
    assert re.search(rf"^{re.escape(str(file))}:{line}:\d+: error: .*artefacts", done.stderr), done.stderr


@pytest.mark.parametrize("form, key", [("d", "tls.key"), ("d", "tls.ca"), ("d", "director"), ("d", "operators.root"), ("a", "api.key"),
                                       ("a", "api.certificate"), ("Signer", "director"), ("Signer", "repository.root"),
                                       ("Enrolment", "key"), ("Enrolment", "ca"), ("Agent", "key"), ("Agent", "ca"), ("Agent", "certificate")])
def test_files(room, form, key, tmp_path):
    """One that is not there, a secret that others may read; and none of another program's."""
    folder, _ = room
    _, settings, _ = whole(room)[form]
    done, _ = check(room, form, settings)
    assert done.returncode == 0, done.stderr
    done, file = check(room, form, put(settings, key, str(tmp_path / "away")))
    assert done.returncode != 0
    number = re.match(rf"{re.escape(str(file))}:(\d+):\d+: error: .*away: No such file", done.stderr)
    assert number and str(tmp_path / "away") in file.read_text().splitlines()[int(number[1]) - 1], done.stderr
    if key in ("tls.key", "director", "api.key", "key"):
        shutil.copy(folder / "secret", tmp_path / "open")
        (tmp_path / "open").chmod(0o640)
        done, _ = check(room, form, put(settings, key, str(tmp_path / "open")))
        assert done.returncode != 0 and "others may read" in done.stderr and "chmod 600" in done.stderr
    assert check(room, "d", put(whole(room)["d"][1], "api.key", "/away"))[0].returncode == 0


def test_database_secret(room):
    folder, _ = room
    _, settings, _ = whole(room)["d"]
    secret = str(folder / "secret")
    assert check(room, "d", put(settings, "database_secret", secret))[0].returncode == 0
    for database in ("postgresql://y@x/z", "dbname=x password=p"):
        done, _ = check(room, "d", {**settings, "database": database, "database_secret": secret})
        assert done.returncode == 2 and "database_secret: expected a database beside it" in done.stderr and "=p" not in done.stderr


@pytest.mark.parametrize("name, form", [("wavegated.yaml", "d"), ("api.yaml", "a"), ("signer.yaml", "Signer"), ("enrol.json", "Enrolment"),
                                        ("agent.json", "Agent")])
def test_examples(room, name, form, tmp_path):
    """The packages' configurations are taken once what they name is there; with credentials, and a list like systemd's on them."""
    _, pki = room
    text = (EXAMPLES / name).read_text()
    for folder in ("/usr/share/wavegate/web", "/var/lib/wavegate/repository", "/var/lib/wavegate/artifacts", "/var/cache/wavegate-api",
                   "/var/lib/wavegate-enrol/pki", "/etc/wavegate/hooks"):
        text = text.replace(folder, str(tmp_path / "there" / folder.rsplit("/", 1)[1]))
        (tmp_path / "there" / folder.rsplit("/", 1)[1]).mkdir(parents=True, exist_ok=True)
    handed = tmp_path / "handed"
    for folder in (handed, tmp_path / "tls"):
        folder.mkdir()
    file = tmp_path / name
    file.write_text(text)

    def ask(**environment):
        return programs.run([programs.program(whole(room)[form][0]), "--config", file, "--check"],
                            env=programs.environment(tmp_path, **environment))
    done = ask()
    assert done.returncode != 0 and re.match(rf"{re.escape(str(file))}:\d+:\d+: error: .*No such file", done.stderr), done.stderr
    for certificate in ("wavegated", "wavegate-enrol"):
        shutil.copy(pki.certificate(certificate), tmp_path / f"tls/{certificate}.crt")
    for source, target in ((pki.server_root, "tls/server-root.crt"), (pki.certificate("localhost"), "tls/api.crt"),
                           (pki.folder / "operator/root.crt", "tls/operator-root.crt"), (pki.folder / "operator/crl.pem", "tls/operator-crl.pem"),
                           (pki.server_root, "server-root.crt"), (pki.certificate("dev-1"), "device.crt"), (pki.key("dev-1"), "device.key"),
                           (pki.key("dev-1"), "device.age")):
        shutil.copy(source, tmp_path / target)
    for root in ("tls/tuf-root.json", "tuf-root.json"):
        (tmp_path / root).write_text("{}")
    assert ask().returncode == 0, ask().stderr
    names = re.findall(r"^[^#\n]*credential:([a-z._-]+)", text, re.MULTILINE)
    if not names:
        return
    done = ask(CREDENTIALS_DIRECTORY=str(handed))
    assert done.returncode != 0 and "No such file" in done.stderr
    for credential in names:
        (handed / credential).write_text("x")
        os.chmod(handed / credential, 0o440)
    assert ask(CREDENTIALS_DIRECTORY=str(handed)).returncode == 0, ask(CREDENTIALS_DIRECTORY=str(handed)).stderr
    os.chmod(handed / names[0], 0o444)
    assert "others may read" in ask(CREDENTIALS_DIRECTORY=str(handed)).stderr
    started = programs.run([programs.program(whole(room)[form][0]), "--config", file], env=programs.environment(tmp_path))
    assert started.returncode in (2, 5) and "no credentials were handed over" in started.stderr, started.stderr
