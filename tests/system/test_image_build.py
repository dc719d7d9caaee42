"""What deploy/Dockerfile copies to build from is all that the build needs; the images themselves: make compose-test."""

import re
import shutil
import subprocess

from tests.lab.programs import ROOT

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()


def allowed(path):
    """Whether .dockerignore lets the builder see it."""
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    return any(path == name or path.startswith(f"{name}/") or name.startswith(f"{path}/") for name in kept)


def test_sources_are_enough(tmp_path):
    """Configured as there, and planned: a source that is missing is named."""
    source = tmp_path / "source"
    for given, to in re.findall(r"^COPY (\S+) /source/(\S*)$", DOCKERFILE, re.MULTILINE):
        assert allowed(given), given
        if (ROOT / given).is_dir():
            shutil.copytree(ROOT / given, source / to)
        else:
            source.mkdir(exist_ok=True)
            shutil.copy(ROOT / given, source / to)
    configure, build = re.search(r"^RUN (cmake -S /source .*?) >/dev/null .*?cmake --build /build -- (.*?) >", DOCKERFILE,
                                 re.MULTILINE | re.DOTALL).groups()
    words = configure.replace("/source", str(source)).replace("/build", str(tmp_path / "build")).split()
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    done = subprocess.run(["ninja", "-n", "-C", tmp_path / "build", *build.replace("\\", " ").split()], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_copy_is_there():
    """Of files into the other images, too."""
    for words in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE):
        for given in words.split():
            assert (ROOT / given).exists() and allowed(given), given
