"""Devices without agents: the test says what they say, on a world that many tests share."""

import json

from tests.lab.lab import World
from tests.lab.mqtt import Client
from tests.lab.pki import SERVICE
from tests.system import seeded

BOOT, JOURNAL = "b" * 32, "a" * 32
IN_HAND = ("offered", "accepted", "deferred", "downloading", "installing", "rebooting", "probation")


class Crowd:
    """A world with a running orchestrator. Each test takes devices and campaigns of its own."""

    def __init__(self, ground, name, releases=("3.0.0", "4.0.0")):
        # behind plain rules: there one certificate may speak for all devices
        self.world = World(ground, name, guarded=False)
        self.db = self.world.db
        self.world.start_orchestrator()
        for version in releases:
            seeded.add_release(self.world, version)
        self._client = Client(self.world.broker, ground.pki.certificate(SERVICE),
                              ground.pki.server_root, "crowd")
        self._said = {}
        self._files = iter(range(1000))

    def close(self):
        self._client.close()
        self.world.close()
        assert not self.world.sanitizer_report()

    def hello(self, *devices, version="1.0.0", online=True, **changes):
        for device in devices:
            message = {"v": 1, "online": True, "boot": BOOT, "journal": JOURNAL,
                       "seq": self._said.get(device, 0), "agent": "0.1.0", "slot": "a",
                       "region": "DE-BY", "hardware": {"model": "box", "revision": "C"},
                       "software": {seeded.COMPONENT: version}, **changes}
            self._client.publish(f"wg/v1/d/{device}/up/hello", message if online else
                                 {"v": 1, "online": False, "boot": BOOT})

    def join(self, prefix, count, **changes):
        """So many devices prefix-00 .. that are online; their ids."""
        devices = [f"{prefix}-{number:02}" for number in range(count)]
        self.hello(*devices, **changes)
        self.world.wait("they are online", lambda: set(devices) <= self.db.online())
        return devices

    def leave(self, *devices):
        self.hello(*devices, online=False)
        self.world.wait("they are offline", lambda: not set(devices) & self.db.online())

    def report(self, name, device, state="succeeded", **more):
        """What became of the device's last order in a campaign."""
        order, attempt, version = self.db.rows(
            "select p.order_id::text, p.attempt, c.version from place p join campaign c on "
            "c.id = p.campaign_id where c.name = %s and device_id = %s", name, device)[0]
        self._said[device] = self._said.get(device, 0) + 1
        if state == "succeeded":
            more["versions"] = {seeded.COMPONENT: version}
        self._client.publish(f"wg/v1/d/{device}/up/report", {
            "v": 1, "journal": JOURNAL, "seq": self._said[device], "order": order,
            "campaign": name, "attempt": attempt, "state": state, **more})

    def finish(self, name, *devices, state="succeeded", **more):
        """Waits for the order of each, and reports its end."""
        for device in devices:
            self.world.wait_place(name, device, *IN_HAND)
            self.report(name, device, state, **more)
        for device in devices:
            self.world.wait_place(name, device, state)

    def file(self, name, target, waves=None, **more):
        file = self.world.folder / f"{name}-{next(self._files)}.yaml"
        file.write_text(seeded.campaign(name, target, waves, **more))
        return file

    def apply(self, name, target, waves=None, expect=0, operator="alice", flags=(), **more):
        """The result of `campaign apply --json`, or of its failure what was said."""
        done = self.world.wavegate("campaign", "apply", self.file(name, target, waves, **more),
                                   "--json", *flags, operator=operator, expect=expect)
        return json.loads(done.stdout) if expect == 0 else done.stderr

    def plan(self, name, target, waves=None, flags=(), **more):
        return json.loads(self.world.wavegate(
            "campaign", "plan", self.file(name, target, waves, **more), "--json", *flags,
            expect=None).stdout)

    def in_hand(self, name):
        return {device for device, (state, _) in self.db.places(name).items() if state in IN_HAND}

    def waves(self, name):
        """Wave to the set of its devices, as they are stored."""
        found = {wave: set() for wave in self.db.wave_states(name)}
        for wave, device in self.db.rows(
                "select w.name, p.device_id from place p join campaign c on c.id = p.campaign_id "
                "join wave w on w.campaign_id = c.id and w.number = p.wave where c.name = %s",
                name):
            found[wave].add(device)
        return found

    def stored(self, name):
        """Everything that is stored of a campaign, but for what moves by itself."""
        return [self.db.rows(sql, name) for sql in (
            "select * from campaign where name = %s",
            "select w.* from wave w join campaign c on c.id = w.campaign_id where c.name = %s "
            "order by number",
            "select p.* from place p join campaign c on c.id = p.campaign_id where c.name = %s "
            "order by device_id",
            "select r.* from campaign_revision r join campaign c on c.id = r.campaign_id "
            "where c.name = %s order by revision",
            "select n.* from wave_count n join campaign c on c.id = n.campaign_id where "
            "c.name = %s and devices <> 0 order by wave, n.state, n.cause")]

    def check_counts(self):
        """Counters, members of waves and of campaigns, and ranks agree with the places."""
        self.world.wait("counters agree", lambda: not self.db.inconsistencies(), 15)
        assert self.db.rows(
            "select c.name, w.name, w.members, count(p.device_id) from wave w join campaign c on "
            "c.id = w.campaign_id left join place p on p.campaign_id = c.id and p.wave = w.number "
            "group by c.name, w.name, w.members having w.members <> count(p.device_id)") == []
        assert self.db.rows(
            "select c.name, c.members, count(p.device_id) from campaign c left join place p on "
            "p.campaign_id = c.id group by c.id having c.members <> count(p.device_id)") == []
        assert self.db.rows("select campaign_id, wave, rank from place group by 1, 2, 3 "
                            "having count(*) > 1") == []
        assert self.db.rows("select p.campaign_id, p.wave from place p left join wave w on "
                            "w.campaign_id = p.campaign_id and w.number = p.wave "
                            "where w.number is null") == []
