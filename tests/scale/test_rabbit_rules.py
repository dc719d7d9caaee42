"""What RabbitMQ lets a device do by the rules of tests/lab/rabbit.py. Each try at what is another's is made again under looser
rules, where it comes to something: so it is the rules that keep it out, and not a try that never works.
"""

import contextlib
import copy
import itertools

import pytest

from tests.lab.pki import SERVICE
from tests.lab.process import LabError, poll
from tests.lab.rabbit import Rabbit, grants, literal
from tests.lab.wire import Cut, Wire

MQTT_3_1_1 = 4
MINE, OTHER = "dev-20", "dev-21"
DOT, ALIKE = "dev.1", "devX1"  # where a dot is any character, the first is the second too
BELOW = f"{MINE}.down"  # a slash becomes a dot: its branch begins like what MINE is told
NAMES = (MINE, OTHER, DOT, ALIKE, BELOW)

_numbers = itertools.count()


def topic(name, leaf):
    return f"wg/v1/d/{name}/{leaf}"


def new_words():
    return f"words {next(_numbers)}"


class Session(Wire):
    """Connected when constructed; Cut when it is not let in."""

    def __init__(self, broker, pki, name, client_id=None, **connect):
        super().__init__(broker, pki.server_root, pki.certificate(name), MQTT_3_1_1)
        try:
            code = self.connect(client_id or name, **connect)
            if code:
                raise Cut(f"CONNACK {code}")
        except BaseException:
            self.close()
            raise

    def has(self, words):
        return any(payload.decode() == words for _, payload in self.messages)

    def wait(self, words):
        if not poll(lambda: self.ping() or self.has(words), 10):
            raise LabError(f"{words!r} did not come")

    def where(self, words):
        """The topic under which they came."""
        return next(at for at, payload in self.messages if payload.decode() == words)


class Tries:
    """Each ends with an event: the broker acknowledges it or ends the session. Before it is asked whether it has come to anything,
    what the right one says or is told behind it has arrived."""

    def __init__(self, broker, pki):
        self._broker, self._pki = broker, pki
        self.service = self.session(SERVICE, f"{SERVICE}-tries")
        self.service.subscribe("wg/v1/#")

    def session(self, name, client_id=None, **connect):
        return Session(self._broker, self._pki, name, client_id, **connect)

    def own_up(self, name):
        """A device says what it may, and is heard: what it said."""
        words = new_words()
        with self.session(name) as device:
            device.publish(topic(name, "up/log"), words)
        self.service.wait(words)
        return words

    def own_down(self, name, leaf="down/order"):
        """A device is told what is for it, and hears it: what it was told."""
        words = new_words()
        with self.session(name) as device:
            device.subscribe(topic(name, "down/+"))
            self.service.publish(topic(name, leaf), words)
            device.wait(words)
        return words

    def say(self, who, at):
        words = new_words()
        with self.session(who) as device:
            with contextlib.suppress(Cut):
                device.publish(at, words)
        self.own_up(who)
        return self.service.has(words)

    def will(self, who, at):
        """Whoever ends without a word: the last will goes out then."""
        words, behind = new_words(), new_words()
        for where, what in ((at, words), (topic(who, "up/log"), behind)):
            self.session(who, will=(where, what, False)).close()
        self.service.wait(behind)
        return self.service.has(words)

    def hear(self, who, where, said):
        """said(): what somebody else says or is told meanwhile."""
        with self.session(who) as spy:
            try:
                spy.subscribe(topic(who, "down/ack"))
                spy.subscribe(where)
            except Cut:
                said()
                return False
            words, behind = said(), new_words()
            self.service.publish(topic(who, "down/ack"), behind)
            spy.wait(behind)
            return spy.has(words)

    def queue(self, who, whose):
        """Comes under another's client id, for what waits there."""
        words, got = new_words(), False
        with self.session(whose, clean=False) as device:
            device.subscribe(topic(whose, "down/order"))
        self.service.publish(topic(whose, "down/order"), words)
        try:
            with self.session(who, whose, clean=False) as spy:
                spy.wait(words)
                got = True
        except Cut:
            with self.session(whose, clean=False) as device:
                device.wait(words)
        self.session(whose).close()  # a clean one: the queue goes
        return got

    def by_topic(self):
        """At another's branch, and at what is nobody's."""
        def told():
            return self.own_down(OTHER)
        return {
            "another's up": lambda: self.say(MINE, topic(OTHER, "up/log")),
            "another's up, dots for slashes": lambda: self.say(MINE, topic(OTHER, "up/log").replace("/", ".")),
            "another's down": lambda: self.say(MINE, topic(OTHER, "down/order")),
            "its own down": lambda: self.say(MINE, topic(MINE, "down/order")),
            "the guard's": lambda: self.say(MINE, "wg/v1/guard"),
            "a name with a dot": lambda: self.say(ALIKE, topic(DOT, "up/log")),
            "another's last will": lambda: self.will(MINE, topic(OTHER, "up/log")),
            "hears another's down": lambda: self.hear(MINE, topic(OTHER, "down/#"), told),
            "hears another's orders": lambda: self.hear(MINE, topic(OTHER, "down/order"), told),
            "hears #": lambda: self.hear(MINE, "#", told),
            "hears wg/v1/#": lambda: self.hear(MINE, "wg/v1/#", told),
            "hears every down": lambda: self.hear(MINE, topic("+", "down/#"), told),
            "hears all orders": lambda: self.hear(MINE, topic("+", "down/order"), told),
            "hears another's up": lambda: self.hear(MINE, topic(OTHER, "up/#"), lambda: self.own_up(OTHER))}

    def by_dot(self):
        """A dot as any character."""
        return {
            "alike: up": lambda: self.say(DOT, topic(ALIKE, "up/log")),
            "alike: orders": lambda: self.hear(DOT, topic(ALIKE, "down/order"), lambda: self.own_down(ALIKE))}

    def by_depth(self):
        """All below its own down."""
        return {"below": lambda: self.hear(MINE, topic(MINE, "down/#"), lambda: self.own_down(BELOW))}

    def by_queue(self):
        return {"alike: queue": lambda: self.queue(DOT, ALIKE), "another's queue": lambda: self.queue(MINE, OTHER)}

    def reached(self):
        """What has come to something."""
        every = {**self.by_topic(), **self.by_dot(), **self.by_depth(), **self.by_queue()}
        return {name for name, comes in every.items() if comes()}

    def close(self):
        self.service.close()


