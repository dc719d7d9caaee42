"""All of a small Swift in one process: rings, storage servers, proxy. python3 swift.py FOLDER PORT...: of account, container,
object and proxy. FOLDER has swift.conf and KIND-server.conf."""

import os
import sys

import eventlet
from eventlet import wsgi
from swift.common import storage_policy, utils
from swift.common.http_protocol import SwiftHttpProtocol
from swift.common.ring import RingBuilder
from swift.common.wsgi import loadapp

KINDS = ("account", "container", "object")


class Memory:
    """What a memcached would be: who is who is kept there."""

    def __init__(self):
        self._kept = {}

    def get(self, key, *_args, **_more):
        return self._kept.get(key)

    def set(self, key, value, *_args, **_more):
        self._kept[key] = value

    def delete(self, key, *_args, **_more):
        self._kept.pop(key, None)


def remembering(app):
    memory = Memory()

    def call(env, start_response):
        env["swift.cache"] = memory
        return app(env, start_response)
    return call


def main(folder, ports):
    os.chdir(folder)
    utils.eventlet_monkey_patch()
    utils.set_swift_dir(folder)
    utils.validate_configuration()
    storage_policy.reload_storage_policies()
    for kind, port in zip(KINDS, ports):
        builder = RingBuilder(4, 1, 0)
        builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "disk", "weight": 1})
        builder.rebalance()
        builder.get_ring().save(f"{kind}.ring.gz")
    servers = []
    for kind, port in zip((*KINDS, "proxy"), ports):
        app = loadapp(os.path.join(folder, f"{kind}-server.conf"))
        app = remembering(app) if kind == "proxy" else app
        listening = eventlet.listen(("127.0.0.1", port))
        servers.append(eventlet.spawn(wsgi.server, listening, app, protocol=SwiftHttpProtocol, log_output=kind == "proxy"))
    for server in servers:
        server.wait()


main(sys.argv[1], [int(word) for word in sys.argv[2:]])
