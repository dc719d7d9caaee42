"""The packages: as `make packages` made them, made once more elsewhere, and as an older version."""

import functools
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "build/packages/deb"
FOLDER = ROOT / "build/packages-test"
NAMES = ("wavegate-agent", "wavegate-cli", "wavegate-server")


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def changelog(field):
    return run("dpkg-parsechangelog", "-l", ROOT / "deploy/debian/changelog", "-S", field).strip()


def found(folder):
    return {path.name.split("_")[0]: path for path in sorted(Path(folder).glob("*.deb"))}


@functools.cache
def made():
    debs = found(MADE)
    assert tuple(debs) == NAMES, "run make packages"
    return debs


def copy_of_tree(to):
    """The files that are tracked, and those that are new."""
    shutil.rmtree(to, ignore_errors=True)
    for name in run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines():
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


def made_elsewhere():
    """Another folder, of another length, another time zone, and without a compiler's cache."""
    folder = FOLDER / "a second time/in another folder"
    source = copy_of_tree(folder / "tree")
    environment = {**os.environ, "TZ": "Asia/Kathmandu", "CCACHE_DISABLE": "1",
                   "SOURCE_DATE_EPOCH": changelog("Timestamp")}
    run("cmake", "--preset", "packages", "-B", folder / "build", cwd=source, env=environment)
    run("cmake", "--build", folder / "build", "-j", os.environ.get("JOBS", "2"), env=environment)
    run("cpack", "-B", folder / "deb", cwd=folder / "build", env=environment, umask=0o022)
    return found(folder / "deb")


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def older(deb, version, changed, out):
    """The same package as an older version, whose conffiles differ: a line more in each of changed."""
    tree = Path(out) / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    run("dpkg-deb", "-R", deb, tree)
    control = tree / "DEBIAN/control"
    lines = [f"Version: {version}" if line.startswith("Version:") else line for line in control.read_text().splitlines()]
    control.write_text("\n".join(lines) + "\n")
    for name in changed:
        with (tree / name).open("a") as file:
            file.write("# a word of an older version\n")
    sums = tree / "DEBIAN/md5sums"
    entries = [line.split("  ", 1)[1] for line in sums.read_text().splitlines()]
    sums.write_text("".join(f"{hashlib.md5((tree / name).read_bytes()).hexdigest()}  {name}\n" for name in entries))
    path = Path(out) / f"{Path(deb).name.split('_')[0]}_{version}_older.deb"
    run("dpkg-deb", "--root-owner-group", "-b", tree, path)
    shutil.rmtree(tree)
    return path


@functools.cache
def unpacked(name):
    """The folder with a package's files, its control files in DEBIAN."""
    tree = FOLDER / "unpacked" / name
    shutil.rmtree(tree, ignore_errors=True)
    tree.parent.mkdir(parents=True, exist_ok=True)
    run("dpkg-deb", "-R", made()[name], tree)
    return tree
