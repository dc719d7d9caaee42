"""An hour of everything at once, in which each part is killed and started again.

Devices of the simulated fleet on a bad network (messages lost, doubled, late; connections that break), campaigns over all of them
one after the other, people who list, show and ask for failures, a stream of events; and in the first part of it the orchestrator, the
broker, the database and the API get SIGKILL in turns. In the end nothing is lost, counters equal a recount, everybody is answered again;
and no part's memory rises: of what belongs to no file, behind a warm-up after the last death, the slope by Theil and Sen stays under a
bound. (Who dies takes others' memory along: a database has a process for each of its clients' connections.)

usage: python3 -m tests.bench.soak [--minutes N] [--devices N] [--report-only]
"""

import argparse
import itertools
import sys
import time

import psycopg2

from tests.bench import command, slope
from tests.bench.fleet_ground import FleetGround, alive
from tests.bench.parts import Part, Watch, starved
from tests.bench.readers import Commands, Listener
from tests.lab import simulated
from tests.lab.process import LabError, poll, tail

BOUNDS = {"orchestrator": 4096, "broker": 4096, "database": 16384, "api": 4096}  # KiB an hour
DYING = 0.4      # of the time; in the rest all live
TURNS = 12       # deaths, three of each part
JUDGED = 600     # seconds behind the warm-up that must be there for a slope to say anything
WARM_UP = 360    # seconds, in which two campaigns go through: until then statements are new to a connection; or a third of the rest
FLEET = ("--profile", "bad-network", "--faults", "install=1%,boot=1%,health=1%", "--download", "2s..20s", "--install", "1s..5s",
         "--reboot", "2s..6s", "--soak", "3s", "--health-every", "1s")
# Devices that reboot, and break their connections, all the time.
GUARD = {"device_connects_per_minute": 60, "device_connect_burst": 60}
# Killed, it is back soon. Each connection that plans campaigns keeps pages of temporary tables up to a bound, of its own 8 MB: with this one it
# is there within two campaigns, and what rises behind it is no such cache.
DATABASE = ("checkpoint_timeout=1min", "max_wal_size=1GB", "temp_buffers=1MB")
WAVES = [{"name": "canary", "percent": 5}, {"name": "rest", "remaining": True}]
MORE = {"gate": {"success": ">= 50%", "soak": "2s"}, "budget": {"failures": "100%"}, "retry": {"attempts": 1},
        "timeout": {"silent": "10m"}}


class Restarts:
    """Kills the next part when its time has come, until all have had their turns. `last`: when that was."""

    def __init__(self, ground, every):
        self.last = time.monotonic()
        self._every, self._due = every, self.last + every
        self._turns = itertools.cycle((("orchestrator", lambda: again(ground.orchestrator)),
                                       ("broker", lambda: [again(broker) for broker in ground.brokers]),
                                       ("database", lambda: again(ground.postgres)),
                                       ("api", lambda: again(ground.orchestrator.server))))
        self.count = {}

    def step(self, began):
        if time.monotonic() < self._due or sum(self.count.values()) == TURNS:
            return
        name, turn = next(self._turns)
        turn()
        self.count[name] = self.count.get(name, 0) + 1
        self.last = time.monotonic()
        self._due += self._every
        print(f"    {time.monotonic() - began:7.0f} s  {name} killed and started", flush=True)


def again(one):
    one.kill()
    one.start()


class Campaigns:
    """One after the other."""

    def __init__(self, ground):
        self._ground, self.names = ground, []

    @property
    def name(self):
        return self.names[-1]

    def begin(self):
        number = len(self.names) + 2
        version = f"{number}.0.0"
        patiently(lambda: self._ground.add_release(simulated.COMPONENT, version))
        self.names.append(f"soak-{number}")
        patiently(lambda: self._ground.apply_campaign(self.name, version, WAVES, **MORE))

    def has_ended(self):
        return patiently(lambda: self._ground.db.campaign_state(self.name) == "finished")


def patiently(ask, timeout=60):
    """Again and again: a part may be on its way back."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return ask()
        except (psycopg2.Error, LabError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def words(campaigns):
    """What people ask: the turn's command."""
    def choose(turn):
        device = simulated.device(1 + turn % 100)
        return (("campaign", "list"), ("campaign", "status", campaigns.name), ("device", "show", device),
                ("campaign", "failures", campaigns.name), ("device", "list", "--limit", "100"), ("device", "explain", device),
                ("fleet", "health"))[turn % 7]
    return choose


