"""What a bench stands on: a PostgreSQL of its own, tuned as for real work, with a synthetic fleet, and a server before it."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import yaml

from tests.lab import programs
from tests.lab.api import Api
from tests.lab.database import Database
from tests.lab.pki import Pki
from tests.lab.postgres import BIN, Postgres
from tests.lab.process import Child, LabError, poll, tail

GIB = 1 << 30


def tuning():
    """A quarter of the memory for shared buffers, as its manual advises; the run's files need not survive."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    buffers = min(memory // 4, 2 * GIB)
    return ("listen_addresses=", "max_connections=20", f"shared_buffers={buffers >> 20}MB",
            f"effective_cache_size={memory // 2 >> 20}MB", "work_mem=32MB", "maintenance_work_mem=256MB",
            "max_wal_size=8GB", "wal_level=minimal", "max_wal_senders=0", "checkpoint_timeout=1h",
            "fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off",
            "log_min_messages=warning")


class TunedPostgres(Postgres):
    """The lab's, with memory; it never writes to anything that must last."""

    def start(self):
        options = [word for setting in tuning() for word in ("-c", setting)]
        self._child = Child("postgres", [BIN / "postgres", "-D", self.data, "-k", self.folder, *options],
                            self.log, user=self._user, cwd=self.folder, death_signal=signal.SIGQUIT)
        if not poll(self._answers, 30):
            raise LabError(f"postgres did not start:\n{tail(self.log)}")


class Ground:
    """A folder, a database with a fleet in it, and the configuration that `wavegate` reads."""

    def __init__(self, devices, seed):
        self.folder = Path(tempfile.mkdtemp(prefix="wg-bench-", dir="/tmp"))
        self.folder.chmod(0o755)
        self._postgres = TunedPostgres(self.folder)
        self.db = Database(self._postgres.fresh_database("bench"))
        self._postgres.migrate("bench")
        self.seeded = self._seed(devices, seed)
        # pages are marked as seen by all, as autovacuum would have done long ago
        self.db.rows("vacuum analyze")
        self.pki = Pki(self.folder)
        self.api = Api(self.folder, self.pki, {"database": self.db.dsn, "operators": {
            "root": str(self.pki.folder / "operator/root.crt"), "crl": str(self.pki.folder / "operator/crl.pem")}}).start()
        self.config = self.folder / "wavegate.yaml"
        self.config.write_text(yaml.safe_dump({
            "server": {"url": f"https://localhost:{self.api.port}", "ca": str(self.api.root)},
            "operator": {"certificate": str(self.pki.certificate("alice")), "key": str(self.pki.key("alice"))}}))

    def _seed(self, devices, seed):
        done = programs.run([programs.program("wavegate-fleet"), "seed", "--database", self.db.dsn,
                             "--devices", devices, "--seed", seed], timeout=900)
        if done.returncode != 0:
            raise LabError(f"wavegate-fleet seed: exit code {done.returncode}\n{done.stderr}")
        return done.stdout.strip()

    def add_release(self, component, version):
        self.db.rows("insert into release (component, version, version_key, sha256, length, added_at, added_by) "
                     "select %s, %s, version_key, repeat('a', 64), 1000, now(), 'bench' from device_software "
                     "where component = %s and version = %s limit 1", component, version, component, version)

    def close(self):
        self.api.stop()
        self.db.close()
        self._postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
