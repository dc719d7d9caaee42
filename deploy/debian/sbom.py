"""sbom.py ROOT PACKAGE VERSION OUT: what is inside a package, as SPDX 2.3 in JSON.

ROOT holds the package's files as they will be packed. Every file stands in it with its hashes; every library that a program
loads, with the Debian package that it was linked against; what was linked or built in, where its marks are found in the file.
The same files give the same bytes: the time is SOURCE_DATE_EPOCH, the namespace a hash of the files.
"""

import datetime
import functools
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
LICENCES = {  # of Debian's source packages
    "curl": "curl", "glibc": "LGPL-2.1-or-later", "gnutls28": "LGPL-2.1-or-later", "http-parser": "MIT", "iso-codes": "LGPL-2.1-or-later",
    "jansson": "MIT", "libmicrohttpd": "LGPL-2.1-or-later", "libsodium": "ISC", "libyaml": "MIT", "libzstd": "BSD-3-Clause",
    "openssl": "Apache-2.0", "paho.mqtt.c": "EPL-2.0 OR BSD-3-Clause", "postgresql-15": "PostgreSQL", "tzdata": "LicenseRef-public-domain",
    "wolfssl": "GPL-2.0-or-later"}
PUBLIC_DOMAIN = "LicenseRef-public-domain"
BUILT_IN = {  # a mark in the file -> Debian's package, how it got there
    b"MQTTAsync_": ("libpaho-mqtt-dev", "STATIC_LINK"),
    b"Europe/Kyiv": ("tzdata", "GENERATED_FROM"),
    b"Baden-W\xc3\xbcrttemberg": ("iso-codes", "GENERATED_FROM")}
COPYRIGHT = "Copyright 2026 the Wavegate authors"
PROGRAM_LICENCE = "GPL-3.0-only"  # docs/decisions/0001-wolfssl.md


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def ident(text):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", text)


def needed(path):
    return re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-dW", path))


@functools.cache
def libraries():
    """soname -> paths that it may be known by: /lib is /usr/lib."""
    found = {}
    for line in run("ldconfig", "-p").splitlines()[1:]:
        soname, path = line.split()[0], line.rsplit(" ", 1)[1]
        plain = path.removeprefix("/usr")
        found.setdefault(soname, (plain, f"/usr{plain}"))
    return found


@functools.cache
def library_owner(soname):
    """The Debian package that a library comes from."""
    done = subprocess.run(["dpkg-query", "-S", *libraries().get(soname, ())], capture_output=True, text=True, check=False)
    if not done.stdout:
        sys.exit(f"sbom.py: no package has {soname}")
    return done.stdout.split(":")[0]


@functools.cache
def debian_package(name):
    fields = "${Version}\t${source:Package}\t${source:Version}\t${Architecture}\t${Homepage}"
    version, source, source_version, architecture, home = run("dpkg-query", "-W", "-f", fields, name).split("\n")[0].split("\t")
    licence = LICENCES.get(source, "NOASSERTION")
    return {
        "SPDXID": ident(f"debian-{name}"), "name": name, "versionInfo": version, "supplier": "Organization: Debian",
        "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "homepage": home or "NOASSERTION",
        "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION",
        "sourceInfo": f"Debian source package {source} {source_version}",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:deb/debian/{name}@{version}?arch={architecture}"}]}


def npm_package(name, version, licence):
    return {
        "SPDXID": ident(f"npm-{name}"), "name": name, "versionInfo": version, "supplier": "NOASSERTION",
        "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:npm/{name.replace('@', '%40')}@{version}"}]}


def bundled():
    """What the dashboard's files contain: whose licences they carry."""
    lock = json.loads((HERE / "orchestrator/web/package-lock.json").read_text())["packages"]
    text = (HERE / "orchestrator/web/dist/licenses.txt").read_text()
    for name in re.findall(r"^==== (\S+)", text, re.MULTILINE):
        entry = lock.get(f"node_modules/{name}")
        if entry:
            yield npm_package(name, entry["version"], entry.get("license", "NOASSERTION"))


