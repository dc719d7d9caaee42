"""Webhooks: each event at least once and in order, whatever the other end does; nowhere they must not go; no secret told."""

import time

import pytest

from tests.lab.process import poll, tail
from tests.lab.receiver import Receiver, slow

QUICK = {"webhook_private": True, "webhook_retry": "200ms", "webhook_retry_most": "1s", "webhook_give_up": "10m"}


@pytest.fixture
def receiver(ground):
    made = Receiver(ground.pki)
    yield made
    made.close()


@pytest.fixture(scope="module")
def owner(ground):
    ground.pki.run("issue", "operator", "wanda", "--role", "owner", "--pki", ground.pki.folder, "--out", ground.pki.certs)
    return "wanda"


@pytest.fixture
def start(world, owner):
    """An API that may go to receivers of this machine, and its owner."""
    def run(name="wavegate-api", **settings):
        api = world.start_api(name, **{**QUICK, "webhook_ca": str(world.ground.pki.server_root), **settings})
        return api, api.as_operator(owner)
    return run


def make(client, receiver, name="chat", path="/hook", kinds=("campaign",), **more):
    answer = client.post("/webhooks", {"name": name, "url": receiver.url(path), "kinds": list(kinds), **more})
    assert answer.status == 201, answer
    return answer.json()


def tell(world, *subjects, kind="campaign"):
    for subject in subjects:
        world.db.rows("insert into change (kind, subject) values (%s, %s)", kind, subject)


def test_what_happens_is_delivered_signed(world, start, receiver):
    api, otto = start()
    tell(world, "before")
    hook = make(otto, receiver)
    tell(world, "c-1")
    tell(world, "dev-1", kind="device")
    world.db.rows("select wg_audit(null, 'alice', 'approval', 'c-2', '{\"wave\": \"canary\"}')")
    # two that are due at once go side by side
    assert poll(lambda: sorted(receiver.subjects()) == ["c-1", "c-2"], 15), (receiver.subjects(), tail(api.log))
    first, second = sorted(receiver.deliveries, key=lambda delivery: delivery.event["subject"])
    assert first.is_signed_by(hook["secret"]) and not first.is_signed_by("whsec_" + "A" * 43 + "=")
    assert first.headers["content-type"].startswith("application/cloudevents+json")
    assert abs(int(first.headers["webhook-timestamp"]) - time.time()) < 30
    assert {"specversion", "id", "source", "type", "subject", "time", "data"} <= set(first.event)
    assert first.event["specversion"] == "1.0" and first.event["id"] == first.headers["webhook-id"]
    assert second.event["type"] == "wavegate.campaign" and second.event["data"]["what"] == "approval"
    assert second.event["data"]["actor"] == "alice" and second.event["data"]["detail"] == {"wave": "canary"}
    assert poll(lambda: otto.read(f"/webhooks/{hook['id']}")["pending"] == 0, 5)


def test_in_order_through_failures_redirects_and_recovery(world, start, receiver):
    _, otto = start()
    hook = make(otto, receiver)
    tries = {}

    def answer(_path, event):
        number = event["data"].get("audit")
        if number is None:
            return 200
        if "c-other" not in receiver.subjects():
            return 503  # another subject waits for none
        tries[number] = tries.get(number, 0) + 1
        return 200 if tries[number] > 2 else (500, 302)[tries[number] - 1]
    receiver.answer = answer
    for _ in range(4):
        world.db.rows("select wg_audit(null, 'x', 'campaign', 'c-1', '{}')")
    tell(world, "c-other")
    receiver_ids = lambda: [event["data"].get("audit") for event in receiver.taken()]  # noqa: E731
    assert poll(lambda: len(receiver.taken()) == 5, 30), receiver.deliveries
    numbers = [number for number in receiver_ids() if number]
    assert numbers == sorted(numbers) and all(count == 3 for count in tries.values())
    assert receiver.subjects()[0] == "c-other"
    assert not [one for one in receiver.deliveries if one.path != "/hook"]  # no redirection was followed
    assert poll(lambda: otto.read(f"/webhooks/{hook['id']}")["pending"] == 0, 5)


def test_a_kill_in_the_middle_loses_nothing(world, start, receiver):
    api, otto = start()
    make(otto, receiver)
    receiver.answer = slow(0.05)
    expected = [f"c-{number}" for number in range(60)]
    tell(world, *expected[:30])
    assert poll(lambda: len(receiver.deliveries) > 5, 15)
    api.kill()
    tell(world, *expected[30:])
    world.db.rows("update webhook_sender set until = now()")  # as if the lease had run out
    start("wavegate-api-2")
    assert poll(lambda: set(receiver.subjects()) == set(expected), 60), len(receiver.taken())
    assert len(receiver.taken()) < 90


def test_one_of_two_sends(world, start, receiver):
    one, otto = start()
    start("wavegate-api-2")
    make(otto, receiver)
    expected = [f"c-{number}" for number in range(20)]
    tell(world, *expected)
    assert poll(lambda: len(receiver.taken()) == 20, 20)
    tell(world, "last")  # behind whatever the other one would have sent
    assert poll(lambda: "last" in receiver.subjects(), 20)
    assert sorted(receiver.subjects()) == sorted([*expected, "last"])
    one.stop()
    tell(world, "behind")
    assert poll(lambda: "behind" in receiver.subjects(), 25)


