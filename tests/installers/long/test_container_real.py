"""`container` with Debian's dockerd, started by hand beside whatever the machine runs; images are one static program."""
import io
import json
import shutil
import subprocess
import tarfile

import pytest

from tests.installers.conformance import *  # noqa: F401,F403
from tests.installers.conformance import runs
from tests.installers.cuts import cut_everywhere
from tests.installers.driver import Refused, Release, Rig
from tests.lab.engine import Engine

PROGRAM = """#include <signal.h>
#include <unistd.h>
static void end(int number) { (void)number; _exit(0); }
int main(void) { signal(SIGTERM, end); for (;;) pause(); }
"""


class Docker(Rig):
    after_cut = False
    snapshots = False  # the engine remembers

    def make(self):
        self.engine = Engine(self.folder / "engine")
        self.made = {}
        (self.folder / "run.c").write_text(PROGRAM)
        subprocess.run(["cc", "-static", "-o", self.folder / "run", self.folder / "run.c"], check=True)
        self.use("container", {"name": "brake", "options": f"-H unix://{self.engine.socket}", "arguments": "--network none"})

    def release(self, number):
        if number not in self.made:
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w") as tar:
                tar.add(self.folder / "run", "run")
                info = tarfile.TarInfo("version")
                info.size = 5
                tar.addfile(info, io.BytesIO(self.version(number).encode()))
            name = f"brake:{number}"
            self.engine.ask("import", "-c", 'CMD ["/run"]', "-c", f"LABEL number={number}", "-", name, data=out.getvalue())
            self.made[number] = Release(self.component, self.version(number), self.engine.ask("save", name))
            self.engine.ask("image", "rm", name)
        return self.made[number]

    def really(self):
        running = self.engine.ask("ps", "--format", "{{.Names}} {{.Label \"number\"}}").decode().split()
        if running[:1] != ["brake"] or len(running) != 2:
            return running or None
        return self.version(int(running[1]))

    def wipe(self):
        there = self.engine.ask("ps", "-aq").decode().split()
        if there:
            self.engine.ask("rm", "-f", *there)
        shutil.rmtree(self.root / "state")
        (self.root / "state").mkdir()

    def close(self):
        self.wipe()
        self.engine.stop()


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    rig = Docker(tmp_path_factory.mktemp("docker"))
    yield rig
    rig.close()


@pytest.mark.parametrize("verb, step, version", [("activate", "ready", "2.0.0"), ("revert", "active", "1.0.0")])
def test_a_verb_that_is_cut_and_comes_again(rig, verb, step, version):
    def check(at):
        if at % 2:
            rig.installer.probe()
        rig.installer.do(verb)
        runs(rig, version)

    assert cut_everywhere(rig, verb, step, check) > 0


def test_what_is_not_needed_goes(rig):
    rig.at("confirmed")
    assert rig.engine.ask("ps", "-a", "--format", "{{.Names}}").decode().split() == ["brake"]
    images = json.loads("[" + ",".join(rig.engine.ask("image", "ls", "-a", "--format", "{{json .ID}}").decode().split()) + "]")
    assert len(images) == 1


def test_an_image_that_cannot_be_loaded(rig):
    rig.at("idle")
    with pytest.raises(Refused, match="not an image"):
        rig.installer.put(Release(rig.component, "2.0.0", b"rubbish\n"))
    runs(rig, "1.0.0")
