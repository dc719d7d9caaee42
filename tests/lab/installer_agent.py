"""A device whose software an installer keeps (docs/installers.md), with a hold on each of its verbs."""

import json
import os
import subprocess

from tests.lab import programs
from tests.lab.agent import Agent
from tests.lab.payload import until_exists

INSTALLERS = programs.ROOT / "agent/installers"
IMAGES = programs.ROOT / "tests/installers/example/images"
# Before the installer itself runs, a verb is written down, and does what a test has put there for it.
_WRAPPER = """#!/bin/sh
echo "$1" >>'{folder}/verbs'
if [ -e '{folder}/do.'"$1" ]; then . '{folder}/do.'"$1"; fi
exec '{program}' "$1"
"""


class InstallerAgent(Agent):
    program = None

    def __init__(self, *arguments):
        super().__init__(*arguments)
        wrapper = self.folder / "installer"
        wrapper.write_text(_WRAPPER.format(folder=self.folder, program=self.program))
        wrapper.chmod(0o755)
        self.own = self.state / "exec"  # the installer's folder
        self.settings["slots"] = {"backend": "exec", "program": str(wrapper), "settings": {}}

    def verbs(self):
        """What the agent asked for, in order; downloads in pieces come as one write."""
        try:
            said = (self.folder / "verbs").read_text().split()
        except FileNotFoundError:
            return []
        return [verb for at, verb in enumerate(said) if verb != "write" or said[at - 1] != "write"]

    def before(self, verb, script):
        """From now on this comes first: commands of sh, "" nothing."""
        path = self.folder / f"do.{verb}"
        path.with_suffix(".new").write_text(script + "\n")
        path.with_suffix(".new").rename(path)

    def hold(self, verb):
        """From now on the verb waits; a path that lets it go on when it is made."""
        gate = self.folder / f"go.{verb}"
        self.before(verb, until_exists(gate, 120))
        return gate

    def status(self):
        """Of the installer, without the agent."""
        environment = {"PATH": os.environ["PATH"], "WAVEGATE_STATE": str(self.own)}
        environment.update({f"WAVEGATE_SET_{key.upper()}": str(value)
                            for key, value in self.settings["slots"]["settings"].items()})
        done = subprocess.run([self.program, "status"], env=environment, cwd=self.own, check=True, capture_output=True)
        return json.loads(done.stdout)

    def slot(self):
        return self.status()["running"]

    def boots_once(self):
        return self.status()["idle"] if self.status()["marked"] else ""


def _version_in(text):
    """Of a payload (tests/lab/payload.py)."""
    return text.splitlines()[1].split()[2]


class FileAgent(InstallerAgent):
    """One file, replaced by a rename: nothing boots."""

    program = INSTALLERS / "file"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.target, self._boot_id = self.folder / "software", self.folder / "boot_id"
        self.settings["slots"]["settings"] = {"target": str(self.target), "boot_id": str(self._boot_id),
                                              "component": self.device.component, "version": self.device.version}
        self.settings["reboot"] = "/bin/false"  # nobody asks for it
        self._boots = 0

    def provision(self, payload):
        self.target.write_bytes(payload.read_bytes())
        self.boot_machine()

    def boot_machine(self):
        self._boots += 1
        self._boot_id.write_text(f"boot-{self._boots}\n")

    def version(self):
        return _version_in(self.target.read_text())


class ImagesAgent(InstallerAgent):
    """The whole installer of docs/installers.md: two images, and a reboot."""

    program = IMAGES

    def provision(self, payload):
        self.own.mkdir(parents=True)
        (self.own / "a.img").write_bytes(payload.read_bytes())
        (self.own / "a.is").write_text(f"{self.device.component} {self.device.version} x\n")
        (self.own / "boot").write_text("default=a\nonce=\n")
        (self.own / "running").write_text("a\n")
        boot = self.folder / "boot"
        words = " ".join(f"'{word}'" for word in self._argv())
        boot.write_text(f"""#!/bin/sh
cd '{self.own}'
. ./boot
echo "${{once:-$default}}" | tee running >>'{self.folder}/boots'
printf 'default=%s\\nonce=\\n' "$default" >boot
exec {words}
""")
        boot.chmod(0o755)
        self.settings["reboot"] = str(boot)

    def boots(self):
        return (self.folder / "boots").read_text().split()

    def default(self):
        parts = dict(line.split("=") for line in (self.own / "boot").read_text().split())
        return parts["default"]

    def version(self):
        return _version_in((self.own / f"{self.default()}.img").read_text())
