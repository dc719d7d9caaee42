"""Artifacts from an S3-compatible store that verifies signatures: the whole way, broken off, refused."""

import os
import time

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.lab import World
from tests.lab.store import REGION, SECRET_KEY, Store
from tests.system.story import DEVICES, all_succeeded, campaign, check_end

BUCKET, PREFIX = "updates", "fleet-a"
SIZE = 3_000_000
HURRY = "timeout: {offer: 20s, download: 40s"
PATIENT = "timeout: {offer: 20s, download: 5m"


@pytest.fixture(scope="module")
def store(ground):
    folder = ground.folder / "store"
    folder.mkdir()
    made = Store(folder)
    yield made
    made.stop()


class Stocked(World):
    """A world whose artifacts are in the store alone."""

    def __init__(self, ground, name, store):
        super().__init__(ground, name)
        self.store = store
        self.secret = self.folder / "s3.secret"
        self.secret.write_text(SECRET_KEY + "\n")
        self.secret.chmod(0o600)
        self.seen = len(store.requests())

    def start(self, devices, style="path", **orders):
        more = {"style": style}
        if style != "path":
            more["endpoint"] = f"https://s3.localhost:{self.store.port}"
        self.orchestrator.settings["artifacts"]["urls"] = [
            self.store.bucket(BUCKET, prefix=PREFIX, secret_key_file="s3.secret", **more)]
        self.orchestrator.settings["orders"].update(orders)
        self.orchestrator.write_config()
        self.start_orchestrator()
        hosts = self.folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost {BUCKET}.s3.localhost\n")
        for device in DEVICES[:devices]:
            agent = self.add_agent(device, payload.make(self.folder, device.component, device.version), soak="300ms",
                                   health_every="100ms", download={"ca": str(self.store.ca)})
            agent.environment.update(LD_PRELOAD="libnss_wrapper.so", NSS_WRAPPER_HOSTS=str(hosts))
        self.start_agents()

    def rclone(self, *words):
        """As docs/artifacts.md has it."""
        config = self.folder / "rclone.conf"
        bucket = self.store.bucket(BUCKET)
        config.write_text(f"[store]\ntype = s3\nprovider = Other\nendpoint = {bucket['endpoint']}\nregion = {REGION}\n"
                          f"access_key_id = {bucket['access_key_id']}\nsecret_access_key = {SECRET_KEY}\n")
        config.chmod(0o600)
        env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        done = programs.run(["rclone", "--config", config, "--ca-cert", self.store.ca, *words], env=env, timeout=120)
        assert done.returncode == 0, done.stderr + self.store.logs()
        return done

    def aws(self, *words):
        """The same; nothing is left for it to send."""
        bucket = self.store.bucket(BUCKET)
        env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        env.update(AWS_ACCESS_KEY_ID=bucket["access_key_id"], AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_DEFAULT_REGION=REGION,
                   AWS_CA_BUNDLE=str(self.store.ca), HOME=str(self.folder))
        done = programs.run(["/usr/bin/aws", "--endpoint-url", bucket["endpoint"], "s3", *words], env=env, timeout=120)
        assert done.returncode == 0 and "upload:" not in done.stdout, done.stdout + done.stderr + self.store.logs()

    def publish(self, version):
        """Its artifact lies in the store, and nowhere else that a device could reach; its path there."""
        made = payload.make(self.folder, fleet.COMPONENT, version, size=SIZE)
        self.add_release(made, fleet.COMPONENT, version)
        self.rclone("mkdir", f"store:{BUCKET}")
        folder, place = self.ground.web.artifacts, f"store:{BUCKET}/{PREFIX}"
        (folder / ".incoming-other").write_text("an artifact that is still on its way to wavegate-api")
        self.rclone("copy", folder, place, "--immutable", "--exclude", ".*")
        self.rclone("check", folder, place, "--one-way", "--size-only", "--exclude", ".*")
        assert ".incoming" not in self.rclone("lsf", place).stdout
        self.aws("sync", folder, f"s3://{BUCKET}/{PREFIX}", "--size-only", "--exclude", ".*")
        return "/" + self.db.value("select sha256 from release where version = %s", version)

    def asked(self, path):
        """Statuses, first bytes and lengths of the requests of devices, in their order."""
        return [(one["status"], int(one["range"][6:].split("-")[0]), one["sent"])
                for one in self.store.requests()[self.seen:]
                if one["method"] == "GET" and one["path"].endswith(path) and one["range"].startswith("bytes=")]

    def leaks(self):
        """Logs that hold the secret key, or a signature of a URL."""
        logs = [*self.folder.rglob("*.log"), *self.broker.folder.rglob("*.log")]
        assert len(logs) >= 3
        return [log for log in logs for text in [log.read_text(errors="replace")]
                if SECRET_KEY in text or "X-Amz-Signature" in text]


