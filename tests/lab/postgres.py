"""A private PostgreSQL with PostGIS: unix socket only, one folder, gone with the run."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg2

from tests.lab import programs
from tests.lab.process import Child, LabError, poll, tail

BIN = Path(os.environ.get("WAVEGATE_POSTGRES", "/usr/lib/postgresql/15/bin"))
ROLE = "wavegate"
MEMORY, MEMORY_LEAST = Path("/dev/shm"), 4 << 30
MIGRATIONS = programs.ROOT / "orchestrator/store/migrations"
_SETTINGS = ("listen_addresses=", "max_connections=60", "shared_buffers=32MB", "fsync=off",
             "full_page_writes=off", "wal_init_zero=off", "log_min_messages=warning", "autovacuum=off",
             "max_wal_size=128MB", "shared_preload_libraries=postgis-3")


class Postgres:
    """Not durable against a power cut of the machine (fsync is off), but against its own death."""

    def __init__(self, folder, in_memory=False):
        """in_memory: its files are, where there is room: databases that come and go in hundreds keep a disk busy."""
        self.folder = Path(folder) / "pg"
        self.data = self.folder / "data"
        self._memory = None
        self.log = self.folder / "postgres.log"
        self._user = "postgres" if os.geteuid() == 0 else None
        self._child = None
        self._has_tables = False
        self.folder.mkdir()
        if self._user:
            shutil.chown(self.folder, self._user, self._user)
        if in_memory and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_LEAST:
            self._memory = Path(tempfile.mkdtemp(prefix="wg-pg-", dir=MEMORY))
            if self._user:
                shutil.chown(self._memory, self._user, self._user)
            self.data = self._memory / "data"
        self._initdb()
        self.start()
        self.run("postgres", "create database template_wavegate")
        self.run("template_wavegate", "create extension postgis")
        # half of what every new database would copy; geography looks for one of them
        self.run("template_wavegate", "create table kept as select * from spatial_ref_sys where srid = 4326")
        self.run("template_wavegate", "truncate spatial_ref_sys")
        self.run("template_wavegate", "insert into spatial_ref_sys select * from kept")
        self.run("template_wavegate", "drop table kept")

    def _initdb(self):
        as_user = {}
        if self._user:
            as_user = {"user": self._user, "group": self._user, "extra_groups": []}
        made = subprocess.run(
            [BIN / "initdb", "-D", self.data, "-U", ROLE, "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync"], cwd=self.folder, capture_output=True, text=True,
            **as_user)
        if made.returncode != 0:
            raise LabError(f"initdb failed:\n{made.stdout}{made.stderr}")

    def start(self):
        options = [word for setting in _SETTINGS for word in ("-c", setting)]
        # SIGQUIT is PostgreSQL's immediate shutdown: its children and shared memory go with it.
        self._child = Child("postgres", [BIN / "postgres", "-D", self.data, "-k", self.folder,
                                         *options], self.log, user=self._user, cwd=self.folder,
                            death_signal=signal.SIGQUIT)
        if not poll(self._answers, 30):
            raise LabError(f"postgres did not start:\n{tail(self.log)}")

    def alive(self):
        return bool(self._child) and self._child.alive()

    @property
    def pid(self):
        return self._child.pid

    def _answers(self):
        if not self._child.alive():
            raise LabError(f"postgres ended:\n{tail(self.log)}")
        try:
            psycopg2.connect(self.dsn("postgres")).close()
        except psycopg2.OperationalError:
            return False
        return True

    def kill(self):
        """SIGKILL to the postmaster and to all that it started, each in a session of its own."""
        for pid in _children(self._child.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self._child.kill()

    def stop(self):
        if self._child:
            self._child.signal(signal.SIGQUIT)
            self._child.stop()

    def remove(self):
        """Its files; it is stopped."""
        shutil.rmtree(self._memory or self.data, ignore_errors=True)

    def dsn(self, database):
        return f"host={self.folder} user={ROLE} dbname={database}"

    def connect(self, database):
        connection = psycopg2.connect(self.dsn(database))
        connection.autocommit = True
        return connection

    def run(self, database, sql, *arguments):
        """Runs one statement; its rows, if it gives any."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, arguments or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def prepare_tables(self):
        """From now on databases may begin with the tables, which each wavegated would have to make at its first start."""
        self.run("postgres", "create database template_tables template template_wavegate")
        self.migrate("template_tables")
        self._has_tables = True

    def migrate(self, database):
        """As wavegated does."""
        connection = self.connect(database)
        with connection.cursor() as cursor:
            cursor.execute("create table schema_migration (number bigint primary key, name text not null, "
                           "applied_at timestamptz not null default now())")
            for number, path in enumerate(sorted(MIGRATIONS.glob("*.sql")), 1):
                cursor.execute(path.read_text())
                cursor.execute("insert into schema_migration (number, name) values (%s, %s)", (number, path.stem))
        connection.close()

    def fresh_database(self, name, migrated=False):
        """A new database with PostGIS in it, and with the tables when they were prepared and are wanted; the connection
        string."""
        template = "template_tables" if migrated and self._has_tables else "template_wavegate"
        self.run("postgres", f'drop database if exists "{name}" with (force)')
        self.run("postgres", f'create database "{name}" template {template} strategy file_copy')
        return self.dsn(name)

    def drop_database(self, name):
        self.run("postgres", f'drop database if exists "{name}" with (force)')


def _children(pid):
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(word) for word in path.read_text().split()]
    except OSError:
        return []
