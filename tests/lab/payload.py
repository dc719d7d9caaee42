"""Payloads: small shell scripts that behave as a device's software would, padded to a size."""

from pathlib import Path

from tests.lab.programs import SLOWER

_SCRIPT = """#!/bin/sh
# {component} {version}
case "$1" in
install)
    echo "install {version}" >> "$WAVEGATE_STATE/payload.log"
    {install}
    ;;
boot)
    echo "boot {version}" >> "$WAVEGATE_STATE/payload.log"
    {boot}
    ;;
health)
    {health}
    ;;
esac
exit 0
"""
_LINE = "# " + "padding " * 15 + "\n"


def make(folder, component, version, size=0, install="", boot="", health=""):
    """Writes a payload of at least `size` bytes; install, boot and health are shell commands.

    Each verb answers 0 unless its command exits with something else. Every install and boot adds a
    line to payload.log in the device's state folder.
    """
    nothing = ":"
    text = _SCRIPT.format(component=component, version=version, install=install or nothing,
                          boot=boot or nothing, health=health or nothing)
    while len(text) < size:
        text += _LINE * max(1, (size - len(text)) // len(_LINE))
    path = Path(folder) / f"{component}-{version}"
    path.write_text(text)
    path.chmod(0o755)
    return path


def until_exists(path, seconds=60):
    """A command that waits for a file to appear, or so long."""
    return (f'n=0; while [ ! -e "{path}" ] && [ $n -lt {int(seconds * SLOWER) * 20} ]; '
            "do sleep 0.05; n=$((n + 1)); done")


def fails(text):
    """A command that says why and fails."""
    return f'echo "{text}"; exit 1'
