"""Where an update of a machine stands, by what the orchestrator has heard and what the console shows."""

RESTART = "reboot: Restarting system"
# the last of these that the console shows since the machine was reset
MARKS = (("boot loader", ""), ("kernel", "Linux version"), ("start of the system", "boot-test: kernel is up"),
         ("agent", "msg=started"))
OF_STATE = {"downloading": "download", "installing": "install", "rebooting": "switch over", "probation": "probation"}

# Where the power is to be cut, and up to how many seconds later; in the order in which an update goes through them.
TARGETS = {"download": 3.5, "install": 1.2, "switch over": 1.8, "first boot: boot loader": 3.0, "first boot: kernel": 4.0,
           "first boot: start of the system": 0.6, "probation": 4.5}


def phase(state, console):
    """state: of the device's place; console: what it shows since the power came."""
    since = console[console.rfind(RESTART):] if RESTART in console else console
    where = [name for name, mark in MARKS if mark in since][-1]
    if where == "agent":
        return OF_STATE.get(state, "before and after")
    return f"{'first boot' if state == 'rebooting' else 'restart'}: {where}"


def reached(target, where):
    """Is it there, or past it? Some pass between two looks."""
    order = list(TARGETS)
    return where in order and order.index(where) >= order.index(target)