def test_the_slow_hold_nobody_back(world, start, receiver):
    _, otto = start()
    make(otto, receiver, "slow", "/slow")
    make(otto, receiver, "quick", "/quick")
    receiver.answer = lambda path, event: slow(30)(path, event) if path == "/slow" else 200
    tell(world, *(f"c-{number}" for number in range(10)))
    assert poll(lambda: len(receiver.taken("/quick")) == 10, 15), receiver.deliveries


def test_given_up_and_tried_again(world, start, receiver):
    _, otto = start()
    hook = make(otto, receiver)
    receiver.answer = 503
    tell(world, "c-1")
    dead = f"/webhooks/{hook['id']}/dead"
    assert poll(lambda: len(receiver.deliveries) > 1, 20)
    world.db.rows("update webhook_event set since = now() - interval '11 minutes'")
    assert poll(lambda: otto.read(dead)["items"], 20)
    [item] = otto.read(dead)["items"]
    assert item["failure"] == "answered with status 503" and item["body"]["subject"] == "c-1"
    assert item["attempts"] == len(receiver.deliveries) > 1
    assert otto.read(f"/webhooks/{hook['id']}")["dead"] == 1
    receiver.answer = 200
    assert otto.post(f"{dead}/{item['event']}/retry").status == 200
    assert poll(lambda: receiver.subjects() == ["c-1"], 10)
    assert otto.post(f"{dead}/{item['event']}/retry").status == 404 and otto.read(dead)["items"] == []
    event = otto.post(f"/webhooks/{hook['id']}/test").json()["event"]
    assert poll(lambda: receiver.taken()[-1]["id"] == event, 10) and receiver.taken()[-1]["type"] == "wavegate.test"


@pytest.mark.parametrize("url", [
    "http://hooks.example/x", "https://localhost/x", "https://127.0.0.1/x", "https://10.1.2.3/x", "https://[::1]/x",
    "https://[::ffff:10.0.0.1]/", "https://[fd00::1]/", "https://169.254.169.254/latest", "https://0x7f.1/", "https://2130706433/",
    "https://u:p@hooks.example/", "ftp://hooks.example/", "file:///etc/passwd", "hooks.example", "https://[fe80::1%25lo]/"])
def test_nowhere_inside(api_of_the_strict, url):
    answer = api_of_the_strict.post("/webhooks", {"name": "x", "url": url, "kinds": ["campaign"]})
    assert answer.status == 400, answer


@pytest.fixture(scope="module")
def api_of_the_strict(ground, owner):
    from tests.lab.lab import World
    world = World(ground, "webhooks_strict")
    world.start_orchestrator()
    yield world.start_api().as_operator(owner)
    world.close()


def test_a_name_that_leads_inside(world, start, receiver):
    """What was set when it was allowed, or a name that leads elsewhere since: the address is judged at each delivery."""
    api, otto = start(webhook_private=False)
    hook = make_by_hand(world, receiver)
    tell(world, "c-1")
    assert poll(lambda: "address of this machine" in otto.read(f"/webhooks/{hook}")["failure"], 15), tail(api.log)
    assert not receiver.deliveries


def make_by_hand(world, receiver):
    return world.db.value("insert into webhook (name, url, kinds, secret, made_by) values ('x', %s, '{campaign}', %s, 'x') returning id",
                          receiver.url(), "whsec_" + "A" * 43 + "=")


def test_no_secret_is_told_and_each_change_is_audited(world, start, receiver):
    api, otto = start()
    hook = make(otto, receiver, path="/secret-path")
    path = f"/webhooks/{hook['id']}"
    shown = otto.get(path)
    assert "secret" not in shown.json() and "secret" not in otto.read("/webhooks")["items"][0]
    changed = otto.ask("PATCH", path, {"enabled": False, "new_secret": True}, headers={"If-Match": shown.headers["ETag"]})
    assert changed.status == 200 and changed.json()["secret"] != hook["secret"] and not changed.json()["enabled"]
    assert otto.ask("PATCH", path, {"enabled": True}, headers={"If-Match": shown.headers["ETag"]}).status == 412
    assert otto.ask("PATCH", path, {"kinds": ["fish"]}).status == 400
    assert otto.post("/webhooks", {"name": "chat", "url": receiver.url(), "kinds": ["device"]}).status == 409
    assert otto.ask("DELETE", path).status == 204 and otto.get(path).status == 404
    rows = world.db.rows("select kind, detail::text from audit where kind like 'webhook%%' order by number")
    assert [kind for kind, _ in rows] == ["webhook-made", "webhook-changed", "webhook-deleted"]
    told = str(rows) + api.log.read_text()
    for secret in (hook["secret"], changed.json()["secret"], "secret-path"):
        assert secret not in told
    assert api.as_operator("alice").get("/webhooks").status == 403
