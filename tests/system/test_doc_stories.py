"""Marked blocks of pages are typed: `<!-- run: play -->` line by line, where `make play` has brought the reader; `<!-- run: shell -->` as
one script a page, in an empty folder, with SOURCE."""

import os
import re
import subprocess

import pytest

from tests.lab import fleet, pages, payload, programs
from tests.lab.lab import World
from tests.system.story import DEVICES

STORIES = ("README.md", "docs/troubleshooting.md", "docs/registry.md")  # in this order, each from where the one before it ended
SCRIPTS = {"docs/porting.md": ('"running":"b"', " passed"), "docs/identity.md": ()}  # page to what is said on the way
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
    assert set().union(*marked.values()) == {"play", "shell"}


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
