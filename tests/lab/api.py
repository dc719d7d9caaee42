"""wavegate-api and a client of it: as a person with a certificate, a token, a session, or as nobody."""

import http.client
import json
import signal
import ssl
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.lab import programs
from tests.lab.process import Child, free_port, poll

PREFIX = "/api/v1"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """Of a problem."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        return self.json()["code"]


class Client:
    """One person's way in. A connection for each request."""

    def __init__(self, api, certificate=None, key=None, headers=()):
        self.api = api
        self.headers = dict(headers)
        self.tls = ssl.create_default_context(cafile=str(api.root))
        if certificate:
            self.tls.load_cert_chain(str(certificate), str(key))

    def connection(self, timeout=30):
        return http.client.HTTPSConnection("localhost", self.api.port, context=self.tls, timeout=timeout * programs.SLOWER)

    def ask(self, method, path, body=None, headers=None, prefix=PREFIX):
        link = self.connection()
        try:
            sent = {**self.headers, **(headers or {})}
            if body is not None and not isinstance(body, (bytes, str)) and not hasattr(body, "__next__"):
                body = json.dumps(body)
                sent.setdefault("Content-Type", "application/json")
            link.request(method, prefix + path, body=body, headers=sent)
            got = link.getresponse()
            return Answer(got.status, got.headers, got.read())
        finally:
            link.close()

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, body={} if body is None else body, **more)

    def read(self, path):
        """The document at a path, that must be there."""
        got = self.get(path)
        assert got.status == 200, (path, got)
        return got.json()

    def every(self, path, **parameters):
        """All items of a list, page by page."""
        items, cursor = [], None
        while True:
            words = [f"{name}={value}" for name, value in parameters.items()]
            page = self.read(path + "?" + "&".join(words + ([f"cursor={cursor}"] if cursor else [])))
            items += page["items"]
            cursor = page["next"]
            if not cursor:
                return items


class Api:
    """One wavegate-api, over the database of an orchestrator with these settings."""

    def __init__(self, folder, pki, orchestrator, name="wavegate-api", environment=None, **settings):
        self.name = name
        self.environment = environment or {}
        self.folder = Path(folder)
        self.pki = pki
        certificate, key, self.root = self.pki.for_browsers()
        self.port = free_port()  # it may be killed and come back
        self.log = self.folder / f"{name}.log"
        self.config = self.folder / f"{name}.yaml"
        whole = {key: value for key, value in orchestrator.items() if key not in ("director", "signer", "server")}
        whole["api"] = {"listen": f"127.0.0.1:{self.port}", "certificate": str(certificate),
                        "key": str(key), "rate": 0, "url": f"https://localhost:{self.port}", **settings}
        self.settings = whole
        self._child = None

    def start(self):
        self.config.write_text(yaml.safe_dump(self.settings, sort_keys=False))
        before = len(self.log.read_text()) if self.log.exists() else 0  # of one that ran there earlier
        self._child = Child(self.name, [programs.program("wavegate-api"), "--config", self.config], self.log,
                            env=programs.environment(self.folder, **self.environment), cwd=self.folder)
        assert poll(lambda: "serving" in self.log.read_text()[before:] or not self._child.alive(), 30)
        assert self._child.alive(), self.log.read_text()
        # The first owner's link, when there is none yet, is a row of the audit log too: it stands above that line, unless the
        # database could not be asked.
        if "whether there is an owner" in self.log.read_text()[before:]:
            poll(lambda: "/#/setup/" in self.log.read_text()[before:], 10)
        return self

    def setup_link(self):
        """The first owner's, that was printed when it started; its address when there is one already."""
        def links():
            return [word for word in self.log.read_text().split() if "/#/setup/" in word]
        return links()[-1] if poll(links, 5) else self.url

    @property
    def url(self):
        """Of the dashboard."""
        return f"https://localhost:{self.port}/"

    @property
    def pid(self):
        return self._child.pid

    def alive(self):
        return self._child.alive()

    def kill(self):
        return self._child.kill()

    def terminate(self):
        if self._child:
            self._child.signal(signal.SIGTERM)

    def stop(self, timeout=15):
        return self._child.stop(timeout) if self._child else None

    def hang_up(self):
        """Asks it to read its files again."""
        self._child.signal(signal.SIGHUP)

    def as_operator(self, name):
        return Client(self, self.pki.certificate(name), self.pki.key(name))

    def as_nobody(self):
        return Client(self)

    def with_token(self, token):
        return Client(self, headers={"Authorization": f"Bearer {token}"})
