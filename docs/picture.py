"""Draws a terminal picture as SVG: `make picture` feeds it what the live status shows."""

import html
import re
import sys

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


if __name__ == "__main__":
    draw(sys.stdin.read(), sys.stdout)
