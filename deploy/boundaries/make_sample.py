#!/usr/bin/env python3
"""Makes sample.geojson: rough shapes of some regions and time zones, for tests and the demo.

usage: npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
       make_sample.py package/countries-110m.json > sample.geojson

The countries are Natural Earth's (public domain); the two subdivisions are drawn by hand. Not for a
real fleet: docs/registry.md says where better ones are.
"""

import json
import sys

# Region and, where the country has one alone, its time zone.
COUNTRIES = {
    "Germany": ("DE", "Europe/Berlin"), "Austria": ("AT", "Europe/Vienna"),
    "Switzerland": ("CH", "Europe/Zurich"), "France": ("FR", None), "Italy": ("IT", "Europe/Rome"),
    "Poland": ("PL", "Europe/Warsaw"), "Sweden": ("SE", "Europe/Stockholm"),
    "United Kingdom": ("GB", "Europe/London"), "Japan": ("JP", "Asia/Tokyo"),
    "India": ("IN", "Asia/Kolkata"), "Brazil": ("BR", None), "United States of America": ("US", None),
    "Fiji": ("FJ", "Pacific/Fiji"),
}
BAVARIA = [(9.0, 49.8), (10.1, 50.5), (11.9, 50.4), (12.5, 49.9), (13.8, 48.8), (13.0, 47.5),
           (11.1, 47.4), (9.6, 47.5), (10.2, 48.5), (9.0, 49.8)]
CALIFORNIA = [(-124.2, 42.0), (-120.0, 42.0), (-120.0, 39.0), (-114.6, 35.0), (-114.7, 32.7),
              (-117.1, 32.5), (-120.6, 34.6), (-124.4, 40.4), (-124.2, 42.0)]


def read_arcs(topology):
    """The arcs as lists of (lon, lat) in degrees."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((round(x * sx + tx, 2), round(y * sy + ty, 2)))
        yield points


def make_ring(arcs, numbers):
    """Arcs end to end, each from where the one before ended; a negative number is one backwards."""
    ring = []
    for number in numbers:
        points = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += points[1:] if ring else points
    return ring


def feature(region, zone, polygons):
    properties = {"region": region, **({"zone": zone} if zone else {})}
    return {"type": "Feature", "properties": properties,
            "geometry": {"type": "MultiPolygon", "coordinates": polygons}}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        topology = json.load(file)
    arcs = list(read_arcs(topology))
    features = []
    for country in topology["objects"]["countries"]["geometries"]:
        if country["properties"]["name"] not in COUNTRIES:
            continue
        region, zone = COUNTRIES[country["properties"]["name"]]
        polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        features.append(feature(region, zone, [[make_ring(arcs, ring) for ring in polygon]
                                               for polygon in polygons]))
    features.sort(key=lambda one: one["properties"]["region"])
    features.append(feature("DE-BY", None, [[BAVARIA]]))
    features.append(feature("US-CA", "America/Los_Angeles", [[CALIFORNIA]]))
    print('{"type":"FeatureCollection","features":[')
    print(",\n".join(json.dumps(one, separators=(",", ":")) for one in features))
    print("]}")


if __name__ == "__main__":
    main()
