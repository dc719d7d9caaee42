"""`make picture`: runs a campaign, watches it on a pseudo terminal, draws one frame as SVG."""

import fcntl
import html
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from tests.lab import fleet, payload, programs
from tests.lab.lab import Ground, World

CAMPAIGN = Path(__file__).resolve().parents[1] / "campaigns/brake-2.4.1.yaml"

COLOURS = {"32": "#3fb950", "31": "#f85149", "36": "#39c5cf", "2": "#8b949e", "1": "#ffffff"}
WIDTH, HEIGHT = 8.4, 18


def spans(line):
    colour = "#c9d1d9"
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if code:
            colour = COLOURS.get(code[1], "#c9d1d9")
        elif part:
            yield colour, part


def draw(text, out):
    lines = [line.rstrip() for line in text.splitlines()]
    columns = max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines) + 4
    width, height = columns * WIDTH, (len(lines) + 2) * HEIGHT
    out.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
              f'role="img" aria-label="a running campaign">\n'
              f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n'
              '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">\n')
    for row, line in enumerate(lines):
        column = 2
        for colour, part in spans(line):
            out.write(f'<text x="{column * WIDTH:.1f}" y="{(row + 1.7) * HEIGHT:.1f}" fill="{colour}" '
                      f'xml:space="preserve" textLength="{len(part) * WIDTH:.1f}">{html.escape(part)}</text>\n')
            column += len(part)
    out.write("</g>\n</svg>\n")


def watch(argv, env):
    """The frames that the command shows on a terminal of 110 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 110, 0, 0))
    child = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, env=env | {"TERM": "xterm"})
    os.close(theirs)
    text = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:
            break
        if not more:
            break
        text += more
    child.wait()
    return re.split(r"\x1b\[\d+A\x1b\[J", text.decode().replace("\r", ""))


def frames():
    devices = fleet.devices()
    ground = Ground([device.id for device in devices])
    try:
        world = World(ground, "picture")
        world.start_orchestrator()
        for device in devices:
            world.add_agent(device, payload.make(ground.folder, fleet.COMPONENT, device.version))
        world.start_agents()
        world.add_release(payload.make(ground.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
        world.wavegate("campaign", "apply", str(CAMPAIGN))
        world.wavegate("campaign", "approve", "brake-2.4.1", operator="bob")
        watched = [programs.program("wavegate"), "campaign", "status", "brake-2.4.1", "--watch", "--config",
                   world.orchestrator.config]
        shown = watch([str(word) for word in watched] + ["--until", "gate"], os.environ)
        world.wavegate("campaign", "approve", "brake-2.4.1", operator="bob")
        shown += watch([str(word) for word in watched], os.environ)
        world.close()
        return shown
    finally:
        ground.close()
        ground.remove()


def movement(frame):
    """The frame worth showing: the last wave under way, much done and much to come."""
    return ("rest" in frame and "\x1b[36mopen" in frame.split("rest")[-1]) * min(frame.count("#"), 100) * (">" in frame)


if __name__ == "__main__":
    command = "\x1b[2m$\x1b[0m wavegate campaign status brake-2.4.1 --watch\n\n"
    draw(command + max(frames(), key=movement), sys.stdout)
