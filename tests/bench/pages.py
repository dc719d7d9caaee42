"""What a page of the list of devices costs, at the beginning of a big fleet, in its middle and at its end."""

import json
import statistics
import time

PAGE = 1000
AGAIN = 20  # the median of so many
FACTOR = 1.5  # a page may cost so much more than the first one


class Reader:
    """Somebody who goes through the list over one connection."""

    def __init__(self, api):
        self._client = api.as_operator("alice")
        self._link = self._client.connection()

    def page(self, cursor):
        """Where the next page begins, None behind the last; devices; seconds."""
        begun = time.monotonic()
        self._link.request("GET", f"/api/v1/devices?limit={PAGE}" + (f"&cursor={cursor}" if cursor else ""))
        answer = self._link.getresponse()
        body = answer.read()
        seconds = time.monotonic() - begun
        assert answer.status == 200, body
        document = json.loads(body)
        return document["next"], len(document["items"]), seconds

    def close(self):
        self._link.close()


def cursors(reader):
    """Where each page begins, and how many devices there are."""
    found, total = [None], 0
    while True:
        cursor, count, _ = reader.page(found[-1])
        total += count
        if not cursor:
            return found, total
        found.append(cursor)


def show(ground, aims):
    """Prints the table; True when it is flat."""
    reader = Reader(ground.api)
    found, total = cursors(reader)
    places = {"first": 0, "middle": len(found) // 2, "last whole": max(len(found) - 2, 0)}
    medians = {name: statistics.median(reader.page(found[at])[2] for _ in range(AGAIN)) for name, at in places.items()}
    reader.close()
    first = medians["first"]
    print(f"\n{'page of ' + str(PAGE):26} {'of':>9} {'seconds':>9} {'ratio':>6}   {total} devices by GET /devices")
    for name, at in places.items():
        print(f"{name:26} {at + 1:>9} {medians[name]:9.4f} {medians[name] / first:6.2f}"
              f"  {'holds' if medians[name] <= FACTOR * first else 'MISSED'}")
        if at:
            aims.add(f"{name} page of {total} devices, of the first", f"{1000 * medians[name]:.1f} ms", f"at most {FACTOR}",
                     medians[name] <= FACTOR * first, f"{1000 * first:.1f} ms", medians[name] / first)
    return all(one <= FACTOR * first for one in medians.values())
