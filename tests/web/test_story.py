"""The story of `make demo` by clicks alone, on the real server with its signer and 24 real agents: two people's browsers at once,
each with a key of its own, and a server that dies on the way. story.mjs clicks; what no browser can do, it asks for here."""

import json
import subprocess
import sys
import threading

import pytest

from deploy.demo import demo
from tests.lab import fleet, payload, programs
from tests.lab.lab import Ground, World

HELD = 240  # seconds for all of it


@pytest.fixture(scope="module")
def ground():
    """Of its own: people get other certificates."""
    made = Ground([device.id for device in fleet.devices()], migrated=True)
    yield made
    made.close()
    made.remove()


@pytest.fixture
def world(ground):
    made = World(ground, "story")
    yield made
    made.close()
    assert not made.sanitizer_report()


class Helper:
    """What story.mjs asks for."""

    def __init__(self, world, api):
        self.world, self.api, self.pki = world, api, world.ground.pki
        self.keys = 0

    def issue(self, name, key):
        """A certificate for a browser's key; a name has one. The policy that devices believe has it, too."""
        file = self.world.folder / f"{name}.pub"
        file.write_text(key)
        self.pki.revoke(name)
        self.pki.issue_operator(name, "rollout-admin", file)
        self.world.repository.set_policy(1)
        return {"chain": self.pki.certificate(name).read_text()}

    def kill(self):
        self.api.kill()

    def restart_when(self, name, state):
        """Once the campaign has got there without anybody at a browser."""
        self.world.wait_campaign(name, state, 90)
        self.api.start()

    def tell(self, what):
        print(f"story: {what}", flush=True)

    def check(self):
        """What the demo holds of the database and the devices' own slots."""
        told = demo.Demo(self.world)
        assert demo.check(told), "the demo's checks say what is wrong"

    def places(self, name):
        return {"places": {device: state for device, (state, _) in self.world.db.places(name).items()}}

    def answer(self, asked):
        what = asked.pop("do")
        if what not in ("issue", "kill", "restart_when", "tell", "check", "places"):
            return {"problem": f"nobody knows {what!r}"}
        return getattr(self, what)(**asked) or {}


def converse(process, helper):
    """A line of JSON asks, a line answers; what is not JSON is told."""
    for line in process.stdout:
        try:
            asked = json.loads(line)
        except ValueError:
            print(line, end="", flush=True)
            continue
        process.stdin.write(json.dumps(helper.answer(asked)) + "\n")
        process.stdin.flush()


def test_the_whole_story_by_clicks(world, ground):
    demo.prepare(ground, world)
    demo.publish(demo.Demo(world), ground)
    old = payload.make(ground.folder, fleet.COMPONENT, "2.3.7")
    world.repository.add(old, fleet.COMPONENT, "2.3.7")
    world.add_release(old, fleet.COMPONENT, "2.3.7")
    api = world.orchestrator.server
    file = world.folder / "story.json"
    file.write_text(json.dumps({
        "link": api.setup_link(), "base": api.url,
        "campaigns": str(programs.ROOT / "campaigns")}))
    with subprocess.Popen(["node", programs.ROOT / "tests/web/story.mjs", file], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=sys.stderr, text=True) as process:
        over = threading.Timer(HELD, process.kill)
        over.start()
        try:
            converse(process, Helper(world, api))
        finally:
            over.cancel()
            process.stdin.close()
            process.wait(30)
    if process.returncode != 0:
        pytest.fail(f"story.mjs ended with {process.returncode}\n{world.logs()}", pytrace=False)
