"""Lines of pages that call other people's programs are typed, with a stand-in for what the page names of a site."""

import os
import re
import shutil
import subprocess

import pytest

from tests.lab import pages, programs, terminal
from tests.lab.lab import World
from tests.lab.postgres import BIN as POSTGRES
from tests.lab.token import MODULE, PIN, Tokens

UNITS = programs.ROOT / "deploy/systemd"
DEBIANS = {"mosquitto", "postgresql"}  # units of other packages


@pytest.fixture(scope="module")
def site(ground):
    """Database and broker."""
    made = World(ground, "site")
    yield made
    made.close()


def lines(program, *but):
    """All lines of pages with a call of that program, outside of marked blocks; each text once."""
    found = {}
    for page in pages.pages():
        if str(pages.name_of(page)) not in but:
            for line in pages.code_lines(page):
                if not line.world and any(call.words[0] == program for call in pages.others(line)):
                    found.setdefault(re.split(r"\s{2,}", line.text)[0], line.where)
    assert found
    return [pytest.param(text, id=where) for text, where in found.items()]


def typed(text, cwd, **env):
    return subprocess.run(["sh", "-c", text], cwd=cwd, env={**os.environ, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60 * programs.SLOWER, check=False)


def well(text, cwd, **env):
    done = typed(text, cwd, **env)
    assert done.returncode == 0, f"{text}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


@pytest.mark.parametrize("text", lines("openssl"))
def test_certificates_can_be_looked_at(site, text):
    authority = site.ground.pki
    file = authority.folder / "broker/crl.pem" if " crl " in text else authority.server_root
    said = well(text.replace("FILE", str(file)).replace("BROKER:8883", f"localhost:{site.broker.port}"), site.folder)
    assert "notAfter=" in said or "nextUpdate=" in said


@pytest.mark.parametrize("text", lines("journalctl"))
def test_the_journal_takes_the_line(tmp_path, text):
    assert "--help" not in text
    well(text, tmp_path)  # no entries, where nothing of it runs


@pytest.mark.parametrize("text", [*lines("journalctl"), *lines("systemctl")])
def test_units_are_there(text):
    words = text.split()
    units = [words[words.index("--unit") + 1]] if "--unit" in words else [word for word in words[2:] if not word.startswith("-")]
    assert units
    for unit in units:
        assert unit in DEBIANS or (UNITS / f"{unit}.service").exists(), unit


@pytest.mark.parametrize("text", lines("install"))
def test_a_hook_is_put_in_its_place(tmp_path, text):
    shipped = tmp_path / "share/wavegate"
    shipped.mkdir(parents=True)
    shutil.copytree(programs.ROOT / "agent/hooks", shipped / "hooks")
    if os.geteuid() != 0:
        text = text.replace("-o root", f"-o {os.geteuid()}")  # a file is given to root by root alone
    well(text.replace("/etc/wavegate", "etc"), tmp_path)
    put, = (tmp_path / "etc").glob("hooks/install/enter/*")
    assert os.access(put, os.X_OK)


@pytest.mark.parametrize("text", lines("pkcs11-tool"))
def test_a_token_makes_a_key(tmp_path, text):
    tokens = Tokens(tmp_path).add("offline")
    code, shown = terminal.typed(text.replace("LIBRARY", str(MODULE)), tmp_path, {**os.environ, **tokens.environment},
                                 [(r"PIN[^\n]*: ", PIN)])
    assert code == 0 and "EC_POINT" in shown, shown


@pytest.mark.parametrize("text", lines("psql", "docs/operations.md"))  # those of that page: test_backup.py, test_retention.py
def test_a_superuser_types_it(site, text):
    name = re.search(r"-d (\w+)", text).group(1)
    site.ground.postgres.fresh_database(name)
    dsn = site.ground.postgres.dsn(name)
    well(text.replace(f"-d {name}", f"-d '{dsn}'"), programs.ROOT, PATH=f"{POSTGRES}:{os.environ['PATH']}")


@pytest.mark.parametrize("text", lines("python3", "docs/performance.md"))  # benches: test_benches.py
def test_python_types_it(text):
    said = well(re.sub(r"\[--devices N \.\.\.\] \[--hours H\]", "--devices 50000 2000000 --hours 12", text), programs.ROOT,
                PYTHONDONTWRITEBYTECODE="1")
    assert "2,000,000" in said or "2000000" in said or "2 M" in said, said
