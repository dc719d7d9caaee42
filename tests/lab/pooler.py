"""A private PgBouncer in transaction mode before a PostgreSQL of the lab."""

import os
import shutil
import signal
from pathlib import Path

from tests.lab.process import Child, LabError, answers, free_port, poll, tail

PROGRAM = "/usr/sbin/pgbouncer"

# server_check_delay 0 would be a round trip more each time; server_reset_query is not run in this mode.
CONFIG = """[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {servers}
max_client_conn = 200
query_wait_timeout = 10
server_login_retry = 1
server_round_robin = 1
log_connections = 0
log_disconnections = 0
"""


class Pooler:
    """servers: connections to the database that all clients share. They are taken in turns, so that no client can rely on
    meeting the one that it met before."""

    def __init__(self, folder, server, role, servers=4):
        self.folder = Path(folder)
        self.log = self.folder / "pgbouncer.log"
        self.port = free_port()
        self._role = role
        self._user = "postgres" if os.geteuid() == 0 else None  # it refuses to be root
        self.folder.mkdir()
        (self.folder / "pgbouncer.ini").write_text(CONFIG.format(
            server=f"{server} user={role}", port=self.port, servers=servers))
        if self._user:
            for path in (self.folder, self.folder / "pgbouncer.ini"):
                shutil.chown(path, self._user, self._user)
        self._child = None
        self.start()

    def start(self):
        self._child = Child("pgbouncer", [PROGRAM, self.folder / "pgbouncer.ini"], self.log, user=self._user,
                            cwd=self.folder)
        if not poll(lambda: answers(self.port) or not self._child.alive(), 10) or not self._child.alive():
            raise LabError(f"pgbouncer did not start:\n{tail(self.log)}")

    def dsn(self, database):
        return f"host=127.0.0.1 port={self.port} user={self._role} dbname={database}"

    def kill(self):
        self._child.kill()

    def stop(self):
        if self._child:
            self._child.signal(signal.SIGQUIT)  # at once; SIGTERM too, from 1.21 on only without clients
            self._child.stop()
