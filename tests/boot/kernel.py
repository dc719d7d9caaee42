"""The Debian kernel that the machines run: downloaded from the archive and unpacked, never installed here."""

import re
import shutil
import subprocess

from tests.lab import programs
from tests.lab.process import LabError

FOLDER = programs.ROOT / "build/boot-test"
META = "linux-image-amd64"  # the one for clouds has no driver for the watchdog
WANTED = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4", "virtio_net", "virtio_rng", "i6300esb")


def _package():
    done = subprocess.run(["apt-cache", "depends", META], capture_output=True, text=True, check=False)
    found = re.search(r"Depends: (linux-image-[0-9]\S*)", done.stdout)
    if not found:
        raise LabError(f"apt knows no package {META}: run apt-get update as root, then again")
    return found[1]


def _order(modules):
    """The modules that are wanted and what they depend on, in the order in which they can be loaded."""
    order = []

    def need(name):
        if name in order:
            return
        if name not in modules:
            raise LabError(f"{META} has no module {name}")
        found = re.search(rb"\0depends=([^\0]*)\0", modules[name].read_bytes())
        for other in found[1].decode().split(","):
            if other:
                need(other.replace("-", "_"))
        order.append(name)

    for name in WANTED:
        need(name)
    return order


def _fetch(package, folder):
    work = FOLDER / "unpacked"
    for path in (work, folder):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    print(f"boot-test: downloading {package}", flush=True)
    done = subprocess.run(["apt-get", "download", "-q", package], cwd=work, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"{package} cannot be downloaded: run apt-get update as root, then again\n{done.stderr}")
    subprocess.run(["dpkg-deb", "-x", next(work.glob("*.deb")), work], check=True)
    modules = {path.stem.replace("-", "_"): path for path in work.rglob("*.ko")}
    order = _order(modules)
    for name in order:
        shutil.move(modules[name], folder / f"{name}.ko")
    shutil.move(next((work / "boot").glob("vmlinuz-*")), folder / "vmlinuz")
    (folder / "order").write_text("\n".join(order) + "\n")  # last: it says that all is there
    shutil.rmtree(work)


def kernel():
    """A folder with vmlinuz, modules, and in `order` the names of the modules as they are to be loaded."""
    package = _package()
    folder = FOLDER / package
    if not (folder / "order").exists():
        _fetch(package, folder)
    return folder
