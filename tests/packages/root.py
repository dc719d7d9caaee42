"""A Debian of its own in a folder: made by debootstrap once, copied for each use; nothing of it is left mounted."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.packages.debs import FOLDER, run

BASE = FOLDER / "bookworm"
WANTED = FOLDER / "bookworm.depends"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
SUITE = "bookworm"
# apt's and dpkg's own notes, and what they make anew: no package's.
NOTES = ("var/cache/apt", "var/lib/apt", "var/lib/dpkg", "var/log", "var/cache/debconf", "var/cache/ldconfig", "etc/ld.so.cache",
         "tmp", "root", "proc", "sys", "dev", "run", "debs")


def sources():
    """Where this machine has its Debian from: lines for sources.list."""
    form = "$(SITE) $(RELEASE) $(COMPONENT)"
    seen = sorted({tuple(line.split()) for line in run("apt-get", "indextargets", "--format", form).splitlines()
                   if SUITE in line and "/debian" in line.split()[0]})
    return [f"deb [signed-by={KEYS}] {site} {release} {component}" for site, release, component in seen if component == "main"]


def mirror():
    return next(line.split()[2] for line in sources() if f" {SUITE} " in f"{line} ")


def make_base(depends):
    """minbase from the machine's own archives, and what packages depend on; the last step gives it its name."""
    if WANTED.exists() and WANTED.read_text() == depends:
        return
    part = FOLDER / "bookworm.part"
    for path in (part, BASE):
        shutil.rmtree(path, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    run("debootstrap", "--variant=minbase", f"--keyring={KEYS}", SUITE, part, mirror())
    (part / "etc/apt/sources.list").write_text("\n".join(sources()) + "\n")
    (part / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (part / "usr/sbin/policy-rc.d").chmod(0o755)
    with Root(part, copied=False) as root:
        root.run("apt-get", "-qq", "update")
        root.run("apt-get", "-qq", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", "satisfy", depends)
        root.run("apt-get", "clean")
    part.rename(BASE)
    WANTED.write_text(depends)


class Root:
    """with Root(folder) as root: root.run("apt-get", ...)"""

    def __init__(self, folder, copied=True):
        self.folder = Path(folder)
        self.copied = copied  # of the base, and gone afterwards
        self.mounted = []

    def __enter__(self):
        if self.copied:
            shutil.rmtree(self.folder, ignore_errors=True)
            run("cp", "-a", "--reflink=auto", BASE, self.folder)
        for name in ("etc/resolv.conf", "etc/hosts"):
            shutil.copy(f"/{name}", self.folder / name)
        for config in Path("/etc/apt/apt.conf.d").glob("*proxy*"):
            shutil.copy(config, self.folder / "etc/apt/apt.conf.d")
        run("mount", "-t", "proc", "proc", self.folder / "proc")
        self.mounted.append(self.folder / "proc")
        return self

    def __exit__(self, *_):
        while self.mounted:
            run("umount", self.mounted.pop())
        if self.copied:
            shutil.rmtree(self.folder)

    def ask(self, *words, **environment):
        """returncode, stdout, stderr"""
        # not the machine's own: what is tested shall find its own settings alone
        given = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "HOME": "/root",
                 **{key: value for key, value in os.environ.items() if key.lower().endswith("_proxy")}, **environment}
        return subprocess.run(["chroot", self.folder, *map(str, words)], env=given, capture_output=True, text=True, check=False)

    def run(self, *words, **environment):
        done = self.ask(*words, **environment)
        assert done.returncode == 0, f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def put(self, debs):
        """The paths, inside, of packages that are laid into it."""
        (self.folder / "debs").mkdir(exist_ok=True)
        for deb in debs:
            shutil.copy(deb, self.folder / "debs")
        return [f"/debs/{Path(deb).name}" for deb in debs]

    def install(self, debs, *options):
        return self.run("apt-get", "-qq", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", *options, "install", *self.put(debs))

    def tree(self):
        """What there is, but for notes of apt and dpkg: path -> kind, mode, owner."""
        seen = {}
        for folder, folders, files in os.walk(self.folder):
            inside = os.path.relpath(folder, self.folder)
            folders[:] = [name for name in folders if os.path.normpath(f"{inside}/{name}") not in NOTES]
            for name in folders + files:
                path = os.path.normpath(f"{inside}/{name}")
                if path not in NOTES:
                    info = os.lstat(self.folder / path)
                    seen[path] = (oct(info.st_mode), info.st_uid, info.st_gid)
        return seen

    def text(self, path):
        return (self.folder / path).read_text()