@pytest.fixture
def stocked(ground, store, request):
    made = Stocked(ground, request.node.name.replace("test_", "s3_").replace("[", "_").replace("]", "")
                   .replace("-", "_")[:40], store)
    yield made
    store.limit_rate(0)
    store.stop_front()
    store.start()
    made.close()
    assert not made.sanitizer_report()


@pytest.mark.parametrize("style", ["path", "virtual-hosted"])
def test_the_whole_way(stocked, ground, style):
    version = "2.4.1" if style == "path" else "2.4.2"
    stocked.start(2, style)
    path = stocked.publish(version)
    name = stocked.apply(campaign(f"from-{style}", version))
    stocked.wait_campaign(name, "finished", 90)
    check_end(stocked, name, version, all_succeeded(stocked))
    assert [one for one in stocked.asked(path) if one[0] == 206] == [(206, 0, stocked.asked(path)[0][2])] * 2
    assert not [one for one in ground.web.requests() if one["path"].endswith(path)], "not from our own server"
    assert stocked.leaks() == []


def slow(world):
    world.store.limit_rate(200_000)
    world.store.stop_front()
    world.store.start()


def cut(world, name):
    """A download of the one device is cut off in the middle; until heal() there is no store. What was cut off is not in
    nginx's log."""
    agent = next(iter(world.agents.values()))
    world.wait_place(name, agent.id, "downloading", timeout=30)
    world.wait("bytes have come", lambda: sum(
        file.stat().st_size for file in agent.state.rglob("*.part")) > 500_000, 30)
    world.store.stop_front()


def heal(world):
    world.store.limit_rate(0)
    world.store.start()


def test_a_download_goes_on_where_it_broke_off(stocked):
    stocked.start(1)
    path = stocked.publish("2.5.0")
    slow(stocked)
    name = stocked.apply(campaign("broken", "2.5.0").replace(HURRY, PATIENT))
    cut(stocked, name)
    heal(stocked)
    stocked.wait_campaign(name, "finished", 120)
    check_end(stocked, name, "2.5.0", all_succeeded(stocked))
    answers = stocked.asked(path)
    assert answers and all(status == 206 and 500_000 < first < SIZE for status, first, _ in answers), answers
    assert stocked.leaks() == []


def test_an_expired_url_is_refused_and_reported(stocked):
    """The order lasts a minute; what was broken off is asked for again behind it, and the device says so, is offered the
    order again, with another URL, and goes on with what came: nothing has failed."""
    stocked.start(1, lifetime="1m")
    path = stocked.publish("2.5.1")
    slow(stocked)
    name = stocked.apply(campaign("expired", "2.5.1", more="retry: {attempts: 3, backoff: 1s}").replace(HURRY, PATIENT))
    device = next(iter(stocked.agents))
    cut(stocked, name)
    stocked.wait("the order's time is over", lambda: stocked.db.value(
        "select expires_at < now() from update_order where kind = 'install'"), 90)
    time.sleep(1)  # whole seconds count
    heal(stocked)
    stocked.wait("the device says so", lambda: stocked.db.rows(
        "select detail from report where state = 'deferred' and device_id = %s", device), 120)
    stocked.wait_campaign(name, "finished", 180)
    assert stocked.db.rows("select detail from report where state in ('deferred', 'failed')") == [
        ("localhost answers 403: other URLs are wanted",)]
    answers = stocked.asked(path)
    assert [status for status, _, _ in answers[:3]] == [403] * 3
    assert answers[3:] and all(status == 206 and first > 500_000 for status, first, _ in answers[3:]), answers
    assert stocked.db.value("select attempt from place") == 1
    check_end(stocked, name, "2.5.1", all_succeeded(stocked))


def test_a_wrong_key_is_refused_and_reported(stocked):
    stocked.secret.write_text("another\n")
    stocked.start(1)
    path = stocked.publish("2.5.2")
    name = stocked.apply(campaign("wrong", "2.5.2", more="retry: {attempts: 1, backoff: 1s}"))
    stocked.wait_finished(name, 180)
    (state, cause), = stocked.db.places(name).values()
    assert (state, cause) == ("failed", "download")
    assert [status for status, _, _ in stocked.asked(path)] == [403] * 6  # of two offers
    assert stocked.db.value("select detail from place") == "localhost answers 403"


def test_others_may_not_read_the_secret_key(stocked):
    stocked.secret.chmod(0o640)
    settings = stocked.orchestrator.settings["artifacts"]
    settings["urls"] = [stocked.store.bucket(BUCKET, secret_key_file="s3.secret")]
    stocked.orchestrator.write_config()
    stocked.orchestrator.start()
    stocked.wait("it ends", lambda: not stocked.orchestrator.alive(), 20)
    told = stocked.orchestrator.log.read_text()
    assert "s3.secret: others may read this secret (mode 640): chmod 600 it" in told and SECRET_KEY not in told
