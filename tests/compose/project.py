"""The repository's docker-compose.yml as a running project: its containers, what was done to them, its database."""

import csv
import io
import json
import os
import signal
import subprocess

import psycopg2
import yaml
from psycopg2.extensions import adapt

from tests.lab import programs
from tests.lab.database import Database
from tests.lab.engine import Found
from tests.lab.process import LabError, poll

END = "-- that was all"


class ContainerDatabase(Database):
    """The same questions, through a psql inside the container: its network is none of ours. Every value is text, NULL is ''."""

    def __init__(self, project):
        super().__init__(dsn="")
        self._project = project

    def _rows(self, sql, *arguments):
        if arguments:
            sql %= tuple(adapt(word).getquoted().decode() for word in arguments)
        try:
            if self._connection is None or self._connection.poll() is not None:
                self._open()
            self._connection.stdin.write(f"{sql};\n\\echo {END}\n")
            self._connection.stdin.flush()
            return self._answer()
        except (OSError, LabError) as error:
            self.close()
            raise psycopg2.OperationalError(str(error)) from error

    def _answer(self):
        lines = []
        while True:
            line = self._connection.stdout.readline()
            if not line:
                raise LabError(f"psql ended: {''.join(lines[-5:])}")
            if line == f"{END}\n":
                return [tuple(row) for row in csv.reader(io.StringIO("".join(lines)))]
            lines.append(line)

    def _open(self):
        self.close()
        containers = self._project.containers("database")
        if not containers:
            raise LabError("the database does not run")
        self._connection = subprocess.Popen(
            ["docker", "exec", "-i", containers[0], "psql", "-XqtU", "postgres", "-h", "/tmp", "--csv",
             "-v", "ON_ERROR_STOP=1", "wavegate"], env=self._project.engine.environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def close(self):
        if self._connection is not None:
            self._connection.kill()
            self._connection.wait()
            self._connection = None


class Project:
    def __init__(self, engine, compose, name, folder, devices):
        self.engine, self.name, self.devices = engine, name, devices
        self._compose, self._folder = compose, folder
        self.log, self.typed = folder / "compose.log", []
        self.db = ContainerDatabase(self)
        self._environment = engine.environment(
            COMPOSE_PROJECT_NAME=name, WAVEGATE_PORT="0",  # any that is free
            COMPOSE_DOCKER_CLI_BUILD="1", DOCKER_BUILDKIT="1",  # of 1.29: stages that do not need each other beside each other
            WAVEGATE_DEVICES=str(devices), WAVEGATE_SOAK="5s", WAVEGATE_IN_FLIGHT="3",
            WAVEGATE_ENGINE=str(engine.socket), WAVEGATE_ENGINE_GROUP=str(os.stat(engine.socket).st_gid),
            WAVEGATE_CHAOS_EVERY="4", WAVEGATE_CHAOS_FOR="3", WAVEGATE_CHAOS_SPARE="agent", COMPOSE_HTTP_TIMEOUT="600", COMPOSE_PARALLEL_LIMIT="8")

    def compose(self, *words, **more):
        """One docker-compose command; what it says goes to the log."""
        with open(self.log, "ab") as log:
            done = subprocess.run([*self._compose, *map(str, words)], cwd=programs.ROOT, stdin=subprocess.DEVNULL, stdout=log,
                                  stderr=subprocess.STDOUT, env={**self._environment, **more}, check=False)
        if done.returncode != 0:
            raise LabError(f"docker-compose {' '.join(map(str, words))}: exit code {done.returncode}\n{self.logs(self.log)}")
        self.typed.append(words)

    def build(self, *services, programs_image=None):
        """Of these services, or all; of an image with programs, else they are compiled. An engine without a bridge has no network
        to build in but the machine's own."""
        files = ["-f", "docker-compose.yml"]
        if not isinstance(self.engine, Found):
            every = yaml.safe_load((programs.ROOT / "docker-compose.yml").read_text())["services"]
            network = self._folder / "network.yml"
            network.write_text(yaml.safe_dump({"services": {name: {"build": {"network": "host"}} for name in every}}))
            files += ["-f", network]
        self.compose(*files, "--profile", "campaign", "--profile", "chaos", "build",
                     *(["--build-arg", f"PROGRAMS={programs_image}"] if programs_image else []), *services)

    def containers(self, service, all_of_them=False):
        words = ["ps", "-q", "--no-trunc", "--filter", f"label=com.docker.compose.project={self.name}",
                 "--filter", f"label=com.docker.compose.service={service}"]
        return self.engine.ask(*words, *(["-a"] if all_of_them else [])).decode().split()

    def inspect(self, *containers):
        return json.loads(self.engine.ask("inspect", *containers))

    def healthy(self, service):
        """How many of its containers run and say that they are well."""
        containers = self.containers(service)
        states = [one["State"] for one in self.inspect(*containers)] if containers else []
        return sum(state["Running"] and state["Health"]["Status"] == "healthy" for state in states)

    def crash(self, service, which=0):
        """SIGKILL from outside, as by a fault: what comes next is the restart policy's. The container."""
        container = sorted(self.containers(service))[which]
        os.kill(self.inspect(container)[0]["State"]["Pid"], signal.SIGKILL)
        return container

    def restarted(self, container):
        state = self.inspect(container)[0]
        return state["RestartCount"] > 0 and state["State"]["Running"]

    def cut_off(self, containers):
        for container in containers:
            self.engine.ask("network", "disconnect", f"{self.name}_devices", container)

    def join_again(self, containers):
        for container in containers:
            self.engine.ask("network", "connect", "--alias", "agent", f"{self.name}_devices", container)

    def ended(self, service):
        """The exit code of a service that runs to its end; None: not yet."""
        containers = self.containers(service, all_of_them=True)
        state = self.inspect(containers[0])[0]["State"] if containers else {"Status": "created"}
        return state["ExitCode"] if state["Status"] == "exited" else None

    def said(self, service, words):
        return [line for container in self.containers(service, all_of_them=True)
                for line in self.engine.ask("logs", container).decode(errors="replace").splitlines() if words in line]

    def wait(self, what, condition, timeout):
        """Asks four times a second: each question is a process."""
        def holds():
            try:
                return condition()
            except psycopg2.OperationalError:
                return None
        found = poll(holds, timeout, every=0.25)
        if not found:
            raise LabError(f"waited {timeout * programs.SLOWER:g} s in vain: {what}\n{self.standing()}")
        return found

    def logs(self, path):
        return "\n".join(path.read_text(errors="replace").splitlines()[-30:])

    def standing(self):
        """Who runs, and what those said last that do not, or are not well; places of devices."""
        parts = [self.engine.ask("ps", "-a", "--format", "{{.Names}} {{.Status}}").decode()]
        for container in self.engine.ask("ps", "-aq").decode().split():
            state = self.inspect(container)[0]["State"]
            if state.get("ExitCode") or state.get("Health", {}).get("Status", "healthy") != "healthy":
                done = subprocess.run(["docker", "logs", "--tail", "15", container], env=self.engine.environment(), check=False,
                                      capture_output=True, text=True)
                parts.append(f"== {container}\n{done.stdout}{done.stderr}")
        try:
            parts += map(str, self.db.rows("select device_id, state, cause, detail from place order by 1"))
        except psycopg2.Error as problem:
            parts.append(str(problem))
        return "\n".join(parts)

    def close(self):
        self.db.close()
        self.compose("--profile", "campaign", "--profile", "chaos", "down", "--volumes", "--remove-orphans", "--timeout", "20")
