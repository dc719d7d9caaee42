"""Compares common/tz with Python's zoneinfo, over all zones of this machine: offsets around every change that either
knows, and at many instants between; and that between two changes nothing changes.

usage: tz_check.py TZ_DUMP
"""
import random
import subprocess
import sys
import zoneinfo
from datetime import datetime, timezone

FIRST = int(datetime(1970, 1, 2, tzinfo=timezone.utc).timestamp())
LAST = int(datetime(2060, 1, 1, tzinfo=timezone.utc).timestamp())
DAY = 86400
HORIZON = 400 * DAY
# Few zones have changes of their own in the 21st century; these are looked at every five days.
CLOSE = {"Africa/Casablanca", "America/Nuuk", "America/New_York", "Asia/Gaza", "Australia/Lord_Howe", "Europe/Berlin",
         "Europe/Dublin", "Pacific/Apia"}


def offset(zone, second):
    return int(datetime.fromtimestamp(second, zone).utcoffset().total_seconds())


def ask(dump, questions):
    """questions: [(zone, [second])] -> [[(offset, next change)]] in seconds."""
    lines = []
    for zone, seconds in questions:
        lines.append(zone)
        lines.extend(str(second * 1000) for second in seconds)
    text = subprocess.run([dump], input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
    if text.returncode != 0:
        sys.exit(text.stderr)
    answers = iter(text.stdout.splitlines())
    return [[tuple(int(n) // 1000 for n in next(answers).split()) for _ in seconds] for _, seconds in questions]


def instants(name, chance):
    step = 5 * DAY if name in CLOSE else 180 * DAY
    return sorted({second + chance.randrange(step) for second in range(FIRST, LAST, step)}
                  | {chance.randrange(LAST, LAST + 300 * 365 * DAY) for _ in range(20)})


def main():
    chance = random.Random(4)
    names = sorted(name for name in zoneinfo.available_timezones() if name not in ("localtime", "posixrules"))
    zones = {name: zoneinfo.ZoneInfo(name) for name in names}
    wrong, count = [], 0

    questions = [(name, instants(name, chance)) for name in names]
    changes = {name: set() for name in names}
    for (name, seconds), answers in zip(questions, ask(sys.argv[1], questions)):
        for second, (east, change) in zip(seconds, answers):
            count += 1
            if east != offset(zones[name], second):
                wrong.append(f"{name} at {second}: offset {east}, not {offset(zones[name], second)}")
            if change != 0 and not second < change <= second + HORIZON:
                wrong.append(f"{name} at {second}: changes at {change}")
            until = change or second + HORIZON
            # Nothing changes until then.
            for between in {second + (until - second) * part // 7 for part in range(1, 7)} | {until - 1}:
                count += 1
                if offset(zones[name], between) != east:
                    wrong.append(f"{name} at {second}: an untold change before {between}")
            if change:
                changes[name].add(change)

    questions = [(name, sorted({change + delta for change in found for delta in (-1, 0, 1)}))
                 for name, found in changes.items()]
    for (name, seconds), answers in zip(questions, ask(sys.argv[1], questions)):
        told = dict(zip(seconds, answers))
        for second in seconds:
            count += 1
            if told[second][0] != offset(zones[name], second):
                wrong.append(f"{name} at {second}: offset {told[second][0]}, not {offset(zones[name], second)}")
        for change in changes[name]:
            if told[change - 1][0] == told[change][0] or told[change - 1][1] != change:
                wrong.append(f"{name} at {change}: no change")

    total = sum(len(found) for found in changes.values())
    print(f"{len(names)} zones, {total} changes, {count} instants, {len(wrong)} wrong")
    for line in wrong[:20]:
        print(line)
    if len(names) < 400 or total < 10000:
        sys.exit("too few zones or changes to say anything")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
