"""What lies on the disk of a machine: partitions, the boot loader, root file systems. Nothing of it needs root."""

import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

from tests.lab import programs
from tests.lab.process import LabError

GUEST = Path(__file__).resolve().parent / "guest"
GRUB = Path("/usr/lib/grub/i386-pc")
SECTOR, MEGABYTE = 512, 1024 * 1024
SLOT_SIZE = 24 * MEGABYTE
# number: name, first MiB, MiB, type; GRUB's own lies before them
PARTITIONS = {1: ("boot", 1, 4, "linux"), 2: ("root-a", 5, 24, "linux"), 3: ("root-b", 29, 24, "linux"),
              4: ("state", 53, 24, "linux")}
CORE_AT, CORE_SECTORS = 34, 2048 - 34
GRUB_MODULES = ("biosdisk part_gpt ext2 normal linux loadenv test echo serial terminal reboot sleep boot configfile").split()
# What a device's maker changes in deploy/boot/grub.cfg: all else stays as it is there.
CHANGES = (("ro panic=10 ", "ro panic=5 console=ttyS0 loglevel=6 "),)
SERIAL = "serial --unit=0 --speed=115200\nterminal_input serial\nterminal_output serial\n"
APPLETS = "sh cat cp echo false grep head ifconfig ls mkdir mount sed sleep sync true umount".split()


