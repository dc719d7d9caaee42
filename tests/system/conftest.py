"""What the system tests stand on: services once a run, a fresh world for each test."""

import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

# pylint: disable=wrong-import-position
from tests.lab import fleet, ledger, payload  # noqa: E402
from tests.lab.lab import Ground, World  # noqa: E402
from tests.lab.process import end_on_signals  # noqa: E402
from tests.system import behind  # noqa: E402
from tests.system.story import DEVICES  # noqa: E402

# A file goes to one worker, in this order: the longest first, so that none is left alone at the end.
LONGEST = ("test_trust.py", "test_simulated.py", "test_installers_agent.py", "test_set.py", "test_benches.py", "test_fleet_benches.py", "test_storage.py", "test_p256.py", "test_cuts.py", "test_tuf.py",
           "test_once.py", "test_token_kek.py", "test_logs.py", "test_campaign_schema.py", "test_api_campaign.py", "test_set_campaign.py",
           "test_pins.py", "test_plans.py", "test_migrations.py", "test_alerts.py")

# What a sanitizer would learn nothing from that it has not seen elsewhere: by gcov, what they reach of our code is reached, but for
# a line here and there, by CTest and by the system tests that stay. WAVEGATE_SANITIZED_PART leaves them out, in CI; else all are run.
NOT_SANITIZED = {
    "test_alerts.py": "rules of Prometheus, judged by promtool",
    "test_audit_logins.py": "what PostgreSQL lets each login do",
    "test_benches.py": "measurements, on little",
    "test_block_slots.py": "the agent's block slots have unit.agent.block_cut and test_set_campaign.py",
    "test_campaign_schema.py": "thousands of files for a schema; the parser has its fuzz targets, which are sanitized",
    "test_configuration.py": "the parser of configurations has its fuzz target",
    "test_demo.py": "a campaign as in all other files",
    "test_doc_others.py": "other people's programs",
    "test_doc_stories.py": "pages that are typed; what they type is tested elsewhere",
    "test_edge.py": "a worker in JavaScript; what signs is asked in test_files_server.py",
    "test_editor.py": "yaml-language-server",
    "test_explain.py": "sentences, which unit.status.explanation asks for one by one",
    "test_fleet_seed.py": "the lab's own program",
    "test_hooks.py": "the agent's hooks are those of CTest; what the server does is every campaign's",
    "test_log_format.py": "the same programs, with another format of their lines",
    "test_membership.py": "campaigns over other devices",
    "test_migrations.py": "PostgreSQL's work",
    "test_other_language.py": "a device in JavaScript",
    "test_p256.py": "what test_trust.py does, with keys of another curve",
    "test_pipeline.py": "a shell around commands that other tests give",
    "test_pki_tokens.py": "what test_token_key.py and test_token_kek.py do with a token, for authorities",
    "test_registry.py": "store.import and its like take in the same files",
    "test_retention.py": "PostgreSQL's work",
    "test_set.py": "one device of test_set_campaign.py",
    "test_simulated.py": "the agent cores of sim.seeds, in real time",
    "test_takeover.py": "what test_campaign.py and test_kill.py do, with stalls",
    "test_target.py": "selectors, which unit.campaign.selector and store.plan have one by one",
    "test_timeout.py": "campaigns that wait",
    "test_watchdog.py": "the few lines that feed one",
    "test_wire.py": "shapes of messages, which have their fuzz targets",
}

_failed = []


def pytest_collection_modifyitems(items):
    def rank(item):
        return LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST)
    items.sort(key=rank)
    behind.choose(items)
    if os.environ.get("WAVEGATE_SANITIZED_PART"):
        for item in items:
            if item.path.name in NOT_SANITIZED:
                item.add_marker(pytest.mark.skip(reason=f"without sanitizers only: {NOT_SANITIZED[item.path.name]}"))


def pytest_configure(config):
    ledger.begin()
    config.addinivalue_line("markers", "plain_broker: behind a broker that lets more through")
    config.addinivalue_line("markers", "mosquitto(why, but=()): for one Mosquitto, and not for other brokers (behind.py)")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    behind.note(report)
    if report.failed:
        _failed.append(item.nodeid)


@pytest.fixture(scope="session")
def ground():
    end_on_signals()
    made = Ground([device.id for device in DEVICES], migrated=True)
    yield made
    made.close()
    if _failed:
        print(f"\nLogs are kept in {made.folder}")
    else:
        made.remove()


@pytest.fixture
def bare_world(ground, request):
    """Database and broker; nothing of ours is started."""
    name = re.sub(r"[^a-z0-9]+", "_", request.node.name.lower())[:40]
    made = World(ground, name, guarded=not request.node.get_closest_marker("plain_broker"))
    yield made
    made.close()
    found = made.sanitizer_report()
    if found:
        pytest.fail(f"a sanitizer found something:\n{found}")


@pytest.fixture
def world(bare_world):
    """With an orchestrator that runs, and no devices yet."""
    bare_world.start_orchestrator()
    return bare_world


@pytest.fixture
def fleet_of(world):
    """fleet_of(n): n devices, started, on their starting versions."""
    def start(count, **settings):
        for device in DEVICES[:count]:
            world.add_agent(device, payload.make(world.folder, device.component, device.version),
                            soak="300ms", health_every="100ms", **settings)
        world.start_agents()
        return list(world.agents.values())
    return start


@pytest.fixture
def release(world):
    """release(version, ...): a payload of that version, published."""
    def add(version, **payload_options):
        made = payload.make(world.folder, fleet.COMPONENT, version, **payload_options)
        world.add_release(made, fleet.COMPONENT, version)
        return made
    return add


def pytest_report_header():
    return f"programs: {os.environ.get('WAVEGATE_BIN', 'build/dev/bin')}"


def pytest_terminal_summary(terminalreporter):
    behind.tell(terminalreporter)
