"""The list of what is inside each package: what SPDX's own validator says of it, and whether it is true."""

import hashlib
import json
import re
import shutil
import subprocess
import sys

import pytest

from tests.packages.debs import FOLDER, NAMES, ROOT, run, unpacked

PINS = ROOT / "tests/packages/requirements.txt"


@pytest.fixture(name="validator", scope="module")
def fixture_validator():
    """spdx-tools, in build/packages-test/spdx-tools."""
    folder = FOLDER / "spdx-tools"
    mark = folder / "installed.txt"
    if not mark.exists() or mark.read_bytes() != PINS.read_bytes():
        shutil.rmtree(folder, ignore_errors=True)
        run("/usr/bin/python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore",
            "--no-compile", "--only-binary=:all:", "--require-hashes", "--target", folder, "-r", PINS)
        shutil.copy(PINS, mark)
    return folder


def sbom_of(name):
    return unpacked(name) / f"usr/share/doc/{name}/{name}.spdx.json"


@pytest.mark.parametrize("name", NAMES)
def test_valid(name, validator, tmp_path):
    check = ("import sys; from spdx_tools.spdx.parser.parse_anything import parse_file; "
             "from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document as check; "
             "found = check(parse_file(sys.argv[1])); print('\\n'.join(one.validation_message for one in found)); sys.exit(bool(found))")

    def judged(path):
        return subprocess.run([sys.executable, "-c", check, path], env={"PYTHONPATH": str(validator), "PATH": "/usr/bin"},
                              capture_output=True, text=True, check=False)
    done = judged(sbom_of(name))
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = json.loads(sbom_of(name).read_text())
    del wrong["packages"][0]["name"]
    (tmp_path / "wrong.spdx.json").write_text(json.dumps(wrong))
    assert judged(tmp_path / "wrong.spdx.json").returncode != 0


@pytest.mark.parametrize("name", NAMES)
def test_true(name):
    """Every file, with its hash; every library that is loaded; what is linked in."""
    tree, document = unpacked(name), json.loads(sbom_of(name).read_text())
    listed = {entry["fileName"][2:]: {one["algorithm"]: one["checksumValue"] for one in entry["checksums"]} for entry in document["files"]}
    there = {str(path.relative_to(tree)): path for path in tree.rglob("*")
             if path.is_file() and "DEBIAN" not in path.parts and path != sbom_of(name)}
    assert set(listed) == set(there)
    assert all(listed[file]["SHA256"] == hashlib.sha256(path.read_bytes()).hexdigest() for file, path in there.items())
    packages = {package["name"]: package for package in document["packages"]}
    control = (tree / "DEBIAN/control").read_text()
    libraries = re.findall(r"\b(lib[a-z0-9.+-]+)", re.search(r"^Depends: (.*)$", control, re.MULTILINE)[1])
    assert libraries and not set(libraries) - set(packages)
    kinds = {(entry["relationshipType"], entry["relatedSpdxElement"]) for entry in document["relationships"]}
    if name != "wavegate-cli":
        assert ("STATIC_LINK", packages["libpaho-mqtt-dev"]["SPDXID"]) in kinds
    if name == "wavegate-server":
        assert packages["preact"]["licenseDeclared"] == "MIT" and packages["tzdata"]["versionInfo"]
