"""The profile chaos of docker-compose.yml mends what it has just broken, however early it is told to stop; all of it: make compose-test."""

import json
import os
import subprocess

import pytest

from tests.lab.programs import ROOT, SLOWER

# An engine with one container. Whoever strikes the blow is told to stop before its answer has come.
CURL = """#!/bin/sh
path=''
for word; do case $word in http://engine/*) path=${word#http://engine/v1.40} ;; esac; done
echo "$path" >>asked
case $path in
*/json) [ "$path" = /containers/json ] && cat list || cat self ;;
*/"$BLOW") kill -TERM "$PPID" ;;
esac
"""


@pytest.mark.parametrize("service, blow, mend", [("database", "kill", "start"), ("database", "pause", "unpause"),
                                                 ("agent", "disconnect", "connect")])
def test_the_last_blow_is_mended(tmp_path, service, blow, mend):
    curl = tmp_path / "curl"
    curl.write_text(CURL)
    curl.chmod(0o755)
    labels = {"com.docker.compose.project": "p", "com.docker.compose.service": service, "com.docker.compose.container-number": "1"}
    (tmp_path / "list").write_text(json.dumps([{"Id": "c1", "State": "running", "Labels": labels}]))
    (tmp_path / "self").write_text(json.dumps({"Config": {"Labels": labels},
                                               "NetworkSettings": {"Networks": {"p_devices": {"NetworkID": "n1"}}}}))
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "BLOW": blow, "WAVEGATE_CHAOS_EVERY": "0", "WAVEGATE_CHAOS_FOR": "0"}
    done = subprocess.run([ROOT / "deploy/compose/chaos"], cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=30 * SLOWER, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    asked = [path.rpartition("/")[2] for path in (tmp_path / "asked").read_text().splitlines()]
    assert asked[asked.index(blow):] == [blow, mend], asked
