#!/usr/bin/env python3
"""Makes land.txt, the outline behind `campaign plan --map`, from Natural Earth's countries.

usage: npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
       make_land.py package/countries-50m.json > land.txt

A line is "L" (ring of land, or a lake in it) or "B" (border between countries) and the points
behind it: latitude and longitude in hundredths of a degree, each as the difference from the point
before, in the letters of the Encoded Polyline Algorithm. A ring that crosses 180 degrees goes on
from 179 to -179; one that goes round a pole does not come back to where it began in longitude.
Lines that begin with "#" are remarks.
"""

import heapq
import json
import math
import sys

DETAIL = 0.006  # square degrees at the equator: a corner that spans less is left out
BARREN = 67  # degrees north and south: beyond, where few devices are, DETAIL is
COARSER = 8 # times as large
ISLAND = 0.02  # square degrees: a smaller island or lake is left out
SCALE = 100  # steps in a degree
CORNERS = 4  # of a ring, with the first one again at its end


def read_arcs(topology):
    """The arcs as lists of (lon, lat) in degrees."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        yield points


def turn(lon):
    """A difference of longitudes, the short way round."""
    return (lon + 180) % 360 - 180


def triangle(a, b, c):
    """Area of three corners in square degrees, as large as it would be at the equator; counted
    smaller where few devices are."""
    x1, y1 = turn(b[0] - a[0]), b[1] - a[1]
    x2, y2 = turn(c[0] - a[0]), c[1] - a[1]
    area = abs(x1 * y2 - x2 * y1) / 2 * math.cos(math.radians(b[1]))
    return area / COARSER if abs(b[1]) > BARREN else area


def simplify(points):
    """Visvalingam: leaves out the flattest corner until none is flatter than DETAIL. Ends stay."""
    before = list(range(-1, len(points) - 1))
    after = list(range(1, len(points) + 1))
    least = 5 if points[0] == points[-1] else 2
    area = [math.inf] * len(points)
    heap = []

    def weigh(i, at_least):
        if 0 < i < len(points) - 1:
            area[i] = max(at_least, triangle(points[before[i]], points[i], points[after[i]]))
            heapq.heappush(heap, (area[i], i))

    for i in range(len(points)):
        weigh(i, 0)
    left = len(points)
    while heap and left > least:
        weight, i = heapq.heappop(heap)
        if weight != area[i]:
            continue
        if weight > DETAIL:
            break
        area[i] = None
        left -= 1
        after[before[i]], before[after[i]] = after[i], before[i]
        weigh(before[i], weight)
        weigh(after[i], weight)
    return [p for i, p in enumerate(points) if area[i] is not None]


def ring_area(ring):
    """In square degrees, as large as at the equator; a ring round a pole is large by its length."""
    total = x = 0
    for (lon1, lat1), (lon2, lat2) in zip(ring, ring[1:]):
        step = turn(lon2 - lon1)
        total += x * (lat2 - lat1) - (lat1 - ring[0][1]) * step
        x += step
    return abs(total) / 2 * math.cos(math.radians(ring[0][1])) + abs(x)


def chain(arcs, numbers):
    """A ring from its arcs; each begins where the one before ended."""
    ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += arc[1:] if ring else arc
    return ring


def encode_number(value):
    value = ~(value << 1) if value < 0 else value << 1
    letters = ""
    while value >= 0x20:
        letters += chr((0x20 | (value & 0x1F)) + 63)
        value >>= 5
    return letters + chr(value + 63)


def encode(points):
    letters, last = "", (0, 0)
    for lon, lat in points:
        point = (round(lon * SCALE), round(lat * SCALE))
        if letters and point == last:
            continue
        step = (point[0] - last[0]) if not letters else round(turn((point[0] - last[0]) / SCALE) * SCALE)
        letters += encode_number(point[1] - last[1]) + encode_number(step)
        last = point
    return letters


def main(path):
    with open(path, encoding="utf-8") as file:
        topology = json.load(file)
    full = list(read_arcs(topology))
    simple = [simplify(arc) for arc in full]
    rings, coast = [], set()
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            for numbers in polygon:
                coast.update(n if n >= 0 else ~n for n in numbers)
                whole = chain(full, numbers)
                ring = chain(simple, numbers)
                at_pole = max(lat for _, lat in whole) < -89
                if ring_area(whole) >= ISLAND and len(ring) >= CORNERS and not at_pole:
                    rings.append(ring)
    borders = [arc for i, arc in enumerate(simple) if i not in coast]
    print("# Land and borders. Made by make_land.py from world-atlas 2.0.2 countries-50m.json;")
    print("# made with Natural Earth (public domain). docs/decisions/0011-land-outline.md")
    for ring in rings:
        print("L" + encode(ring))
    for border in borders:
        print("B" + encode(border))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
