"""A build goes to a signed release and a planned campaign, and a pull request gets its comment: by the scripts of examples/pipeline."""

import os
import shutil
import subprocess

import pytest

from tests.lab import fleet, payload, programs
from tests.system.story import DEVICES, all_succeeded, check_end

EXAMPLES = programs.ROOT / "examples/pipeline"
DENIED = 4


class Pipeline:
    """A machine of continuous integration: a folder, contexts, and the way to the command."""

    def __init__(self, world):
        self.world = world
        self.folder = world.folder / "pipeline"
        self.folder.mkdir()
        world.trust(1)
        world.start_signer()
        world.start_orchestrator()
        world.orchestrator.serve()
        self.environment = programs.environment(
            self.folder, PATH=f"{programs.BIN}:{os.environ['PATH']}", REPOSITORY=str(world.repository.folder))
        world.wavegate("people", "add", "otto", "--role", "owner", operator="otto")
        world.wavegate("people", "add", "alice", "--role", "rollout-admin", operator="otto")
        token = self.folder / "token"
        token.write_text(world.wavegate("token", "make", "pipeline", "--may", "campaign.plan,campaign.read", "--for", "90d",
                                        "--quiet", operator="alice").stdout)
        token.chmod(0o600)
        self.context("plan", "--token-file", token)
        self.context("publish", "--certificate", world.ground.pki.certificate("rita"))

    def context(self, name, *way):
        server = self.world.orchestrator.server
        self.run("wavegate", "context", "add", name, "--server", f"https://localhost:{server.port}", "--ca", server.root, *way)

    def run(self, *words, expect=0):
        done = subprocess.run([str(word) for word in words], env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60 * programs.SLOWER)
        assert done.returncode == expect, done
        return done

    def wavegate(self, *words, context, expect=0):
        return self.run("wavegate", *words, "--context", context, expect=expect)


@pytest.fixture(name="pipeline")
def pipeline_(bare_world):
    return Pipeline(bare_world)


def build(pipeline, version, **more):
    return payload.make(pipeline.folder, fleet.COMPONENT, version, **more)


def test_a_build_becomes_a_signed_release_and_a_planned_campaign(pipeline):
    world = pipeline.world
    for device in DEVICES[:2]:
        world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms", health_every="100ms")
    world.start_agents()
    words = (EXAMPLES / "release", build(pipeline, "2.4.1"), fleet.COMPONENT, "2.4.1", EXAMPLES / "campaign.yaml.in")
    first = pipeline.run(*words)
    assert "2 of 2" in first.stdout and "is published; to roll it out" in first.stderr
    again = pipeline.run(*words)  # a job that is run again
    assert "is in the repository already" in again.stderr and "published already" in again.stdout
    assert world.db.value("select count(*) from campaign") == 0
    assert world.db.rows("select component, version from release") == [(fleet.COMPONENT, "2.4.1")]
    # what it holds can do no more
    file, plan = pipeline.folder / "brake-controller-2.4.1.yaml", pipeline.folder / "brake-controller-2.4.1.plan"
    pipeline.wavegate("campaign", "apply", file, "--operator", world.ground.pki.certificate("rita"), context="plan", expect=DENIED)
    pipeline.wavegate("device", "list", context="plan", expect=DENIED)
    pipeline.wavegate("campaign", "apply", file, context="publish", expect=DENIED)
    assert world.db.value("select count(*) from campaign") == 0
    # people go on from there
    world.wavegate("campaign", "apply", file, "--plan", plan, operator="alice")
    world.wavegate("campaign", "approve", "brake-controller-2.4.1", "--start", operator="bob")
    world.wait_campaign("brake-controller-2.4.1", "finished", 60)
    check_end(world, "brake-controller-2.4.1", "2.4.1", all_succeeded(world))


def test_a_build_that_is_another_one_than_the_release_is_not_published(pipeline):
    words = (fleet.COMPONENT, "2.4.1", EXAMPLES / "campaign.yaml.in")
    pipeline.run(EXAMPLES / "release", build(pipeline, "2.4.1"), *words)
    other = build(pipeline, "2.4.1", install="echo other")
    refused = pipeline.run(EXAMPLES / "release", other, *words, expect=6)
    assert "2.4.1" in refused.stderr
    assert pipeline.world.db.value("select count(*) from release") == 1


def test_a_pull_request_gets_its_comment(pipeline):
    world = pipeline.world
    device = DEVICES[0]
    world.add_agent(device, payload.make(world.folder, device.component, device.version))
    world.start_agents()
    world.add_release(build(pipeline, "2.4.1"), fleet.COMPONENT, "2.4.1")
    good, bad, lost = (pipeline.folder / f"{name}.yaml" for name in ("good", "bad", "lost"))
    text = (EXAMPLES / "campaign.yaml.in").read_text()
    good.write_text(text.replace("@VERSION@", "2.4.1"))
    said = pipeline.run(EXAMPLES / "comment", good.name).stdout
    assert said.startswith("### Campaign file good.yaml\n\nApplying it would change this.") and "    " in said
    assert "1 of 1" in said
    bad.write_text(text.replace("@VERSION@", "2.4.1").replace("success:", "succes:"))
    lost.write_text(text.replace("@VERSION@", "9.9.9"))
    said = pipeline.run(EXAMPLES / "comment", good.name, bad.name, lost.name, expect=1).stdout
    assert "**It is not valid:**" in said and "succes" in said and "**It cannot be planned**" in said
    prose = [line for line in said.splitlines() if line and not line.startswith("    ")]
    assert all(line.startswith(("### Campaign file ", "Applying it", "**It ")) for line in prose), prose
    assert world.db.value("select count(*) from campaign") == 0
    world.wavegate("campaign", "apply", good, operator="alice")
    assert "It is applied as it stands" in pipeline.run(EXAMPLES / "comment", good.name).stdout


def test_the_page_shows_what_is_run():
    page = (programs.ROOT / "docs/pipeline.md").read_text()
    assert "--may campaign.plan,campaign.read" in page
    for script in ("release", "comment"):
        checked = subprocess.run(["shellcheck", EXAMPLES / script], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout
        assert f"examples/pipeline/{script}" in page and shutil.which("sh")
