"""What a campaign over a whole fleet costs the orchestrator as the fleet grows: flat, or it says so.

For each size: a fleet, one campaign over all of it that a quarter of it has been through, and then, on one machine in one
run: looks at it that find nothing to do, claims of the next 1,000 devices, their orders signed, their reports taken in,
and what a person asks. The aim: 1,000,000 devices cost no more than 1.5 times what 10,000 do.

usage: python3 -m tests.bench.growth_bench [--sizes N,N,..] [--turns N] [--report-only]
"""

import argparse
import contextlib
import json
import statistics
import sys
import time

from tests.bench import command
from tests.bench.ground import Ground
from tests.bench.plan_bench import describe
from tests.lab import programs
from tests.lab.process import LabError

CAMPAIGN, COMPONENT, VERSION = "growth", "firmware", "2.7.1"
FACTOR, FROM, TO = 1.5, 10_000, 1_000_000
NEXT, FAILED = 1000, 100  # claimed in a round; of them fail
ROUNDS = 1  # of a turn that count
AGAIN = 10  # requests of a kind in a turn
KINDS = {"look": "a look, nothing to do", "dispatch": "dispatch the next 1,000", "claim": "  claim them",
         "send": "  sign and send their orders", "take": "take in their reports", "status": "GET campaign", "waves": "GET campaign, its devices",
         "explain": "GET device's reasons", "failures": "GET campaign's failures", "device": "GET device"}
PARTS = ("claim", "send")  # of a dispatch, which is what is judged
FILE = f"""
wavegate: 1
campaign: {CAMPAIGN}
release: {COMPONENT}/{VERSION}
target: {{any: [{{software: {{{COMPONENT}: "*"}}}}, {{not: {{software: {{{COMPONENT}: "*"}}}}}}]}}
waves: [{{name: everyone, remaining: true}}]
gate: {{success: ">= 1%"}}
pace: {{in_flight: {NEXT}}}
budget: {{failures: 99%, on_exceeded: pause}}
"""

# Who has ever been heard is there; a quarter is through, as if it had run for a month: places, their orders, three
# reports each, and the counters.
QUARTER = (
    "update device set online = true where boot <> '' and not online",
    "create temporary table through as select p.device_id, p.campaign_id, d.journal, c.name, c.created_at from place p "
    "join campaign c on c.id = p.campaign_id join device d on d.id = p.device_id "
    "where c.name = %s and mod(p.rank, 4) = 0 and d.online",
    "insert into update_order (id, campaign_id, device_id, kind, attempt, counter, made_at, open, sent_at) "
    "select wg_order_id(name, created_at, device_id, 1, 'install'), campaign_id, device_id, 'install', 1, 1, now(), false, now() "
    "from through",
    "update place p set state = 'succeeded', state_at = now(), attempt = 1, from_version = '2.5.0', "
    "order_id = wg_order_id(t.name, t.created_at, t.device_id, 1, 'install') "
    "from through t where p.campaign_id = t.campaign_id and p.device_id = t.device_id",
    "insert into report (device_id, journal, seq, received_at, order_id, campaign, attempt, state, cause, detail) "
    "select device_id, journal, n, now(), wg_order_id(name, created_at, device_id, 1, 'install'), name, 1, "
    "(array['accepted', 'downloading', 'succeeded'])[n], '', '' from through cross join generate_series(1, 3) n",
    "update device d set report_seq = 3 from through t where d.id = t.device_id",
    "delete from wave_count",
    "insert into wave_count (campaign_id, wave, state, cause, devices) "
    "select campaign_id, wave, state, cause, count(*) from place group by 1, 2, 3, 4",
)


def settle(ground):
    """As autovacuum and a checkpoint would have left it."""
    ground.db.rows("vacuum analyze")
    ground.db.rows("checkpoint")


def begin(ground):
    """Applies the campaign and sends a quarter of the fleet through it."""
    ground.add_release(COMPONENT, VERSION)
    file = ground.folder / "growth.yaml"
    file.write_text(FILE)
    done = programs.run([programs.program("wavegate"), "campaign", "apply", file, "--config", ground.config, "--json"],
                        env=programs.environment(ground.folder), timeout=900)
    if done.returncode != 0:
        raise LabError(f"campaign apply: exit code {done.returncode}\n{done.stderr}")
    for sql in QUARTER:
        ground.db.rows(sql, *([CAMPAIGN] if "%s" in sql else []))
    settle(ground)


