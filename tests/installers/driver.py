"""The agent's side of docs/installers.md: one verb, one process; and a knife that cuts a verb between any two of its commands."""
import hashlib
import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
INSTALLERS = SOURCE / "agent/installers"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LIMIT = 120 * int(os.environ.get("WAVEGATE_SLOWER", "1"))

# Commands by which an installer changes something; the cut falls before the Nth of them.
CUTTING = ("sync mv rm ln cp cat tar chmod chown mkdir truncate dpkg apt-get "
           "docker rauc swupdate boot").split()
SHIM = """#!/bin/sh
read -r n <"$CUT/count"
n=$((n + 1))
echo "$n" >"$CUT/count"
[ "$n" -ne "$CUT_AT" ] || kill -9 0
PATH=$CUT_PATH
exec "${0##*/}" "$@"
"""


@dataclass(frozen=True)
class Release:
    component: str
    version: str
    content: bytes

    @property
    def sha256(self):
        return hashlib.sha256(self.content).hexdigest()

    def environment(self):
        return {"WAVEGATE_COMPONENT": self.component, "WAVEGATE_VERSION": self.version,
                "WAVEGATE_SHA256": self.sha256, "WAVEGATE_LENGTH": str(len(self.content))}


class Refused(Exception):
    """The installer ended with another exit code than 0."""

    def __init__(self, verb, code, text):
        super().__init__(f"{verb}: exit code {code}: {text}")
        self.code, self.text = code, text


class Cut(Exception):
    """The knife fell."""


class Installer:
    def __init__(self, program, state, settings, environment=()):
        self.program, self.state = Path(program), Path(state)
        self.settings = dict(settings)
        self.extra = dict(environment)  # what a test's services need besides
        self.state.mkdir(parents=True, exist_ok=True)

    def environment(self, release=None, more=()):
        env = {"PATH": PATH, "LC_ALL": "C.UTF-8", "WAVEGATE_PROTOCOL": "1", "WAVEGATE_STATE": str(self.state)}
        env.update({"WAVEGATE_SET_" + key.upper(): str(value) for key, value in self.settings.items()})
        env.update(self.extra)
        if release:
            env.update(release.environment())
        env.update(more)
        return env

    def start(self, verb, release=None, more=()):
        return subprocess.Popen([str(self.program), verb], cwd=self.state, start_new_session=True,
                                env=self.environment(release, more), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, verb, release=None, data=b"", more=()):
        process = self.start(verb, release, more)
        try:
            out, err = process.communicate(data, timeout=LIMIT)
        finally:
            kill_group(process)
        if process.returncode == -signal.SIGKILL:
            raise Cut(verb)
        if process.returncode != 0:
            raise Refused(verb, process.returncode, err.decode(errors="replace").strip())
        return out

    def probe(self):
        return json.loads(self.run("probe"))

    def status(self):
        return json.loads(self.run("status"))

    def begin(self, release, fresh=False):
        return json.loads(self.run("begin", release, more={"WAVEGATE_FRESH": "1" if fresh else "0"}))["have"]

    def write(self, release, offset=0, until=None):
        self.run("write", release, release.content[offset:until], {"WAVEGATE_OFFSET": str(offset)})

    def do(self, verb, release=None):
        """A verb with the whole content of the release, where it takes one."""
        if verb == "begin":
            return self.begin(release)
        if verb == "write":
            return self.write(release)
        return self.run(verb, release if verb == "finish" else None)

    def put(self, release):
        self.begin(release, fresh=True)
        self.write(release)
        self.do("finish", release)


class Knife:
    """Cuts the verbs of one installer before the Nth command that changes something."""

    def __init__(self, installer, folder):
        self.installer, self.folder = installer, Path(folder)
        (self.folder / "bin").mkdir(parents=True)
        for name in CUTTING:
            path = self.folder / "bin" / name
            path.write_text(SHIM)
            path.chmod(0o755)

    def cut(self, verb, release, at):
        """True when the verb was cut, False when it had fewer steps than that."""
        before = dict(self.installer.extra)
        path = before.get("PATH", PATH)
        (self.folder / "count").write_text("0\n")
        self.installer.extra.update({"CUT": str(self.folder), "CUT_AT": str(at), "CUT_PATH": path,
                                     "PATH": f"{self.folder}/bin:{path}"})
        try:
            self.installer.do(verb, release)
            return False
        except Cut:
            return True
        except BrokenPipeError:
            return True
        finally:
            self.installer.extra = before


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(LIMIT)
    for pipe in (process.stdin, process.stdout, process.stderr):
        try:
            pipe.close()
        except BrokenPipeError:
            pass


class Rig:
    """A sandbox: the installer's state in root/state, what it changes in root/world, both copied aside and back.

    Subclasses say what a release looks like, and which version is really there.
    """
    boots = False
    snapshots = True  # all that matters lies in root
    component = "brake"
    after_cut = True  # right after a cut, before anything else runs, it is old or new already

    def __init__(self, folder):
        self.folder = Path(folder)
        self.root = self.folder / "root"
        (self.root / "world").mkdir(parents=True)
        self.boot_id = self.root / "boot_id"
        self.boot_id.write_text("boot-0\n")
        self.boot_count = 0
        self.make()
        self.saved = {}

    def use(self, program, settings, environment=()):
        self.installer = Installer(program if "/" in str(program) else INSTALLERS / program, self.root / "state",
                                   {"boot_id": self.boot_id, **settings}, environment)
        self.knife = Knife(self.installer, self.folder / "knife")

    def make(self):
        raise NotImplementedError

    def release(self, number):
        raise NotImplementedError

    def really(self):
        """The version that is there, as the world and not the installer says; None: nothing."""
        raise NotImplementedError

    def reboot(self):
        self.boot_count += 1
        self.boot_id.write_text(f"boot-{self.boot_count}\n")

    def close(self):
        pass

    def version(self, number):
        return f"{number}.0.0"

    # how far an update to 2 has come
    STEPS = ["idle", "begun", "written", "ready", "active", "confirmed"]

    def step_to(self, step):
        """From the step before."""
        two = self.release(2)
        if step == "idle":
            self.installer.probe()
            self.installer.put(self.release(1))
            self.installer.do("activate")
            self.reboot()
            self.installer.probe()
            self.installer.do("confirm")
        elif step == "begun":
            self.installer.begin(two)
        elif step == "written":
            self.installer.write(two)
        elif step == "ready":
            self.installer.do("finish", two)
        elif step == "active":
            self.installer.do("activate")
            self.reboot()
            self.installer.probe()
        elif step == "confirmed":
            self.installer.do("confirm")

    def at(self, step):
        """The sandbox as it is at that step; made once, then copied back. lapsed: active, and booted once more."""
        if step == "lapsed":
            self.at("active")
            self.reboot()
            return
        if not self.snapshots:
            self.wipe()
            for one in self.STEPS[:self.STEPS.index(step) + 1]:
                self.step_to(one)
            return
        done = [one for one in self.STEPS if one in self.saved]
        wanted = self.STEPS[:self.STEPS.index(step) + 1]
        if step not in self.saved:
            start = [one for one in done if one in wanted]
            if start:
                self.load(start[-1])
            for one in wanted[len(start):]:
                self.step_to(one)
                self.save(one)
        self.load(step)

    def wipe(self):
        raise NotImplementedError

    def save(self, name):
        copy = self.folder / "saved" / name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.root, copy, symlinks=True)
        self.saved[name] = self.boot_count

    def load(self, name):
        shutil.rmtree(self.root)
        shutil.copytree(self.folder / "saved" / name, self.root, symlinks=True)
        self.boot_count = self.saved[name]