def soak(ground, options):
    """Readers, and the campaigns that there were."""
    campaigns = Campaigns(ground)
    campaigns.begin()
    restarts = Restarts(ground, options.minutes * 60 * DYING / TURNS)
    people = [Commands(ground.orchestrator, words(campaigns), pause) for pause in (0.5, 2)]
    listener = Listener(ground.orchestrator.server.as_operator("alice"))
    began, said = time.monotonic(), 0
    try:
        while time.monotonic() - began < options.minutes * 60:
            restarts.step(began)
            if campaigns.has_ended():
                campaigns.begin()
            if time.monotonic() - said > 60:
                said = time.monotonic()
                print(f"    {said - began:7.0f} s  {campaigns.name}: {patiently(lambda: ground.states(campaigns.name))}", flush=True)
            time.sleep(0.5)
        if not poll(campaigns.has_ended, options.patience, 1):
            raise LabError(f"{campaigns.name} does not end: {ground.states(campaigns.name)}\n{tail(ground.orchestrator.log)}")
    finally:
        for one in (*people, listener):
            one.end()
    return campaigns, restarts, people, listener


def behind(watch, name, since):
    """What was seen of a part from then on."""
    life = watch.lives[name][-1]
    return slope.settled(life, max(since - life.at[0], 0), life.anonymous)


def judge_memory(watch, last, options):
    """Whether no part's memory rises, and whether all of them could be judged; a table. last: when one was killed last."""
    warm_up = min(WARM_UP, options.minutes * 60 * (1 - DYING) / 3)
    held = judged = True
    print(f"\n    {'':14}{'lives':>7}{'seen, s':>12}{'peak MiB':>10}{'KiB an hour':>13}{'bound':>8}   "
          f"of no file, from {warm_up:.0f} s behind the last death on")
    for name in watch.lives:
        lives = [behind(watch, name, last + warm_up)]
        found, seconds, bound = slope.theil_sen(lives), slope.longest(lives), BOUNDS.get(name)
        if bound is None:
            word = ""
        elif found is None or seconds < JUDGED:
            word, judged = "too short to be judged", False
        else:
            word = "holds" if found <= bound else "MISSED"
            held = held and found <= bound
        print(f"    {name:14}{len(watch.lives[name]):7}{seconds:12.0f}{watch.most(name):10.1f}"
              f"{'-' if found is None else f'{found:.0f}':>13}{bound or '':>8}   {word}")
    return held, judged


def judge_books(ground, campaigns, people, listener):
    """Whether nothing is lost, and everybody is answered; what is wrong is printed."""
    ground.settle(300)
    problems = ground.problems(campaigns.name)
    for name in campaigns.names:
        if sum(ground.states(name).get(state, 0) for state in ("succeeded", "failed", "rolled-back")) != ground.devices:
            problems.append(f"{name}: {ground.states(name)}")
    for one in people:
        if not one.ask(("campaign", "list")):
            problems.append(f"nobody answers: {one.last}")
    if listener.events == 0:
        problems.append("the stream had no event")
    for line in problems[:20]:
        print(f"    WRONG: {line}")
    print(f"    {len(campaigns.names)} campaigns over {ground.devices} devices; commands: {sum(one.answered for one in people)} answered, "
          f"{sum(one.failed for one in people)} not, while something was away; events: {listener.events} in {listener.opened} streams")
    return not problems


def bench(options):
    ground = FleetGround(options.devices, flags=FLEET, options=GUARD, settings=DATABASE)
    try:
        print(ground.describe())
        print(f"{options.devices} devices with mutual TLS on a bad network, {options.minutes} minutes, a part killed every "
              f"{options.minutes * 60 * DYING / TURNS:.0f} s of the first {options.minutes * DYING:g}", flush=True)
        ground.configure(orders={"resend": "10s"})
        ground.start()
        ground.start_patiently(options.patience)
        ground.orchestrator.serve()
        parts = [*ground.parts(), Part("api", lambda: alive(ground.orchestrator.server))]
        watch = Watch(parts, every=2)
        campaigns, restarts, people, listener = soak(ground, options)
        watch.end()
        books = judge_books(ground, campaigns, people, listener)
        counts = ground.fleet.summary()["counts"]
        print(f"    {counts['reports']} reports, {counts['reports_sent_again']} sent again; {counts['connects']} sessions; "
              f"{counts['lost_out'] + counts['lost_in']} messages lost on the way; killed: {restarts.count}")
        print(f"    {starved(parts)}")
        memory, judged = judge_memory(watch, restarts.last, options)
        print(f"nothing is lost, counters equal a recount, everybody is answered: {'holds' if books else 'MISSED'}")
        print(f"no memory rises: {('holds' if judged else 'not judged, the lives are too short') if memory else 'MISSED'}")
        return books and memory
    finally:
        ground.close()


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--devices", type=int, default=5000)
    parser.add_argument("--patience", type=int, default=900, help="seconds for the first connections, and for the last campaign")
    return command.run(parser, bench)


if __name__ == "__main__":
    sys.exit(main())