def file_entry(path, name):
    data = path.read_bytes()
    program = data[:4] == b"\x7fELF"
    licence = PROGRAM_LICENCE if program else "Apache-2.0"
    return {"SPDXID": ident(f"file-{name}"), "fileName": f"./{name}", "fileTypes": ["BINARY" if program else "OTHER"],
            "checksums": [{"algorithm": "SHA1", "checksumValue": hashlib.sha1(data).hexdigest()},
                          {"algorithm": "SHA256", "checksumValue": hashlib.sha256(data).hexdigest()}],
            "licenseConcluded": licence, "licenseInfoInFiles": ["NOASSERTION"], "copyrightText": COPYRIGHT}


class Document:
    def __init__(self, package, version):
        self.main = ident(package)
        self.packages, self.relationships, self.files = {}, [], []
        self.package, self.version = package, version

    def relate(self, one, kind, other):
        entry = {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
        if entry not in self.relationships:
            self.relationships.append(entry)

    def add(self, package, kind, of):
        self.packages[package["SPDXID"]] = package
        self.relate(of, kind, package["SPDXID"])

    def add_file(self, path, name):
        entry = file_entry(path, name)
        self.files.append(entry)
        self.relate(self.main, "CONTAINS", entry["SPDXID"])
        data = path.read_bytes()
        if entry["fileTypes"] != ["BINARY"]:
            return
        for soname in sorted(needed(path)):
            self.add(debian_package(library_owner(soname)), "DYNAMIC_LINK", entry["SPDXID"])
        for mark, (package, kind) in sorted(BUILT_IN.items()):
            if mark in data:
                self.add(debian_package(package), kind, entry["SPDXID"])
        if name == "usr/bin/wavegate":  # the land behind maps: docs/decisions/0011-land-outline.md
            self.add(npm_package("world-atlas", "2.0.2", "ISC"), "GENERATED_FROM", entry["SPDXID"])

    def main_package(self):
        sums = sorted(entry["checksums"][0]["checksumValue"] for entry in self.files)
        return {
            "SPDXID": self.main, "name": self.package, "versionInfo": self.version, "supplier": "Organization: Wavegate",
            "downloadLocation": "NOASSERTION", "filesAnalyzed": True, "copyrightText": COPYRIGHT,
            "packageVerificationCode": {"packageVerificationCodeValue": hashlib.sha1("".join(sums).encode()).hexdigest()},
            "licenseConcluded": PROGRAM_LICENCE, "licenseDeclared": "Apache-2.0",
            "licenseInfoFromFiles": ["NOASSERTION"], "primaryPackagePurpose": "INSTALL",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": f"pkg:deb/{self.package}@{self.version}"}]}

    def json(self, epoch):
        main = self.main_package()
        digest = hashlib.sha256(json.dumps([main, self.files], sort_keys=True).encode()).hexdigest()
        return {
            "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": f"{self.package}-{self.version}",
            "documentNamespace": f"https://wavegate.invalid/spdx/{self.package}-{self.version}-{digest[:32]}",
            "creationInfo": {"created": datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                             "creators": ["Organization: Wavegate", "Tool: sbom.py"]},
            "hasExtractedLicensingInfos": [{"licenseId": PUBLIC_DOMAIN, "name": "public domain",
                                            "extractedText": "The IANA time zone database is in the public domain."}],
            "packages": [main, *(self.packages[key] for key in sorted(self.packages))], "files": self.files,
            "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": self.main},
                              *self.relationships]}


def main():
    root, package, version, out = sys.argv[1:]
    document = Document(package, version)
    for path in sorted(Path(root).rglob("*")):
        if path.is_file() and not path.is_symlink() and path != Path(out):
            document.add_file(path, str(path.relative_to(root)))
    if (Path(root) / "usr/share/wavegate/web").is_dir():
        for entry in bundled():
            document.add(entry, "CONTAINS", document.main)
    text = json.dumps(document.json(int(os.environ["SOURCE_DATE_EPOCH"])), indent=1, ensure_ascii=False)
    Path(out).write_text(text + "\n", encoding="utf-8")


main()
