"""A boot loader of two slots in a folder: one is primary, each has a number of tries left until somebody calls it good."""
SCRIPT = """#!/bin/sh
# usage: boot FOLDER-RELATIVE; speaks as RAUC's custom backend and as the swupdate installer's boot program do
set -eu
cd "${0%/*}/loader"
case $1 in
get-primary) cat primary ;;
set-primary) echo "$2" >primary; echo 1 >"tries.$2" ;;
get-state) cat "state.$2" ;;
set-state) echo "$3" >"state.$2"; echo 0 >"tries.$2" ;;
running) cat running ;;
once) echo "$2" >primary; echo bad >"state.$2"; echo 1 >"tries.$2" ;;
keep) echo "$2" >primary; echo good >"state.$2" ;;
*) exit 1 ;;
esac
"""


class Loader:
    """In the folder of a rig's world, so that it is copied aside and back with it."""

    def __init__(self, world, slots):
        self.slots, self.folder, self.program = slots, world / "loader", world / "boot"
        self.folder.mkdir()
        self.program.write_text(SCRIPT)
        self.program.chmod(0o755)
        for slot in slots:
            self.put(f"state.{slot}", "good" if slot == slots[0] else "bad")
            self.put(f"tries.{slot}", "0")
        self.put("primary", slots[0])
        self.put("running", slots[0])

    def get(self, name):
        return (self.folder / name).read_text().strip()

    def put(self, name, text):
        (self.folder / name).write_text(text + "\n")

    @property
    def running(self):
        return self.get("running")

    def boot(self):
        slot = self.get("primary")
        if self.get(f"state.{slot}") != "good":
            if self.get(f"tries.{slot}") == "0":
                slot = next(one for one in self.slots if one != slot)
            else:
                self.put(f"tries.{slot}", "0")
        self.put("running", slot)