class Asking:
    """A person's requests over one connection."""

    def __init__(self, api):
        self._link = api.as_operator("alice").connection()

    def ask(self, path):
        """Milliseconds."""
        begun = time.monotonic()
        self._link.request("GET", f"/api/v1{path}")
        answer = self._link.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, body)
        return (time.monotonic() - begun) * 1000

    def close(self):
        self._link.close()


class Fleet:
    """One size, and what has been measured of it so far: milliseconds of each kind."""

    def __init__(self, devices):
        self.devices = devices
        self.found = {kind: [] for kind in KINDS}
        self._ground = Ground(devices, "growth")
        try:
            begin(self._ground)
            self._waiting, = self._ground.db.rows(
                "select p.device_id from place p join campaign c on c.id = p.campaign_id "
                "where c.name = %s order by p.rank desc limit 1", CAMPAIGN)[0]
            self._asking = Asking(self._ground.api)
        except BaseException:
            self._ground.close()
            raise

    def describe(self):
        return describe(self._ground)

    def work(self, rounds):
        """What the orchestrator does; a process of its own, whose first round finds nothing prepared and does not count."""
        done = programs.run([programs.program("growth_bench"), self._ground.db.dsn, self._ground.pki.director, CAMPAIGN,
                             rounds + 1, FAILED], timeout=900)
        if done.returncode != 0:
            raise LabError(f"growth_bench: {done.stderr}")
        series = {kind: each[len(each) // (rounds + 1):] for kind, each in json.loads(done.stdout).items()
                  if kind in KINDS}
        series["dispatch"] = [sum(parts) for parts in zip(*(series[part] for part in PARTS))]
        for kind, each in series.items():
            self.found[kind] += each

    def ask(self):
        for kind, path in {
                "status": f"/campaigns/{CAMPAIGN}", "waves": f"/campaigns/{CAMPAIGN}/devices?limit=100",
                "explain": f"/devices/{self._waiting}/explain", "failures": f"/campaigns/{CAMPAIGN}/failures",
                "device": f"/devices/{self._waiting}"}.items():
            self._asking.ask(path)
            self.found[kind] += [self._asking.ask(path) for _ in range(AGAIN)]

    def cost(self, kind):
        return statistics.median(self.found[kind])

    def close(self):
        self._asking.close()
        self._ground.close()


def show(fleets, aims):
    """Prints all that was measured; True when it is flat."""
    print("\n" + f"{'milliseconds, median':28}" + "".join(f"{one.devices:>11,}" for one in fleets) + f"{'ratio':>8}")
    base = next((one for one in fleets if one.devices == FROM), None)
    last, flat = fleets[-1], True
    for kind, words in KINDS.items():
        line = f"{words:28}" + "".join(f"{one.cost(kind):11.2f}" for one in fleets)
        if base and last is not base:
            ratio = last.cost(kind) / base.cost(kind)
            line += f"{ratio:8.2f}"
            if kind not in PARTS:
                flat &= aims.add(f"{words}, {last.devices:,} devices, of {FROM:,}", f"{last.cost(kind):.2f} ms", f"at most {FACTOR}",
                                 ratio <= FACTOR, f"{base.cost(kind):.2f} ms", ratio)
        print(line)
    return flat


def bench(options):
    with contextlib.ExitStack() as stack:
        fleets = []
        for size in options.sizes:
            fleets.append(Fleet(size))
            stack.callback(fleets[-1].close)
        options.aims.on(fleets[0].describe())
        for _ in range(options.turns):  # in turns, so that what else the machine does meets all alike
            for one in fleets:
                one.work(ROUNDS)
                one.ask()
        return show(fleets, options.aims)


def sizes(text):
    return [int(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.growth_bench", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=sizes, default=[1000, FROM, 100_000, TO], help="of the fleet")
    parser.add_argument("--turns", type=int, default=3, help=f"of {ROUNDS} rounds of {NEXT} devices each")
    return command.run(parser, bench)


if __name__ == "__main__":
    sys.exit(main())
