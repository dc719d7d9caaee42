"""A private nginx: in the foreground, all its files in one folder, `nginx.conf` among them."""

import json
import signal

from tests.lab.process import Child, LabError, answers, poll, tail

# What each configuration begins with; `http` is left open.
HTTP = """daemon off;
worker_processes 1;
worker_shutdown_timeout 1s;
pid {folder}/nginx.pid;
error_log {folder}/error.log notice;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/tmp;
    proxy_temp_path {folder}/tmp;
    fastcgi_temp_path {folder}/tmp;
    uwsgi_temp_path {folder}/tmp;
    scgi_temp_path {folder}/tmp;
"""


def start(folder, port, user):
    """Returns when the port answers. SIGTERM, not SIGKILL, when we are gone: it takes its workers along."""
    log = folder / "nginx.log"
    child = Child("nginx", ["/usr/sbin/nginx", "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"], log,
                  user=user, cwd=folder, death_signal=signal.SIGTERM)
    poll(lambda: answers(port) or not child.alive(), 10)
    if child.alive() and answers(port):
        return child
    child.stop()
    raise LabError(f"nginx did not start:\n{tail(log)}\n{tail(folder / 'error.log')}")


def requests(folder):
    """The access log, where it is JSON, an object a line."""
    path = folder / "access.log"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
