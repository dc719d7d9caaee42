"""Updates for the peers, of an image of so many megabytes, in the formats of each, signed where it asks for that."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile

RAUC = "[update]\ncompatible=bench\nversion={version}\n[bundle]\nformat=plain\n[image.rootfs]\nfilename=image.img\n"
SWU = """software = {{
  version = "{version}";
  hardware-compatibility: [ "1.0" ];
  images: ( {{ filename = "image.img"; device = "{device}"; type = "raw"; sha256 = "{sha256}"; }} );
}}
"""


def _image(path, megabytes):
    """What does not compress; the sha256 of it."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(megabytes):
            piece = os.urandom(1_000_000)
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _run(*argv, cwd, **more):
    subprocess.run([str(word) for word in argv], cwd=cwd, check=True, capture_output=True, **more)


def rauc(folder, megabytes):
    """A plain bundle for the slot class rootfs; key.pem and key.crt of the folder sign it."""
    tree, path = folder / f"tree-{megabytes}", folder / f"{megabytes}.raucb"
    tree.mkdir()
    _image(tree / "image.img", megabytes)
    (tree / "manifest.raucm").write_text(RAUC.format(version=megabytes))
    _run("rauc", "--cert=key.crt", "--key=key.pem", "bundle", tree, path, cwd=folder)
    (tree / "image.img").unlink()
    return path


def swu(folder, megabytes, device):
    """An .swu that writes the image raw to a file, its description signed with CMS."""
    tree, path = folder / f"tree-{megabytes}", folder / f"{megabytes}.swu"
    tree.mkdir()
    sha256 = _image(tree / "image.img", megabytes)
    (tree / "sw-description").write_text(SWU.format(version=f"{megabytes}.0", device=device, sha256=sha256))
    _run("openssl", "cms", "-sign", "-in", "sw-description", "-out", "sw-description.sig", "-signer", "../key.crt",
         "-inkey", "../key.pem", "-outform", "DER", "-nosmimecap", "-binary", cwd=tree)
    _run("cpio", "-o", "-H", "crc", "-F", path, cwd=tree, input=b"sw-description\nsw-description.sig\nimage.img\n")
    (tree / "image.img").unlink()
    return path


def _add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o644
    tar.addfile(info, io.BytesIO(data))


def _tar(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members:
            _add(tar, name, data)
    return out.getvalue()


def mender(folder, megabytes, target):
    """An artifact of format 3 for the module single-file, as mender-artifact would write it; not signed.

    Debian has no mender-artifact: https://github.com/mendersoftware/mender-artifact, Documentation/artifact-format-v3.md.
    """
    image, data, path = folder / f"{megabytes}.img", folder / f"{megabytes}.tar", folder / f"{megabytes}.mender"
    sums = {"data/0000/image": _image(image, megabytes)}
    small = {"dest_dir": f"{target}\n".encode(), "filename": b"image\n", "permissions": b"644\n"}
    with tarfile.open(data, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, text in small.items():
            _add(tar, name, text)
        tar.add(image, "image")
    image.unlink()
    info = {"payloads": [{"type": "single-file"}], "artifact_provides": {"artifact_name": f"bench-{megabytes}"},
            "artifact_depends": {"device_type": ["bench"]}}
    head = {"version": json.dumps({"format": "mender", "version": 3}).encode(),
            "header.tar.gz": gzip.compress(_tar([("header-info", json.dumps(info).encode()),
                                                 ("headers/0000/type-info", b'{"type": "single-file"}'),
                                                 ("headers/0000/meta-data", b"{}")]))}
    for name, text in [*head.items(), *((f"data/0000/{name}", text) for name, text in small.items())]:
        sums[name] = hashlib.sha256(text).hexdigest()
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        _add(tar, "version", head["version"])
        _add(tar, "manifest", "".join(f"{value}  {name}\n" for name, value in sums.items()).encode())
        _add(tar, "header.tar.gz", head["header.tar.gz"])
        tar.add(data, "data/0000.tar")
    data.unlink()
    return path
