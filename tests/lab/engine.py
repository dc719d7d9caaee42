"""Debian's dockerd, started by hand beside whatever the machine runs: own data, own socket, nothing of the host's network touched."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.lab.process import Child, LabError, poll, tail

# Debian's programs before all others: another `docker` breaks builds.
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
BASE = "debian:bookworm-slim"
# What the published base image has not, nor takes in later; apt's lists come anew with each update.
PAPERS = ("usr/share/doc", "usr/share/info", "usr/share/lintian", "usr/share/locale", "usr/share/man")
LEFT_OUT = (*PAPERS, "var/lib/apt/lists", "var/cache/apt", "var/cache/debconf")


class Engine:
    """folder: where its data lie, which stays when it ends; remove() takes it away."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket = self.folder / "sock"
        self.log = self.folder / "dockerd.log"
        before = self._said()
        # SIGTERM when we are gone: it takes its containers along
        self._child = Child("dockerd", [
            "/usr/sbin/dockerd", "--data-root", self.folder / "data", "--exec-root", self.folder / "exec",
            "--pidfile", self.folder / "pid", "-H", f"unix://{self.socket}", "--iptables=false", "--ip6tables=false",
            "--ip-forward=false", "--bridge=none"], self.log, env=self.environment(), death_signal=signal.SIGTERM)
        if not poll(lambda: self._said() > before or not self._child.alive(), 60) or not self._child.alive():
            raise LabError(f"dockerd did not start:\n{tail(self.log)}")

    def _said(self):
        return self.log.read_text(errors="replace").count("API listen on") if self.log.exists() else 0

    def environment(self, **more):
        return {**os.environ, "PATH": PATH, "DOCKER_HOST": f"unix://{self.socket}", **more}

    def ask(self, *words, data=None):
        """One docker command: what it prints, as bytes."""
        done = subprocess.run(["docker", *map(str, words)], input=data, env=self.environment(), check=False, capture_output=True)
        if done.returncode != 0:
            raise LabError(f"docker {' '.join(map(str, words[:3]))}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def stop(self):
        if self._child:
            self._child.stop(60)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Found(Engine):
    """One that runs on this machine already, and stays."""

    def __init__(self):  # pylint: disable=super-init-not-called
        self.socket = Path("/var/run/docker.sock")
        self._child = None

    @staticmethod
    def is_there():
        return subprocess.run(["docker", "-H", "unix:///var/run/docker.sock", "info"], env={"PATH": PATH}, check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    def remove(self):
        pass


def mirror():
    """Where this machine's own packages come from."""
    policy = subprocess.run(["apt-cache", "policy"], check=True, capture_output=True, text=True).stdout
    for line in policy.splitlines():
        words = line.split()
        if len(words) >= 3 and words[1].startswith("http") and words[2] == "bookworm/main":
            return words[1]
    raise LabError("apt's sources name no mirror of bookworm")


def _debootstrap(root, log):
    """Nothing of it runs or is mounted in the folder afterwards, however it ends."""
    made = Child("debootstrap", ["debootstrap", "--variant=minbase", "bookworm", root, mirror()], log)
    try:
        if made.wait(1800) != 0:
            raise LabError(f"debootstrap:\n{tail(log)}")
    finally:
        made.kill()
        for mounted in (root / "proc", root / "sys"):
            if os.path.ismount(mounted):
                subprocess.run(["umount", mounted], check=True)


def bring_base(engine, scratch):
    """The base image: there, pulled, or made of the machine's own mirror; which of them it was."""
    if engine.ask("image", "ls", "-q", BASE):
        return "there"
    try:
        engine.ask("pull", "-q", BASE)
        return "pulled"
    except LabError:
        pass
    root = Path(scratch) / "base"
    _debootstrap(root, Path(scratch) / "debootstrap.log")
    (root / "etc/dpkg/dpkg.cfg.d/slim").write_text("".join(f"path-exclude /{path}/*\n" for path in PAPERS))
    with subprocess.Popen(["tar", "-C", root, "-c", *[f"--exclude=./{path}/*" for path in LEFT_OUT], "."],
                          stdout=subprocess.PIPE) as tar:
        subprocess.run(["docker", "import", "-", BASE], stdin=tar.stdout, env=engine.environment(), check=True,
                       stdout=subprocess.DEVNULL)
    shutil.rmtree(root)
    return "made by debootstrap"
