"""What our programs log as JSON is JSON; a form that there is not is refused."""

import json

from tests.lab import payload, programs
from tests.system.story import DEVICES, campaign


def lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_every_line_is_an_object(bare_world):
    world = bare_world
    world.orchestrator.settings["log"] = "debug json"
    world.orchestrator.write_config()
    world.trust(0)
    world.signer.configure(log="debug json")
    world.start_signer()
    world.orchestrator.start()
    world.wait("the orchestrator hears the broker", lambda: "broker connected" in world.orchestrator.log.read_text(), 30)
    device = DEVICES[0]
    agent = world.add_agent(device, payload.make(world.folder, device.component, device.version), log="info json")
    world.start_agents()
    world.orchestrator.serve()
    made = payload.make(world.folder, device.component, "2.4.1")
    world.add_release(made, device.component, "2.4.1")
    world.repository.add(made, device.component, "2.4.1")
    name = world.apply(campaign("logged", "2.4.1"))
    world.wait_campaign(name, "finished", 60)
    for log, program in ((world.orchestrator.log, "wavegated"), (world.orchestrator.server.log, "wavegate-api"),
                         (world.signer.log, "wavegate-signer"), (agent.log, "wavegate-agent")):
        text = log.read_text().rpartition("\n")[0]
        found = lines(text)
        assert len(found) == len([line for line in text.splitlines() if "program" in line]) > 0, log
        assert all(one["program"] == program and {"time", "level", "msg"} <= set(one) for one in found)
    sent, *_ = [one for one in lines(world.orchestrator.log.read_text().rpartition("\n")[0]) if one["msg"] == "order sent"]
    assert sent["device"] == device.id and sent["campaign"] == name


def test_a_form_that_there_is_not_is_refused(bare_world):
    bare_world.orchestrator.settings["log"] = "info xml"
    bare_world.orchestrator.write_config()
    done = programs.run([programs.program("wavegated"), "--config", bare_world.orchestrator.config, "--check"])
    assert done.returncode == 2 and "log: expected error, warn, info or debug, and json or journal" in done.stderr