def any_topic(rules):
    for row in rules["topic_permissions"]:
        row["write"] = row["read"] = ".*"


def name_as_it_is(rules):
    """{username} in the rules about topics, and the bare name in those about queues."""
    for row in rules["topic_permissions"]:
        for verb in ("write", "read"):
            row[verb] = row[verb].replace(f"\\.{literal(row['user'])}\\.", "\\.{username}\\.")
    for row in rules["permissions"]:
        for verb in ("configure", "write", "read"):
            row[verb] = row[verb].replace(literal(row["user"]), row["user"])


def all_below(rules):
    for row in rules["topic_permissions"]:
        row["read"] = row["read"].replace("([a-z]+|\\*)", "[a-z#*]+")


def any_queue(rules):
    for row in rules["permissions"]:
        row["configure"] = row["write"] = row["read"] = ".*"


def certified(pki, names):
    """Each has a certificate from now on."""
    pki.issue_devices(name for name in names if not pki.certificate(name).exists())


@pytest.fixture(scope="module")
def rabbit(ground):
    """One node: rules are the same on each."""
    folder = ground.folder / "rabbit-rules"
    folder.mkdir()
    folder.chmod(0o755)
    certified(ground.pki, NAMES)
    made = Rabbit(folder / "rabbit", ground.pki, NAMES, count=1)
    yield made
    made.close()


@pytest.fixture
def tries(rabbit, ground):
    """tries(loosen): under these rules."""
    made = []

    def under(*loosen):
        rules = copy.deepcopy(grants(NAMES))
        for change in loosen:
            before = copy.deepcopy(rules)
            change(rules)
            assert rules != before
        rabbit.allow(rules)
        made.append(Tries(rabbit, ground.pki))
        return made[-1]
    yield under
    for one in made:
        one.close()


def test_a_branch_is_its_own(tries):
    at = tries()
    for name in NAMES:
        at.own_up(name)
        at.own_down(name)
    assert at.reached() == set()


def test_where_any_topic_is_allowed(tries):
    at = tries(any_topic)
    assert at.reached() == {*at.by_topic(), *at.by_dot(), *at.by_depth()}


def test_where_a_dot_is_any_character(tries):
    at = tries(name_as_it_is)
    assert at.reached() == {*at.by_dot(), "alike: queue"}


def test_where_all_below_is_allowed(tries):
    at = tries(all_below)
    assert at.reached() == {*at.by_depth()}


def test_where_any_queue_is_allowed(tries):
    at = tries(any_queue)
    assert at.reached() == {*at.by_queue()}


def test_where_topics_are_not_said(tries, rabbit):
    """Who has permissions and no topic permission may use them all."""
    at = tries()
    rabbit.control("clear_topic_permissions", MINE)
    assert at.reached() == {*at.by_topic(), *at.by_depth()} - {"a name with a dot"}  # that one is not MINE's


def test_a_name_with_a_dot_is_not_heard(tries):
    """It is two words of a topic then: no filter of the orchestrator's is for it, and what it is told has another topic."""
    at = tries()
    with at.session(SERVICE, f"{SERVICE}-as-it-hears") as orchestrator:
        orchestrator.subscribe(topic("+", "up/log"))
        words = at.own_up(DOT)
        orchestrator.wait(at.own_up(MINE))
        assert not orchestrator.has(words)
    assert at.service.where(words) == "wg/v1/d/dev/1/up/log"
    with at.session(DOT) as device:
        device.subscribe(topic(DOT, "down/order"))
        words = new_words()
        at.service.publish(topic(DOT, "down/order"), words)
        device.wait(words)
        assert device.where(words) == "wg/v1/d/dev/1/down/order"
