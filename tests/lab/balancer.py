"""A private HAProxy: whatever its configuration says, on free ports of loopback."""

import os
import shutil
import socket
from pathlib import Path

from tests.lab.programs import SLOWER
from tests.lab.process import Child, LabError, answers, poll, tail

PROGRAM = "/usr/sbin/haproxy"

GLOBAL = """global
    maxconn 4000
    stats socket {folder}/admin.sock mode 600 level admin
    log stdout format raw local0
defaults
    mode tcp
    log global
    option tcplog
    timeout connect 1s
    timeout check 1s
    timeout client 10m
    timeout server 10m
    retries 3
    option redispatch
"""


class Balancer:
    """text: what comes behind the defaults. files: name to source, copied to where HAProxy may read them."""

    def __init__(self, folder, text, ports, files=()):
        self.folder = Path(folder)
        self.log = self.folder / "haproxy.log"
        self.ports = ports
        self._user = "haproxy" if os.geteuid() == 0 else None
        self._child = None
        self.folder.mkdir()
        self._own(self.folder)
        for name, source in dict(files).items():
            shutil.copyfile(source, self.folder / name)
            (self.folder / name).chmod(0o600)
            self._own(self.folder / name)
        (self.folder / "haproxy.cfg").write_text(GLOBAL.format(folder=self.folder) + text)
        self.start()

    def _own(self, path):
        if self._user:
            shutil.chown(path, self._user, self._user)

    def start(self):
        self._child = Child("haproxy", [PROGRAM, "-db", "-f", self.folder / "haproxy.cfg"], self.log, user=self._user,
                            cwd=self.folder)
        poll(lambda: all(answers(port) for port in self.ports) or not self._child.alive(), 10)
        if not self._child.alive():
            raise LabError(f"haproxy did not start:\n{tail(self.log)}")

    def alive(self):
        return bool(self._child) and self._child.alive()

    def ask(self, command):
        """What it says on its socket."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(5 * SLOWER)
            link.connect(str(self.folder / "admin.sock"))
            link.sendall(command.encode() + b"\n")
            with link.makefile() as answer:
                return answer.read()

    def take_crl(self, name, source):
        """New connections are judged by this list, without a restart; the file is for the next one."""
        file, text = self.folder / name, source.read_text()
        shutil.copyfile(source, file)
        said = self.ask(f"set ssl crl-file {file} <<\n{text}\n") + self.ask(f"commit ssl crl-file {file}")
        if "Success" not in said:
            raise LabError(f"haproxy did not take the list: {said}")

    def kill(self):
        self._child.kill()

    def stop(self):
        if self._child:
            self._child.stop()
