"""The simulated fleet: real agent cores in a few processes, each with a connection of its own."""

import json
import socket

from tests.lab import programs
from tests.lab.brokers import MQTT
from tests.lab.process import Child, LabError, poll, tail

COMPONENT, FROM = "app", "1.0.0"
# A download takes a tenth of a second, and so on: for tests.
QUICK = ("--download", "50ms..500ms", "--install", "50ms..200ms", "--reboot", "100ms..500ms", "--soak", "300ms",
         "--health-every", "100ms")


def device(number):
    return f"dev-{number:07}"


def provide(pki, count, first=1):
    """Certificates for so many devices, in one call."""
    names = pki.logs / "names"
    names.write_text("".join(f"{device(number)}\n" for number in range(first, first + count)))
    pki.run("issue", "device", "--names", names, "--pki", pki.folder, "--out", pki.certs)


class SimulatedFleet:
    """wavegate-fleet run, against a broker. flags: more of its command line."""

    # pylint: disable-next=too-many-arguments
    def __init__(self, folder, pki, brokers, count, *flags, name="fleet", mutual=True, certificates=None, component=f"{COMPONENT}={FROM}"):
        self.folder, self.name = folder, name
        self.log, self.errors = folder / f"{name}.log", folder / f"{name}.err"
        self._control = folder / f"{name}.sock"
        trust = ("--ca", pki.server_root, "--certificates", certificates or pki.certs) if mutual else ()
        self.argv = [programs.program("wavegate-fleet"), "run", "--director", f"{pki.director}.pub", *trust,
                      "--devices", count, "--component", component, "--control", self._control, "--json",
                      *(() if "--mqtt" in flags else ("--mqtt", MQTT)),
                      *(word for url in brokers for word in ("--broker", url)), *flags]
        self._child = None

    def start(self):
        self._child = Child(self.name, self.argv, self.log, env=programs.environment(self.folder), cwd=self.folder)
        if not poll(lambda: self._listens() or not self._child.alive(), 10) or not self._child.alive():
            raise LabError(f"wavegate-fleet did not start:\n{tail(self.log)}")
        return self

    def _listens(self):
        with socket.socket(socket.AF_UNIX) as line:
            return line.connect_ex(str(self._control)) == 0

    def alive(self):
        return bool(self._child) and self._child.alive()

    @property
    def pid(self):
        return self._child.pid

    def say(self, command, timeout=30):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(timeout * programs.SLOWER)
            line.connect(str(self._control))
            line.sendall(f"{command}\n".encode())
            with line.makefile() as answer:
                return answer.readline().rstrip("\n")

    def summary(self):
        return json.loads(self.say("summary"))

    def drop(self, share="all"):
        assert self.say(f"drop {share}") == "ok"

    def wait(self, what, condition, timeout=30):
        """Until condition(summary) holds; the summary."""
        found = {}

        def holds():
            if not self._child.alive():
                raise LabError(f"wavegate-fleet has ended:\n{tail(self.log)}")
            found.update(self.summary())
            return condition(found)
        if not poll(holds, timeout, 0.1):
            raise LabError(f"waited {timeout} s in vain: {what}\n{json.dumps(found)}\n{tail(self.log)}")
        return found

    def stop(self):
        """Its last summary; it must end well."""
        if self._child is None:
            return None
        if self._child.alive():
            assert self.say("stop") == "ok"
        code = self._child.wait(30)
        self._child = None
        assert code == 0, tail(self.log)
        return json.loads(self.log.read_text().splitlines()[-1])

    def kill(self):
        if self._child:
            self._child.kill()
            self._child = None
