"""The whole system in one run folder: shared services, and worlds that are made on them."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from tests.lab import fleet, payload, programs
from tests.lab.agent import Agent
from tests.lab.api import Api
from tests.lab.brokers import Brokers
from tests.lab.database import FINISHED, Database
from tests.lab.orchestrator import Orchestrator
from tests.lab.pki import Pki
from tests.lab.pooler import Pooler
from tests.lab.postgres import ROLE, Postgres
from tests.lab.process import LabError, tail
from tests.lab.repository import Repository
from tests.lab.signer import Signer
from tests.lab.web import Web


class Ground:
    """Run folder, authorities, PostgreSQL and web server: what many worlds can share."""

    def __init__(self, device_ids, migrated=False, hosts=None):
        """migrated: databases begin with their tables; else wavegated makes them. hosts: the names of servers."""
        self._stack = contextlib.ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="wg-", dir="/tmp"))
        self.folder.chmod(0o755)  # services that are not root must reach their part of it
        try:
            self.brokers = Brokers(self.folder, list(device_ids))
            self._stack.callback(self.brokers.close)
            self.pki = Pki(self.folder, hosts=hosts or self.brokers.hosts)
            self.pki.issue_devices(device_ids)
            self.brokers.trust(self.pki)
            self.postgres = Postgres(self.folder, in_memory=True)
            self._stack.callback(self.postgres.remove)
            self._stack.callback(self.postgres.stop)
            self.pooler = None
            if os.environ.get("WAVEGATE_LAB_POOLER"):  # any test, behind PgBouncer
                self.pooler = Pooler(self.folder / "pgbouncer", f"host={self.postgres.folder}", ROLE)
                self._stack.callback(self.pooler.stop)
            if migrated:
                self.postgres.prepare_tables()
            self.web = Web(self.folder, self.pki)
            self._stack.callback(self.web.stop)
        except BaseException:
            self._stack.close()
            raise

    def close(self):
        self._stack.close()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class World:
    """A fresh database, a broker, one orchestrator and the devices that are added to it."""

    standing = 0  # worlds that are not closed

    def __init__(self, ground, name, guarded=True, options=None):
        """options: of the broker's plugin."""
        self.ground, self.name = ground, name
        self.folder = ground.folder / name
        self.folder.mkdir()
        os.chmod(self.folder, 0o755)
        self.agents = {}
        self.broker = self.make_broker(guarded, options)
        self.db = Database(ground.postgres.fresh_database(f"wg_{name}", migrated=True))
        self.repository = self.signer = None
        self.orchestrators, self.apis = [], []
        self.orchestrator = self.add_orchestrator("wavegated")
        World.standing += 1

    def make_broker(self, guarded, options):
        return self.ground.brokers.make(self.folder, guarded, options)

    def dsn(self):
        """How our programs reach the database; the tests themselves always go to it directly."""
        return self.ground.pooler.dsn(f"wg_{self.name}") if self.ground.pooler else self.db.dsn

    def add_orchestrator(self, name):
        """One more wavegated over the same database and broker; not started."""
        made = Orchestrator(self.folder, self.ground.pki, self.dsn(), self.broker.url,
                            self.ground.web.artifacts, self.ground.web.url, name=name)
        made.settings["brokers"] = self.broker.settings()
        made.write_config()
        self.orchestrators.append(made)
        return made

    def add_api(self, name="wavegate-api", **settings):
        """A wavegate-api over the same database; not started."""
        made = Api(self.folder, self.ground.pki, self.orchestrator.settings, name, **settings)
        self.apis.append(made)
        return made

    def start_api(self, name="wavegate-api", **settings):
        return self.add_api(name, **settings).start()

    def trust(self, approvals):
        """A TUF repository, whose policy wants so many approvals of every campaign, and a signer that is not started.
        Devices that are added from now on ask the repository about everything."""
        web = self.ground.web
        self.repository = Repository(web.repositories / self.name, self.folder / "repository-keys",
                                     web.repository_url(self.name), self.ground.pki, self.wavegate)
        self.repository.set_policy(approvals)
        self.signer = Signer(self.folder, self.ground.pki, self.repository)

    def start_signer(self):
        """The director's key is the signer's from now on."""
        self.signer.start()
        self.orchestrator.settings.pop("director", None)
        self.orchestrator.settings["signer"] = str(self.signer.socket)
        self.orchestrator.write_config()

    def start_orchestrator(self):
        """Starts it and waits until it has made its tables and hears the broker."""
        self.orchestrator.start()
        self.wait("the orchestrator is ready",
                  lambda: self.db.rows("select 1 from campaign") == [] or True, 15)
        self.hears_all(timeout=15)

    def hears_all(self, orchestrator=None, timeout=30):
        """Waits until every broker of the list is connected, and heard by this orchestrator."""
        one = orchestrator or self.orchestrator
        self.wait("every broker is heard", lambda: one.log.exists() and all(
            f"msg=\"broker connected\" broker={broker['name']}" in one.log.read_text()
            for broker in one.settings["brokers"]), timeout)

    def add_agent(self, device, payload, kind=Agent, **settings):
        """A device straight from the factory with this payload; not started."""
        if self.ground.brokers.names:
            self.ground.brokers.names.add([device.id])
        agent = kind(device, self.folder / "devices", self.ground.pki, self.broker.device_url(device.id))
        if self.repository:
            agent.settings["repository"] = {"url": self.repository.url, "root": str(self.repository.root)}
        agent.settings.update(settings)
        agent.provision(payload)
        self.agents[device.id] = agent
        return agent

    def start_agents(self):
        """Starts all devices and waits until the database has heard each of them."""
        for agent in self.agents.values():
            agent.start()
        self.wait("every device is online", lambda: self.db.online() >= set(self.agents), 30)

    def play(self, devices):
        """All of it: a repository, the signer, an orchestrator that serves the API, and these devices with what they have."""
        self.trust(approvals=1)
        self.start_signer()
        self.start_orchestrator()
        for device in devices:
            self.add_agent(device, payload.make(self.ground.folder, fleet.COMPONENT, device.version))
        self.start_agents()
        self.orchestrator.serve()

    def wavegate(self, *arguments, operator="", expect=0, timeout=60):
        """Runs the command; the exit code must be the expected one (None: any)."""
        done = self.orchestrator.wavegate(*arguments, operator=operator, timeout=timeout)
        if expect is not None and done.returncode != expect:
            raise LabError(f"wavegate {' '.join(map(str, arguments))}: exit code "
                           f"{done.returncode}, expected {expect}\n{done.stdout}{done.stderr}")
        return done

    def add_release(self, payload, component, version):
        return self.wavegate("release", "add", payload, "--component", component, "--version",
                             version, operator="rita")

    def apply(self, text, operator="alice"):
        """Writes a campaign file and applies it."""
        name = next(line.split(":", 1)[1].strip() for line in text.splitlines()
                    if line.startswith("campaign:"))
        file = self.folder / f"{name}.yaml"
        file.write_text(text)
        self.wavegate("campaign", "apply", file, operator=operator)
        return name

    def wait(self, what, condition, timeout=20):
        return self.db.wait_for(what, condition, timeout, self.logs)

    def wait_campaign(self, name, state, timeout=40):
        self.wait(f"campaign {name} is {state}", lambda: self.db.campaign_state(name) == state,
                  timeout)

    def wait_place(self, name, device, *states, timeout=20):
        """Waits until the device has reached one of the states; which one."""
        return self.wait(f"{device} is {' or '.join(states)} in {name}",
                         lambda: next((state for state in states
                                       if state == self.db.state_of(name, device)), None), timeout)

    def wait_finished(self, name, timeout=40):
        """Waits until every place of the campaign is final."""
        def all_final():
            places = self.db.places(name)
            return places and all(state in FINISHED for state, _ in places.values())
        self.wait(f"every device of {name} is done", all_final, timeout)

    def logs(self):
        """What the programs said last, and how things stand: for a failure's message."""
        parts = [f"== {path}\n{tail(path, 12)}" for path in
                 [one.log for one in self.orchestrators] + [self.broker.log]]
        parts += [f"== {agent.log}\n{tail(agent.log, 4)}" for agent in self.agents.values()]
        with contextlib.suppress(Exception):
            for sql in ("select name, state, cause from campaign order by id",
                        "select device_id, state, cause, detail, attempt from place order by state_at desc limit 40"):
                parts.append("== " + sql)
                parts += [str(row) for row in self.db.rows(sql)]
        return "\n".join(parts)

    def sanitizer_report(self):
        """What sanitizers found in the programs of this world; '' when nothing."""
        return "\n".join(f"== {path}\n{path.read_text(errors='replace')}"
                         for folder in (self.folder, self.folder / "devices", self.broker.folder)
                         for path in programs.sanitizer_logs(folder))

    def close(self):
        """Ends the devices, the orchestrators and the broker; the files stay."""
        World.standing -= 1
        self.db.close()
        servers = [one.server for one in self.orchestrators if one.server]
        programs_of_ours = [*self.agents.values(), *self.orchestrators, *self.apis, *servers]
        for one in programs_of_ours:
            one.terminate()
        for one in programs_of_ours:
            one.stop()
        if self.signer:
            self.signer.stop()
        self.broker.close()
        with contextlib.suppress(Exception):
            self.ground.postgres.drop_database(f"wg_{self.name}")
