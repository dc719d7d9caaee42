"""Alerts, dashboard and runbooks: that they hold together, and ask for figures that there are."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from tests.lab.process import free_port, poll
from tests.lab.programs import ROOT
from tests.system.story import campaign
from tests.system.test_api_metrics import PROMTOOL, figures, scrape

FOLDER = ROOT / "deploy/prometheus"
RULES = yaml.safe_load((FOLDER / "wavegate.rules.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((ROOT / "deploy/grafana/wavegate.json").read_text())
RUNBOOKS = ROOT / "docs/runbooks"
COMMANDS = (ROOT / "docs/command.md").read_text()
FOREIGN = {"systemctl", "journalctl", "openssl"}  # of Debian
UNITS = {"wavegated", "wavegate-api", "wavegate-enrol", "mosquitto", "postgresql"}


def promtool(*words):
    return subprocess.run([PROMTOOL, *words], cwd=FOLDER, capture_output=True, text=True, check=False)


def asked(expression):
    """The figures that an expression asks for."""
    return set(re.findall(r"\bwavegate_\w+", expression))


def test_promtool_takes_the_rules_and_each_fires_when_it_should():
    checked = promtool("check", "rules", "wavegate.rules.yml")
    assert checked.returncode == 0, checked
    tried = promtool("test", "rules", "wavegate.test.yml")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    tests = yaml.safe_load((FOLDER / "wavegate.test.yml").read_text())["tests"]
    raised = {rule["alertname"] for one in tests for rule in one["alert_rule_test"] if rule["exp_alerts"]}
    quiet = {rule["alertname"] for one in tests for rule in one["alert_rule_test"] if not rule["exp_alerts"]}
    assert raised == quiet == {rule["alert"] for rule in RULES}


@pytest.fixture(name="shown")
def shown_(world, fleet_of, release):
    """The names and labels of every figure of a system at work."""
    port = free_port()
    fleet_of(2)
    release("2.4.1", install="sleep 600")
    world.apply(campaign("under-way", "2.4.1"))
    world.db.rows("insert into alarm (device_id, kind, count, first_at, last_at, why) select id, 'flood', 1, now(), now(), '' from device")
    world.start_api(metrics_listen=f"127.0.0.1:{port}").as_operator("alice").get("/campaigns")
    wanted = {'wavegate_campaign_places{campaign="under-way",state="installing"}', 'wavegate_lease_timestamp_seconds'}
    assert poll(lambda: wanted <= set(figures(scrape(port))), 30)
    return figures(scrape(port))


def test_every_query_asks_for_figures_that_there_are(shown):
    names = {name.split("{")[0] for name in shown}
    labels = {}
    for name in shown:
        labels.setdefault(name.split("{")[0], set()).update(re.findall(r'(\w+)="', name))
    queries = [rule["expr"] for rule in RULES] + [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    assert len(queries) > 30
    for query in queries:
        assert asked(query) <= names, query
        for name, chosen in re.findall(r"\b(wavegate_\w+)\{([^}]*)\}", query):
            assert set(re.findall(r"(\w+)\s*[=!]", chosen)) <= labels[name] | {"job", "instance"}, query
    assert names - {one for query in queries for one in asked(query)} <= {
        "wavegate_api_request_duration_seconds_sum", "wavegate_api_request_duration_seconds_count"}, "figures that nothing shows"


def test_the_dashboard_is_whole():
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells
        for target in panel["targets"]:
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                by = re.findall(r"by \(([^)]*)\)", target["expr"])
                assert not by or label in by[-1], target


def known_verb(noun, verb):
    return f"### wavegate {noun} {verb}" in COMMANDS


def check_command(line):
    words = line.split()
    if words[0] in FOREIGN:
        assert shutil.which(words[0]), line
        units = re.findall(r"(?:status|--unit) (\S+)", line)
        assert set(units) <= UNITS, line
        return
    assert words[0] == "wavegate" and known_verb(words[1], words[2]), line
    told = COMMANDS.split(f"### wavegate {words[1]} {words[2]}", 1)[1].split("\n### ", 1)[0] + COMMANDS.split("## Flags of every command", 1)[1]
    for flag in re.findall(r"(--[\w-]+)", line):
        assert f"`{flag}" in told, line


def test_each_alert_has_a_runbook_whose_commands_there_are():
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == {rule["alert"] for rule in RULES}
    listed = (RUNBOOKS / "README.md").read_text()
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/runbooks/{rule['alert']}.md"
        assert f"| [{rule['alert']}]({rule['alert']}.md) | {rule['labels']['severity']} | {rule['for']} |" in listed
        page = (RUNBOOKS / f"{rule['alert']}.md").read_text()
        assert page.startswith(f"# {rule['alert']}\n\n") and page.index("\n## Look\n") < page.index("\n## Do\n")
        commands = [line.strip() for line in page.splitlines() if line.startswith("    ")]
        assert commands
        for line in commands:
            check_command(line)
        for name in re.findall(r"\b(Wavegate[A-Z]\w+)", page):
            assert name in pages, name
        for path in re.findall(r"(docs/[\w/-]+\.md)", page):
            assert (ROOT / path).exists(), path
