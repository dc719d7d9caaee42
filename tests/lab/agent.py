"""One device: a real wavegate-agent with a certificate, slots and a state folder of its own."""

import json
import signal
from pathlib import Path

from tests.lab import programs
from tests.lab.brokers import MQTT
from tests.lab.process import Child, LabError


class Agent:
    """The folder keeps what a device would keep: it survives kill() and start()."""

    def __init__(self, device, folder, pki, broker_url):
        self.device = device
        self.folder = Path(folder) / device.id
        self.state = self.folder / "state"
        self.log = self.folder / "agent.log"
        self._sanitizer = folder
        self._child = None
        self.environment = {}  # beside the usual
        self.folder.mkdir(parents=True)
        self.config = self.folder / "agent.json"
        self.settings = {
            "broker": broker_url,
            "mqtt": MQTT,
            "ca": str(pki.server_root),
            "certificate": str(pki.certificate(device.id)),
            "key": str(pki.key(device.id)),
            "directors": [str(pki.director) + ".pub"],
            "state": "state",
            "component": device.component,
            "hardware": {"model": device.model, "revision": device.revision},
            "region": device.region,
            "zone": device.zone,
            "position": {"lat": device.lat, "lon": device.lon},
            "attributes": {"site": device.site},
            "soak": "1s",
            "health_every": "200ms",
            "resend": "1s",
            "reconnect": {"first": "100ms", "most": "1s"},
            "keep_alive": "5s",
        }

    @property
    def id(self):
        return self.device.id

    def _argv(self, *more):
        return [programs.program("wavegate-agent"), "--config", self.config, *more]

    def _environment(self):
        return programs.environment(self._sanitizer, **self.environment)

    def write_config(self):
        self.config.write_text(json.dumps(self.settings, indent=1) + "\n")

    def provision(self, payload):
        """The factory: puts the starting version into slot a."""
        self.write_config()
        done = programs.run(self._argv("--provision", payload, "--component",
                                       self.device.component, "--version", self.device.version),
                            env=self._environment())
        if done.returncode != 0:
            raise LabError(f"provisioning {self.id}: exit code {done.returncode}\n{done.stderr}")

    def boot_machine(self):
        """Before start(), where a boot changes more than that the agent starts."""

    def start(self):
        self.write_config()
        self._child = Child(self.id, self._argv(), self.log, env=self._environment(),
                            cwd=self.folder)

    @property
    def pid(self):
        return self._child.pid

    def alive(self):
        return bool(self._child) and self._child.alive()

    @property
    def exit_code(self):
        return self._child.exit_code

    def kill(self):
        """SIGKILL: the device's power is cut."""
        return self._child.kill()

    def terminate(self):
        """Asks it to end, without waiting."""
        if self._child:
            self._child.signal(signal.SIGTERM)

    def stop(self):
        return self._child.stop() if self._child else None

    def _json(self, path):
        try:
            return json.loads((self.state / path).read_text())
        except FileNotFoundError:
            return None

    def slot(self):
        """The slot that boots by default."""
        return (self._json("boot.json") or {"default": "a"})["default"]

    def boots_once(self):
        """The slot that is marked to boot once; '' when none is."""
        return (self._json("boot.json") or {"once": ""})["once"]

    def phase(self):
        """Where its update stands, as it would know after a power cut now."""
        memory = self._json("memory.json")
        return memory and memory["memory"]["phase"]

    def pending(self):
        """What it has said and not heard an acknowledgement of, as it would know after a power cut now."""
        memory = self._json("memory.json")
        return memory and memory["memory"]["pending"]

    def release(self, slot):
        """What a slot holds; None when it cannot be booted."""
        return self._json(f"slots/{slot}/release.json")

    def version(self):
        """The version that the device would run after a power cut now."""
        release = self.release(self.slot())
        return release and release["version"]

    def payload_log(self):
        """What payloads of this device were asked to do, one line an install or boot."""
        try:
            return (self.state / "payload.log").read_text().splitlines()
        except FileNotFoundError:
            return []