def run(*argv, **more):
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        raise LabError(f"{' '.join(map(str, argv))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def file_system(file, folder, size, *options):
    """An ext4 with what lies in the folder, all of it root's. The options leave out what GRUB 2.06 cannot read."""
    file.unlink(missing_ok=True)
    command = "chown -R 0:0 \"$1\" && shift && exec mke2fs -q -t ext4 \"$@\""
    run("fakeroot", "sh", "-c", command, "sh", folder, "-d", folder, "-b", "4096", "-m", "0", "-O",
        "^metadata_csum_seed,^orphan_file" + "".join(options), file, f"{size // 1024}k",
        env={**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


def put(folder, path, content, mode=0o644):
    """A file from a file, or with this text."""
    target = folder / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        shutil.copyfile(content, target)
    else:
        target.write_text(content)
    target.chmod(mode)


def _put_program(folder, path, program):
    """With the libraries that it is linked with, where it looks for them."""
    put(folder, path, program, 0o755)
    run("strip", folder / path.lstrip("/"))
    for library in re.findall(r"(/\S+) \(0x", run("ldd", program)):
        put(folder, library, Path(library).resolve(), 0o755)


def _initrd(folder, kernel, out):
    """Packed as the kernel wants it."""
    order = (kernel / "order").read_text()
    put(folder, "init", GUEST / "initrd", 0o755)
    put(folder, "bin/busybox", Path("/bin/busybox"), 0o755)
    put(folder, "modules/order", order)
    for name in order.split():
        put(folder, f"modules/{name}.ko", kernel / f"{name}.ko")
    for name in ("proc", "sys", "dev", "root"):
        (folder / name).mkdir()
    command = "find . | cpio -o -H newc --quiet -R 0:0 | gzip -1"
    out.write_bytes(subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True).stdout)


class Root:
    """The file system of one release. `change` gets its folder before it is packed, to break it."""

    def __init__(self, folder, kernel, version, change=None, zone="Europe/Berlin"):
        self.version, self.file = version, Path(folder) / f"root-{version}.img"
        tree = Path(folder) / f"root-{version}"
        tree.mkdir(parents=True)
        for name in ("proc", "sys", "dev", "run", "data", "boot/grub", "usr/bin"):
            (tree / name).mkdir(parents=True)
        for name in ("bin", "sbin"):
            (tree / name).mkdir()
        put(tree, "boot/vmlinuz", kernel / "vmlinuz")
        _initrd(tree.parent / f"initrd-{version}", kernel, tree / "boot/initrd.img")
        put(tree, "bin/busybox", Path("/bin/busybox"), 0o755)
        for name in APPLETS:
            (tree / "bin" / name).symlink_to("busybox")
        _put_program(tree, "usr/bin/wavegate-agent", programs.program("wavegate-agent"))
        put(tree, "sbin/init", GUEST / "init", 0o755)
        put(tree, "sbin/reboot", GUEST / "reboot", 0o755)
        put(tree, "etc/version", version + "\n")
        put(tree, "etc/hosts", "10.0.2.2 localhost\n")  # the services' names: the machine that runs this one
        put(tree, "etc/nsswitch.conf", "hosts: files\n")
        put(tree, f"usr/share/zoneinfo/{zone}", Path("/usr/share/zoneinfo") / zone)
        put(tree, "etc/wavegate/hooks/health/enter/10-well", "#!/bin/sh\necho \"version $WG_VERSION is well\"\n", 0o755)
        for moment in ("install/enter", "install/leave", "reboot/enter"):  # a power cut has to find its way in between
            put(tree, f"etc/wavegate/hooks/{moment}/10-slow", "#!/bin/sh\nsleep 0.5\n", 0o755)
        if change:
            change(tree)
        # without a journal, reading it changes no byte
        file_system(self.file, tree, SLOT_SIZE - 2 * MEGABYTE, ",^has_journal")
        shutil.rmtree(tree)
        shutil.rmtree(tree.parent / f"initrd-{version}")


class Junk:
    """A release that is no file system."""

    def __init__(self, folder, version, chance):
        self.version, self.file = version, Path(folder) / f"root-{version}.img"
        self.file.write_bytes(chance.randbytes(4 * MEGABYTE))


def grub_config():
    text = (programs.ROOT / "deploy/boot/grub.cfg").read_text()
    for old, new in CHANGES:
        if text.count(old) != 1:
            raise LabError(f"deploy/boot/grub.cfg: expected once: {old}")
        text = text.replace(old, new)
    return text


def _install_grub(disk, folder):
    """As grub-bios-setup does, which wants a block device: its first sector, and where the rest of it lies."""
    (folder / "early.cfg").write_text(SERIAL)
    core_file = folder / "core.img"
    run("grub-mkimage", "-O", "i386-pc", "-o", core_file, "-p", "(hd0,gpt1)", "-c", folder / "early.cfg", *GRUB_MODULES)
    boot, core = bytearray((GRUB / "boot.img").read_bytes()), bytearray(core_file.read_bytes())
    if len(core) > CORE_SECTORS * SECTOR:
        raise LabError(f"{core_file} is too large")
    struct.pack_into("<Q", boot, 0x5c, CORE_AT)  # GRUB_BOOT_MACHINE_KERNEL_SECTOR
    boot[0x66:0x68] = b"\x90\x90"  # GRUB_BOOT_MACHINE_DRIVE_CHECK: not a floppy disk
    struct.pack_into("<Q", core, SECTOR - 12, CORE_AT + 1)  # the block list's one entry
    with open(disk, "r+b") as out:
        out.write(boot[:440])
        out.seek(CORE_AT * SECTOR)
        out.write(core)


def make_disk(disk, folder, contents):
    """contents: partition number to the file that is to lie in it."""
    last = max(at + size for _, at, size, _ in PARTITIONS.values()) + 1
    with open(disk, "wb") as out:
        out.truncate(last * MEGABYTE)
    script = "label: gpt\nfirst-lba: 34\n" + "".join(
        f"{number} : start={at * 2048}, size={size * 2048}, type={kind}, name={name}\n"
        for number, (name, at, size, kind) in PARTITIONS.items())
    script += f"5 : start={CORE_AT}, size={CORE_SECTORS}, type=21686148-6449-6E6F-744E-656564454649, name=grub\n"
    run("/usr/sbin/sfdisk", "-q", disk, input=script)
    for number, file in contents.items():
        write_partition(disk, number, file)
    _install_grub(disk, folder)


def wreck_partition(disk, number):
    """No file system is left."""
    with open(disk, "r+b") as out:
        out.seek(PARTITIONS[number][1] * MEGABYTE)
        out.write(bytes(64 * 1024))


def remove_from_partition(disk, number, path, folder):
    """The file system stays, without that file."""
    copy = Path(folder) / "partition"
    copy.write_bytes(read_partition(disk, number))
    run("/usr/sbin/debugfs", "-w", "-R", f"rm {path}", copy)
    run("dd", f"if={copy}", f"of={disk}", f"seek={PARTITIONS[number][1]}", "bs=1M", "conv=notrunc", "status=none")
    copy.unlink()


def write_partition(disk, number, file):
    run("dd", f"if={file}", f"of={disk}", f"seek={PARTITIONS[number][1]}", "bs=1M", "conv=notrunc,sparse", "status=none")


def read_partition(disk, number, length=None):
    _, at, size, _ = PARTITIONS[number]
    with open(disk, "rb") as file:
        file.seek(at * MEGABYTE)
        return file.read(length or size * MEGABYTE)


def file_in(disk, number, path, folder):
    """A file of a partition, read as it stands on the disk; None when there is none."""
    copy = Path(folder) / "partition"
    copy.write_bytes(read_partition(disk, number))
    # what a power cut has left in the journal counts
    subprocess.run(["/usr/sbin/e2fsck", "-y", "-E", "journal_only", copy], capture_output=True, check=False)
    out = Path(folder) / "file"
    out.unlink(missing_ok=True)
    run("/usr/sbin/debugfs", "-R", f"dump {path} {out}", copy)
    copy.unlink()
    return out.read_bytes() if out.exists() else None
