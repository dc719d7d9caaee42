"""What is in the packages, and what is not."""

import gzip
import re
import subprocess

import pytest

from tests.packages.debs import NAMES, ROOT, changelog, digest, made, made_elsewhere, run, unpacked

UNITS = {"wavegate-agent": ["wavegate-agent"], "wavegate-cli": [],
         "wavegate-server": ["wavegate-api", "wavegate-enrol", "wavegate-files", "wavegate-files-verify", "wavegate-signer", "wavegated"]}
PROGRAMS = {"wavegate-agent": ["wavegate-agent"], "wavegate-cli": ["wavegate", "wavegate-pki", "wavegate-tuf"],
            "wavegate-server": ["wavegate-api", "wavegate-enrol", "wavegate-files", "wavegate-signer", "wavegated"]}
CONFFILES = {"wavegate-agent": [], "wavegate-cli": ["/etc/wavegate/wavegate.yaml"],
             "wavegate-server": ["/etc/default/wavegate-files", "/etc/default/wavegate-files-verify", "/etc/wavegate/api.yaml",
                                 "/etc/wavegate/enrol.json", "/etc/wavegate/signer.yaml", "/etc/wavegate/wavegated.yaml"]}
EXPOSURE_MOST = 2.0


def test_twice_alike():
    """Byte for byte, from another folder."""
    one, two = made(), made_elsewhere()
    assert {name: digest(path) for name, path in one.items()} == {name: digest(path) for name, path in two.items()}


@pytest.mark.parametrize("name", NAMES)
def test_lintian(name):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", "--tag-display-limit", "0", made()[name]],
                          capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0 and "\nE: " not in f"\n{done.stdout}", done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_files(name):
    tree = unpacked(name)
    assert sorted(path.name for path in (tree / "usr/bin").iterdir()) == PROGRAMS[name]
    units = tree / "lib/systemd/system"
    assert sorted(path.stem for path in units.iterdir()) == UNITS[name] if UNITS[name] else not units.exists()
    conffiles = tree / "DEBIAN/conffiles"
    assert (conffiles.read_text().split() if conffiles.exists() else []) == CONFFILES[name]
    there = [f"/{path.relative_to(tree)}" for path in tree.glob("etc/**/*") if path.is_file()]
    assert sorted(there) == CONFFILES[name]
    doc = tree / f"usr/share/doc/{name}"
    assert "Apache-2.0" in (doc / "copyright").read_text()
    assert gzip.decompress((doc / "changelog.Debian.gz").read_bytes()).startswith(f"wavegate ({changelog('Version')})".encode())


@pytest.mark.parametrize("name", NAMES)
def test_manuals(name):
    """Each program has a man page, and mandoc finds nothing wrong with any."""
    pages = {path.name.split(".")[0]: path for path in unpacked(name).glob("usr/share/man/*/*.gz")}
    assert not set(PROGRAMS[name]) - set(pages)
    for path in pages.values():
        page = gzip.decompress(path.read_bytes()).decode()
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True, text=True, check=False)
        wrong = [line for line in done.stdout.splitlines() if "missing date" not in line]
        assert not wrong, f"{path.name}: {wrong}"


@pytest.mark.parametrize("name", NAMES)
def test_programs(name):
    """Hardened, stripped, and without a path of who built them."""
    for path in [*unpacked(name).glob("usr/bin/*"), *unpacked(name).glob("usr/lib/wavegate/*.so")]:
        dynamic = run("readelf", "-dW", path)
        assert re.search(r"FLAGS_1.*NOW", dynamic) and "GNU_RELRO" in run("readelf", "-lW", path), path
        assert path.suffix == ".so" or "PIE" in dynamic, path
        assert ".symtab" not in run("readelf", "-SW", path), path
        assert "RUNPATH" not in dynamic and "RPATH" not in dynamic, path
        assert str(ROOT).encode() not in path.read_bytes(), path


def test_dependencies():
    def depends(name):
        return re.findall(r"(?:^|, )([a-z0-9.+-]+)", run("dpkg-deb", "-f", made()[name], "Depends"))
    assert {"libwolfssl35", "libjansson4", "libc6"} <= set(depends("wavegate-agent"))
    assert not {"libssl3", "libpq5", "libcurl3-gnutls", "systemd"} & set(depends("wavegate-agent"))
    assert {"libpq5", "libmicrohttpd12", "curl", "systemd"} <= set(depends("wavegate-server"))
    assert "libpq5" not in depends("wavegate-cli")


@pytest.mark.parametrize("unit", [unit for units in UNITS.values() for unit in units])
def test_units(unit):
    path = ROOT / f"deploy/systemd/{unit}.service"
    said = run("systemd-analyze", "security", "--offline=true", "--no-pager", path)
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", said)
    print(f"{unit}: {found[1]}")
    assert float(found[1]) <= EXPOSURE_MOST, said


@pytest.mark.parametrize("shell, file", [("bash", "bash-completion/completions/wavegate"), ("zsh", "zsh/vendor-completions/_wavegate"),
                                         ("fish", "fish/vendor_completions.d/wavegate.fish")])
def test_completion(shell, file):
    path = unpacked("wavegate-cli") / "usr/share" / file
    run(shell, "-n", path)
    assert path.read_text() == run(unpacked("wavegate-cli") / "usr/bin/wavegate", "completion", shell)
