"""`python3 -m tests.lab`: everything running with 24 devices, to play with, until Ctrl-C."""

import signal
import sys

from tests.lab import fleet, payload, programs
from tests.lab.lab import Ground, World
from tests.lab.process import end_on_signals


def main():
    end_on_signals()
    devices = fleet.devices()
    print("Starting services and 24 devices ...", flush=True)
    ground = Ground([device.id for device in devices])
    try:
        world = World(ground, "play")
        world.orchestrator.api["web"] = str(programs.DASHBOARD)
        world.play(devices)
        api = world.orchestrator.server
        payload.make(ground.folder, fleet.COMPONENT, "2.4.1", size=200_000)
        payload.make(ground.folder, fleet.COMPONENT, "2.5.0", size=200_000,
                     health=payload.fails("pedal sensor does not answer"))
        certs = ground.pki.certs
        print(f"""
Run folder {ground.folder}. In another terminal:

  export PATH={programs.BIN}:$PATH WAVEGATE_CONFIG={world.orchestrator.config}
  wavegate release add {ground.folder}/{fleet.COMPONENT}-2.4.1 --component {fleet.COMPONENT} \\
      --version 2.4.1 --repository {world.repository.folder}
  wavegate release sign --repository {world.repository.folder}
  wavegate release add {ground.folder}/{fleet.COMPONENT}-2.4.1 --component {fleet.COMPONENT} \\
      --version 2.4.1 --operator {certs}/rita.crt
  wavegate campaign plan campaigns/brake-2.4.1.yaml
  wavegate campaign apply campaigns/brake-2.4.1.yaml --operator {certs}/alice.crt
  wavegate campaign approve brake-2.4.1 --operator {certs}/bob.crt      # its start; later its gate
  wavegate campaign status brake-2.4.1 --watch

  psql '{world.db.dsn}'

The dashboard; this link makes its first owner, once. A browser asks whether to trust the certificate, unless it
knows the authority {api.root}:

  {api.setup_link()}

Ctrl-C ends all of it and removes the folder.""", flush=True)
        signal.pause()
    except KeyboardInterrupt:
        print("\nEnding.")
    finally:
        if "world" in locals():
            world.close()
        ground.close()
        ground.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
