"""SoftHSM: PKCS#11 tokens in files of a folder."""

import os
from pathlib import Path

from tests.lab import programs
from tests.lab.process import LabError

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "4711"


class Tokens:
    """Tokens with one PIN, which is in a file; `environment` is for programs that use them."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.store = self.folder / "tokens"
        self.store.mkdir()
        self.pin = self.write("pin", PIN)
        self.wrong_pin = self.write("wrong-pin", "0815")
        config = self.write("softhsm.conf", f"directories.tokendir = {self.store}\nobjectstore.backend = file\n"
                                            "log.level = ERROR\n")
        # SoftHSM lets go of a name that it has OpenSSL decode; we have no OpenSSL.
        leaks = self.write("leaks", "leak:libcrypto.so\n")
        self.environment = {"SOFTHSM2_CONF": str(config),
                            "LSAN_OPTIONS": f"suppressions={leaks}:print_suppressions=0"}

    def write(self, name, content):
        path = self.folder / name
        path.write_text(content)
        path.chmod(0o600)
        return path

    def _run(self, *words):
        return programs.run(words, env={**os.environ, **self.environment})

    def run(self, *words):
        done = self._run(*words)
        if done.returncode != 0:
            raise LabError(f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def add(self, label):
        """A new token."""
        self.run("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "1234", "--pin", PIN)
        return self

    def tool(self, token, *words):
        """pkcs11-tool, logged in."""
        return self.run(*self._tool(token), *words)

    def refused(self, token, *words):
        """What pkcs11-tool says when the token does not do it."""
        done = self._run(*self._tool(token), *words)
        return done.stdout + done.stderr

    @staticmethod
    def _tool(token):
        return "pkcs11-tool", "--module", MODULE, "--token-label", token, "--login", "--pin", PIN

    def take_away(self):
        """All tokens are pulled; returns what plugs them in again."""
        pulled = [path.rename(self.folder / f"pulled-{path.name}") for path in list(self.store.iterdir())]
        return lambda: [path.rename(self.store / path.name.removeprefix("pulled-")) for path in pulled]

    def make_pair(self, token, name, kind="EC:prime256v1", number="01"):
        """A key that signs."""
        self.tool(token, "--keypairgen", "--key-type", kind, "--label", name, "--id", number)

    def take_in(self, token, name, key, number="01"):
        """The same of a PKCS#8 file."""
        self.run("softhsm2-util", "--import", key, "--token", token, "--label", name, "--id", number, "--pin", PIN)

    def uri(self, token, name, pin=None, more=""):
        """pin: the file of the PIN, if not the right one; False: none."""
        source = "" if pin is False else f"&pin-source=file:{pin or self.pin}"
        return f"pkcs11:token={token};object={name}{more}?module-path={MODULE}{source}"
