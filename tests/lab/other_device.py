"""A device in another language: examples/device, started again whenever it ends as a boot ends it."""

import json
import shutil

from tests.lab import programs
from tests.lab.agent import Agent
from tests.lab.process import Child

FOLDER = programs.ROOT / "examples/device"
PACKAGES = programs.ROOT / "build/device/node_modules"  # deploy/setup.sh fetches them

# Stands for the boot loader: exit code 0 is a boot. Whatever ends it ends the device.
_SUPERVISE = """trap 'kill "$child"; wait "$child"; exit 0' TERM
while :; do
    setpriv --pdeathsig KILL node "$1" "$2" & child=$!
    wait "$child" || exit
done"""


class OtherDevice(Agent):
    """Looks like an Agent to a world; its folder keeps what a device would keep."""

    def provision(self, payload):
        self.state.mkdir(exist_ok=True)
        shutil.copyfile(payload, self.state / "factory")

    def write_config(self):
        ours = self.settings
        self.config.write_text(json.dumps({
            "device": self.id, "component": self.device.component,
            "broker": ours["broker"].replace("ssl://", "mqtts://"), "mqtt": ours["mqtt"],
            "ca": ours["ca"], "certificate": ours["certificate"], "key": ours["key"],
            "director": ours["directors"][0], "schemas": str(programs.ROOT / "schemas"), "state": str(self.state),
            "factory": {"version": self.device.version, "file": "factory"},
            "hardware": ours["hardware"], "soak": 300, "resend": 1000,
            "more": {"region": ours["region"], "zone": ours["zone"], "position": ours["position"],
                     "attributes": {**ours["attributes"], "language": "javascript"}}}, indent=1) + "\n")

    def start(self):
        self.write_config()
        self._child = Child(self.id, ["sh", "-c", _SUPERVISE, "supervise", FOLDER / "device.js", self.config], self.log,
                            env=programs.environment(self.folder, NODE_PATH=str(PACKAGES)), cwd=self.folder)

    def memory(self):
        return self._json("memory")

    def boots_once(self):
        return self.memory()["once"] or ""

    def phase(self):
        return self.memory()["phase"]

    def version(self):
        memory = self.memory()
        return memory["slots"][memory["home"]]["version"]
