"""A private S3-compatible store that verifies signatures: OpenStack Swift with its S3 API, TLS before it by nginx."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.lab import nginx
from tests.lab.process import Child, LabError, answers, free_port, poll, tail

REGION = "lab-1"
KINDS = ("account", "container", "object", "proxy")
ACCESS_KEY, SECRET_KEY = "wavegate:artifacts", "lab5ecretAccessKey/not+for+anything+else"

SWIFT = """[swift-hash]
swift_hash_path_suffix = lab
[storage-policy:0]
name = one
default = yes
"""

SERVER = """[DEFAULT]
swift_dir = {folder}
devices = {folder}/nodes
mount_check = false
fallocate_reserve = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

PROXY = """[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors listing_formats s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = {region}
storage_domain = s3.localhost
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{name} = {secret} .admin
[filter:slo]
use = egg:swift#slo
"""

FRONT = nginx.HTTP + """    log_format story escape=json '{{"method":"$request_method","path":"$uri","status":$status,'
                                 '"range":"$http_range","sent":$body_bytes_sent}}';
    access_log {folder}/access.log story;
    client_max_body_size 0;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/server.crt;
        ssl_certificate_key {folder}/server.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        {rate}
        location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
        }}
    }}
}}
"""


class Store:
    """Its certificate is of an authority of its own, as a public store's is: devices and orchestrator know nothing of it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port, self._behind = free_port(), free_port()
        self.ca = self.folder / "ca.crt"
        self._user = "www-data" if os.geteuid() == 0 else None
        self.log = self.folder / "swift.log"
        self._front = self._swift = None
        (self.folder / "nodes/disk").mkdir(parents=True)
        (self.folder / "tmp").mkdir()
        (self.folder / "swift.conf").write_text(SWIFT)
        self._certify()
        try:
            self._serve()
            self._configure("")
            self._own()
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def _run(self, *argv):
        done = subprocess.run([str(word) for word in argv], cwd=self.folder, capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise LabError(f"{argv[0]}: {done.stdout}{done.stderr}")

    def _certify(self):
        new = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30")
        self._run(*new, "-subj", "/CN=Store Authority", "-keyout", "ca.key", "-out", "ca.crt")
        self._run(*new, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:*.s3.localhost,IP:127.0.0.1",
                  "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth",
                  "-CA", "ca.crt", "-CAkey", "ca.key", "-keyout", "server.key", "-out", "server.crt")

    def _serve(self):
        ports = [free_port() for _ in KINDS[:3]]
        names = dict(zip(("account", "name"), ACCESS_KEY.split(":")), region=REGION, secret=SECRET_KEY)
        for kind in KINDS:
            form = PROXY if kind == "proxy" else SERVER
            (self.folder / f"{kind}-server.conf").write_text(form.format(kind=kind, folder=self.folder, **names))
        self._swift = Child("swift", ["/usr/bin/python3", "-I", Path(__file__).with_name("swift.py"), self.folder,
                                      *ports, self._behind], self.log, cwd=self.folder)
        if not poll(lambda: answers(self._behind) or not self._swift.alive(), 60) or not self._swift.alive():
            raise LabError(f"Swift did not start:\n{tail(self.log)}")

    def _own(self):
        if self._user:
            for path in (self.folder, self.folder / "tmp", self.folder / "server.crt", self.folder / "server.key"):
                shutil.chown(path, self._user, self._user)

    def _configure(self, rate):
        (self.folder / "nginx.conf").write_text(
            FRONT.format(folder=self.folder, port=self.port, behind=self._behind, rate=rate))

    def start(self):
        """TLS before it; stop_front() takes it away, and with it whatever is on its way."""
        self._front = nginx.start(self.folder, self.port, self._user)

    def stop_front(self):
        self._front.stop()

    def limit_rate(self, bytes_a_second):
        """Of every answer from the next start() on; 0 lifts the limit."""
        self._configure(f"limit_rate {bytes_a_second};" if bytes_a_second else "")

    def requests(self):
        """The access log: method, path, status, range, sent."""
        return nginx.requests(self.folder)

    def bucket(self, name, **more):
        """What artifacts.urls of wavegated says of it, but for secret_key_file."""
        return {"endpoint": self.url, "bucket": name, "region": REGION, "style": "path", "access_key_id": ACCESS_KEY, **more}

    def logs(self):
        return "\n".join(f"== {log}\n{tail(log, 20)}" for log in sorted(self.folder.glob("*.log")))

    def stop(self):
        for child in (self._front, self._swift):
            if child:
                child.stop()
