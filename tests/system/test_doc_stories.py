"""Marked blocks of pages are typed: `<!-- run: play -->` line by line, where `make play` has brought the reader; `<!-- run: shell -->` as
one script a page, in an empty folder, with SOURCE; `<!-- run: terminal -->` line by line in an empty folder, at a terminal that asks.
Other people's programs, where they stand unmarked, are typed in test_doc_others.py."""

import hashlib
import json
import os
import re
import subprocess

import pytest

from tests.lab import fleet, pages, payload, programs, terminal
from tests.lab.lab import World
from tests.system.story import DEVICES

STORIES = ("README.md", "docs/troubleshooting.md", "docs/registry.md")  # in this order, each from where the one before it ended
SCRIPTS = {"docs/porting.md": ('"running":"b"', " passed"), "docs/identity.md": ()}  # page to what is said on the way
TERMINAL = "docs/releases.md"
PASSPHRASE = [(r"passphrase[^\n]*: |the same again: ", "correct horse battery staple")]
PENDING = 3  # plan: what it is there to say
AWAY = ("make play",)  # is what the world stands for


@pytest.fixture(scope="module")
def desk(ground):
    """A fleet and a folder with what the pages name: certificates, R, firmware, campaigns."""
    world = World(ground, "play")
    world.play(DEVICES)
    folder = world.folder / "desk"
    folder.mkdir()
    for file in ground.pki.certs.iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "R").symlink_to(world.repository.folder)
    (folder / "campaigns").symlink_to(programs.ROOT / "campaigns")
    (folder / "firmware").symlink_to(payload.make(ground.folder, fleet.COMPONENT, "2.4.1", size=200_000))
    (folder / "countries.geojson").symlink_to(programs.ROOT / "deploy/boundaries/sample.geojson")
    (folder / "fleet.csv").write_text("id,hardware_model,tags\ndev-000017,brake-controller,pilot\ndev-000018,brake-controller,\n")
    yield world, folder
    world.close()
    assert not world.sanitizer_report()


def lines_of(name):
    return [line for line in pages.code_lines(programs.ROOT / name) if line.world and not line.text.startswith(AWAY)]


def test_marks_name_a_world_that_there_is():
    marked = {pages.name_of(page): {line.world for line in pages.code_lines(page) if line.world} for page in pages.pages()}
    assert {str(name) for name, worlds in marked.items() if worlds == {"play"}} == set(STORIES)
    assert {str(name) for name, worlds in marked.items() if worlds == {"shell"}} == set(SCRIPTS)
    assert {str(name) for name, worlds in marked.items() if worlds == {"terminal"}} == {TERMINAL}
    assert set().union(*marked.values()) == {"play", "shell", "terminal"}


@pytest.mark.parametrize("name", STORIES)
def test_a_page_can_be_typed(desk, name):
    world, folder = desk
    env = programs.environment(world.folder, WAVEGATE_CONFIG=str(world.orchestrator.config), WAVEGATE_PAGER="cat",
                               PATH=f"{programs.BIN}:{os.environ['PATH']}")
    lines = lines_of(name)
    assert lines
    for line in lines:
        done = subprocess.run(["sh", "-c", line.text], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60 * programs.SLOWER, check=False)
        expected = PENDING if re.match(r"wavegate campaign plan\b", line.text) else 0
        assert done.returncode == expected, f"{line.where}: {line.text}: exit code {done.returncode}\n{done.stdout}{done.stderr}{world.logs()}"


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_page_is_a_script(name, tmp_path):
    script = "\n".join(line.text for line in lines_of(name))
    env = programs.environment(tmp_path, SOURCE=str(programs.ROOT), PYTHONDONTWRITEBYTECODE="1", PATH=f"{programs.BIN}:{os.environ['PATH']}")
    done = subprocess.run(["sh", "-eu", "-c", script], cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=300 * programs.SLOWER, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert all(words in done.stdout for words in SCRIPTS[name])


def write_build(folder):
    """What the page adds to its repository, with its papers."""
    content = b"brake" * 20_000
    (folder / "brake-2.4.1.img").write_bytes(content)
    (folder / "brake.cdx.json").write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5"}))
    (folder / "brake.intoto.json").write_text(json.dumps({
        "_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1", "predicate": {},
        "subject": [{"name": "brake", "digest": {"sha256": hashlib.sha256(content).hexdigest()}}]}))


def test_a_repository_is_made_at_terminals(tmp_path):
    env = programs.environment(tmp_path, PATH=f"{programs.BIN}:{os.environ['PATH']}")

    def at_terminal(line, where="beside the page"):
        code, shown = terminal.typed(line, tmp_path, env, PASSPHRASE)
        assert code == 0, f"{where}: {line}: exit code {code}\n{shown}"
        return shown

    lines = lines_of(TERMINAL)
    makes = [line for line in lines if " make-key " in line.text]
    assert len(makes) == 2
    for of, others in zip(makes, (("ben", "carl", "dora"), ("online2",))):  # each of them, on a machine of their own
        for other in others:
            at_terminal(re.sub(r"(?:anna|online)\.pem", f"{other}.pem", of.text))
    write_build(tmp_path)
    shown = {line.where: at_terminal(line.text, line.where) for line in lines}
    assert any("all of it verifies" in text for text in shown.values()) and any("published" in text for text in shown.values())
    assert "nothing is due" in at_terminal("wavegate release refresh --repository R")
    for who in ("anna", "ben"):
        at_terminal(f"wavegate release sign --repository R --key {who}.pem")
    end = at_terminal("wavegate release verify --repository R")
    assert "root 2" in end and "brake 2" in end and "0 targets" in end and "all of it verifies" in end
