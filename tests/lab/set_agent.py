"""Devices with three components, each in a place of its own: the system in slots, `app` a file that the shipped installer
keeps, `modem` in folders."""

import uuid

from tests.lab import programs
from tests.lab.agent import Agent
from tests.lab.block_agent import BlockAgent
from tests.lab.process import LabError


def app_is_well(app):
    """A command that fails and says why when that file is not an app."""
    return f'grep -q "^app" "{app}" || {{ echo "the app is not well"; exit 1; }}'


class Places:
    """To be mixed into a kind of agent: app and modem beside whatever its slots are."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.app, self.boot_id = self.folder / "app", self.folder / "boot_id"
        self.settings["components"] = {
            "app": {"backend": "exec", "program": str(programs.ROOT / "agent/installers/file"),
                    "settings": {"target": str(self.app), "boot_id": str(self.boot_id),
                                 "component": "app", "version": "1.0.0"}},
            "modem": {"backend": "dir"}}
        self.boot_machine()

    def boot_machine(self):
        self.boot_id.write_text(f"{uuid.uuid4()}\n")

    def provision_places(self, app, modem):
        """app and modem: files, each of version 1.0.0."""
        self.app.write_bytes(app.read_bytes())
        done = programs.run(self._argv("--provision", modem, "--component", "modem", "--version", "1.0.0"),
                            env=self._environment())
        if done.returncode != 0:
            raise LabError(f"provisioning the modem of {self.id}: exit code {done.returncode}\n{done.stderr}")

    def holds(self):
        """Component -> version that its place would run after a power cut now, whatever anybody says."""
        words = self.app.read_text().split()
        boot = self._json("places/modem/boot.json") or {"default": "a"}
        modem = self._json(f"places/modem/slots/{boot['default']}/release.json")
        return {self.device.component: self.version(), "app": words[1] if words[0] == "app" else words[0],
                "modem": modem and modem["version"]}

    def decided(self):
        """What is decided about the set in hand."""
        record = self._json("set.json")
        return record["decided"] if record else "undecided"

    def whole(self):
        """How many members have come whole."""
        record = self._json("set.json")
        return sum(member["whole"] for member in record["members"]) if record else 0


class SetAgent(Places, Agent):
    """All of it without a boot loader: the agent's own start is the boot."""


class BlockSetAgent(Places, BlockAgent):
    """The system lies in image files that a boot script starts; a hook answers for its health."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        hook = self.folder / "hooks/health/enter/10-app"
        hook.parent.mkdir(mode=0o755, parents=True)
        hook.write_text(f'#!/bin/sh\n{app_is_well(self.app)}\n')
        hook.chmod(0o755)
        self.settings["hooks"] = str(self.folder / "hooks")

    def provision(self, payload):
        super().provision(payload)
        text = self._boot.read_text().split("\n", 1)[1]
        self._boot.write_text(f"#!/bin/sh\ncat /proc/sys/kernel/random/uuid >'{self.boot_id}'\n{text}")
