"""What resets the device or restarts the agent: the watchdog device and systemd's socket, here played by the test."""

import os
import signal
import socket

import pytest

from tests.lab import fleet, payload
from tests.lab.process import freeze, poll, stays_false
from tests.system.story import campaign

DEVICE = fleet.devices()[0]


class Device:
    """A watchdog that remembers what it was fed."""

    def __init__(self, path):
        os.mkfifo(path)
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.fed = b""

    def look(self):
        try:
            while more := os.read(self._fd, 4096):
                self.fed += more
        except BlockingIOError:
            pass
        return self.fed

    def fed_again(self, seconds=5):
        before = len(self.look())
        return bool(poll(lambda: len(self.look()) > before, seconds))

    def is_left_alone(self, seconds=3):
        before = len(self.look())
        return stays_false(lambda: len(self.look()) > before, seconds)

    def close(self):
        os.close(self._fd)


class Systemd:
    """The other end of sd_notify(3)."""

    def __init__(self, path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        self.heard = []

    def look(self):
        try:
            while True:
                self.heard.append(self._socket.recv(4096).decode())
        except BlockingIOError:
            return self.heard

    def hears(self, word, count=1, seconds=10):
        return bool(poll(lambda: self.look().count(word) >= count, seconds))

    def hears_no(self, word, seconds):
        before = self.look().count(word)
        return stays_false(lambda: self.look().count(word) > before, seconds)

    def close(self):
        self._socket.close()


@pytest.fixture
def hardware(world):
    made = Device(world.folder / "watchdog")
    yield made
    made.close()


@pytest.fixture
def agent(world, hardware):
    """Fed each second."""
    return world.add_agent(DEVICE, payload.make(world.folder, DEVICE.component, DEVICE.version), soak="300ms",
                           health_every="100ms", watchdog={"device": str(hardware.path), "timeout": "3s"})


def test_fed_while_it_lives(world, hardware, agent):
    world.start_agents()
    assert hardware.fed_again() and hardware.fed_again()
    freeze(agent.pid)
    assert hardware.is_left_alone()  # longer than the time-out: the device would start anew
    os.kill(agent.pid, signal.SIGCONT)
    assert hardware.fed_again()
    agent.stop()
    assert hardware.look().endswith(b"V"), "ended in good order, it disarms"


def test_a_power_cut_leaves_it_armed(world, hardware, agent):
    world.start_agents()
    assert hardware.fed_again()
    agent.kill()
    assert b"V" not in hardware.look()


def test_a_reboot_that_hangs(world, hardware, agent):
    """Nobody feeds it then: the hardware ends what the reboot program does not."""
    hangs = world.folder / "hangs"
    hangs.write_text("#!/bin/sh\necho $$ >\"$0.pid\"\nexec sleep 1000\n")
    hangs.chmod(0o755)
    agent.settings["reboot"] = str(hangs)
    world.start_agents()
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
    world.apply(campaign("hung", "2.4.1"))
    mark = hangs.with_suffix(".pid")
    world.wait("the reboot program runs", lambda: mark.exists() and mark.read_text().strip())
    assert agent.boots_once() == "b"
    assert hardware.is_left_alone()
    assert b"V" not in hardware.fed
    agent.kill()
    agent.settings.pop("reboot")
    agent.start()  # the hardware has reset the device
    world.wait("the new slot runs", lambda: agent.version() == "2.4.1")


def test_a_watchdog_that_is_not_there(world, hardware, agent):
    agent.settings["watchdog"]["device"] = "/dev/there-is-none"
    agent.start()
    world.wait("it ends", lambda: not agent.alive())
    assert "watchdog /dev/there-is-none: No such file" in agent.log.read_text()


def test_systemd(world, agent):
    systemd = Systemd(world.folder / "notify")
    try:
        agent.environment = {"NOTIFY_SOCKET": str(systemd.path), "WATCHDOG_USEC": "900000"}
        world.start_agents()
        assert systemd.hears("READY=1")
        assert systemd.hears("WATCHDOG=1", 5)
        freeze(agent.pid)
        assert systemd.hears_no("WATCHDOG=1", 1.5)
        os.kill(agent.pid, signal.SIGCONT)
        agent.stop()
        assert systemd.look()[-1] == "STOPPING=1"
        # meant for another process: it is told when the agent is up, and no more
        agent.environment["WATCHDOG_PID"] = "1"
        systemd.heard.clear()
        agent.start()
        assert systemd.hears("READY=1")
        assert systemd.hears_no("WATCHDOG=1", 1)
    finally:
        systemd.close()
