"""patches.py: an update that comes as an encrypted patch over the running slot, in frames, so that it goes on in its middle."""

import base64
import collections
import json
import random
import shutil

from tests.cuts.story import GOOD, Cut, Story, failing
from tests.lab import fleet, payload
from tests.lab.process import LabError
from tests.lab.programs import run

FRAME = 1 << 20
CONTENT = 9 * FRAME // 2  # synced at 4 MiB, behind three whole frames
LINE = 1023  # bytes
CHANGED = 12  # one line in so many
AGE_CHUNK = 1 << 16


def must(*argv):
    done = run(argv)
    if done.returncode != 0:
        raise LabError(f"{argv[0]}: {done.stderr}")


class DeltaStory(Story):
    def __init__(self, world, ground):
        super().__init__(world, ground, "delta", GOOD)
        world.trust(0)
        self.key, self.recipient = self._age_key("devices.age")
        self.old = self._made(fleet.devices()[0].version)
        self.new = self._made(GOOD)
        self.all = True
        self._start()
        self._publish()

    def _age_key(self, name):
        file = self.world.folder / name
        must("age-keygen", "-o", file)
        file.chmod(0o600)
        return file, next(line.split(": ")[1] for line in file.read_text().splitlines() if "public key" in line)

    def _made(self, version):
        """Lines of noise, most of which all versions have."""
        path, common, own = payload.make(self.world.folder, fleet.COMPONENT, version), random.Random(1), random.Random(version)
        with path.open("a") as file:
            for number in range(CONTENT // LINE):
                noise = (own if number % CHANGED == 0 else common).randbytes(LINE * 3 // 4)
                file.write(f"# {base64.b64encode(noise).decode()}\n")
        return path

    def _start(self):
        folder, settings = self.world.folder, self.world.orchestrator.settings
        identity, self.orchestrators_recipient = self._age_key("orchestrator.age")
        kek = folder / "kek"
        kek.write_bytes(random.Random(5).randbytes(32))
        kek.chmod(0o600)
        settings["artifacts"].update(keys=str(folder / "file-keys"), kek=str(kek), identity=str(identity))
        self.world.start_signer()
        self.world.start_orchestrator()

    def _patch(self):
        """A frame for each piece of the new content, as `zstd --patch-from` makes it."""
        patch, piece, packed = (self.world.folder / name for name in ("patch.zst", "piece", "piece.zst"))
        content = self.new.read_bytes()
        with patch.open("wb") as out:
            for at in range(0, len(content), FRAME):
                piece.write_bytes(content[at:at + FRAME])
                must("zstd", "-q", "-f", "--patch-from", self.old, piece, "-o", packed)
                out.write(packed.read_bytes())
        return patch

    def _seal(self, file):
        return json.loads(self.world.wavegate("release", "seal", file, "--for", self.orchestrators_recipient, "--json",
                                              operator=None).stdout)

    def _publish(self):
        world, repository = self.world, self.world.repository
        named = ("--component", fleet.COMPONENT, "--version", GOOD)

        def plain(sealed):
            return "--plain-sha256", sealed["plain_sha256"], "--plain-length", sealed["plain_length"]
        whole, self.patch = self._seal(self.new), self._seal(self._patch())
        repository.add(whole["body"], fleet.COMPONENT, GOOD, *plain(whole))
        repository.release("add-form", self.patch["body"], *named, "--base", self.old, *plain(self.patch), repository=True)
        repository.sign()
        world.wavegate("release", "add", whole["body"], "--header", whole["header"], *named, operator="rita")
        world.wavegate("release", "add-form", self.patch["body"], *named, "--header", self.patch["header"], operator="rita")

    def _make(self, cases):
        self.ground.pki.issue_devices([case.device for case in cases])
        return [Cut(self.world, case, self.kind, self.old, age_key=str(self.key)) for case in cases]

    def _prepare(self, cuts):
        for cut in cuts:
            self.world.wavegate("device", "age-key", cut.agent.id, self.recipient, operator="dave")

    def _over(self, cuts, well):
        """Each has its old and its new content on the disk."""
        for cut in cuts if well else ():
            shutil.rmtree(cut.agent.state / "slots")

    def _facts(self, name):
        details = collections.defaultdict(list)
        for device, detail in self.world.db.rows("select device_id, detail from report where campaign = %s and "
                                                 "state = 'installing' and detail <> ''", name):
            details[device].append(detail)
        return {**super()._facts(name), "details": details}

    def _problems(self, cut, facts):
        told = facts["details"][cut.agent.id]
        found = super()._problems(cut, facts) + [detail for detail in told if not detail.startswith("came as a patch: ")]
        if cut.is_cut:
            return found
        whole = f"came as a patch: {self.patch['length']} bytes fetched, {self.new.stat().st_size} installed"
        return found + failing((told == [whole], f"not cut, and {told}"),
                               (("rename", "part.mark") in cut.calls().values(), "it came without a mark"))

    def _resumed(self):
        """Downloads that went on behind a mark, and not at the first chunk of the age format."""
        return sum(int((request["range"] or "bytes=0-")[6:].split("-")[0]) >= AGE_CHUNK
                   for request in self.ground.web.requests() if request["path"].endswith(self.patch["sha256"]))

    def _show(self, calls):
        resumed = self._resumed()
        if self.all and not resumed:
            self.wrong.append("no download went on behind a mark")
        super()._show(calls)
        print(f"{self.name}: {resumed} downloads went on behind a mark", flush=True)

    def run(self, seconds, every=1):
        self.all = every == 1
        super().run(seconds, every)
