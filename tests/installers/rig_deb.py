"""Tiny packages, and a root with a dpkg database of its own: the machine's stays as it is."""
import io
import subprocess
import tarfile

from tests.installers.driver import Release, Rig


def make_deb(folder, name, version, depends="", postinst=None):
    tree = folder / f"{name}-{version}"
    path = folder / f"{name}_{version}.deb"
    if path.exists():
        return path
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "usr/share" / name).mkdir(parents=True)
    (tree / "usr/share" / name / "version").write_text(version + "\n")
    (tree / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: Test <test@example.org>\n"
        + (f"Depends: {depends}\n" if depends else "") + f"Description: {name}\n")
    if postinst:
        (tree / "DEBIAN/postinst").write_text(postinst)
        (tree / "DEBIAN/postinst").chmod(0o755)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, path], check=True, stdout=subprocess.DEVNULL)
    return path


def tar_of(*paths):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path in paths:
            info = tarfile.TarInfo(path.name)
            info.size = path.stat().st_size
            tar.addfile(info, io.BytesIO(path.read_bytes()))
    return out.getvalue()


class Deb(Rig):
    after_cut = False  # dpkg takes one package after the other

    def make(self):
        self.debs = self.folder / "debs"
        self.debs.mkdir()
        self.world = self.root / "world"
        for name in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/apt", "var/cache/apt/archives"):
            (self.world / name).mkdir(parents=True)
        (self.world / "var/lib/dpkg/status").touch()
        self.use("deb", {"root": self.world})

    def packages(self, number):
        """Two that need each other's version; the second release brings a third."""
        version = f"{number}.0-1"
        made = [make_deb(self.debs, "brake", version, f"brake-data (= {version})"), make_deb(self.debs, "brake-data", version)]
        return made + ([make_deb(self.debs, "brake-extra", version)] if number == 2 else [])

    def release(self, number):
        return Release(self.component, self.version(number), tar_of(*self.packages(number)))

    def installed(self):
        out = subprocess.run(["dpkg-query", f"--admindir={self.world}/var/lib/dpkg", "-W", "-f",
                              "${Package} ${db:Status-Status} ${Version}\n"], check=True, capture_output=True, text=True).stdout
        return {line.split()[0]: line.split()[1:] for line in out.splitlines()}

    def really(self):
        found = self.installed()
        for number in (1, 2, 3):
            version = f"{number}.0-1"
            expected = ["brake", "brake-data"] + (["brake-extra"] if number == 2 else [])
            if number == 3:
                found.pop("brake-extra", None)  # it stays: nobody said that it should go
            if found == {name: ["installed", version] for name in expected} and all(
                    (self.world / "usr/share" / name / "version").read_text() == version + "\n" for name in expected):
                return self.version(number)
        return found or None
