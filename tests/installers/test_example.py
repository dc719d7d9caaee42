"""The installer in docs/installers.md: it is the one in example/, and it keeps the protocol."""
import pytest

from tests.installers.conformance import *  # noqa: F401,F403
from tests.installers.driver import SOURCE, Release, Rig

EXAMPLE = SOURCE / "tests/installers/example/images"

# Whether arguments are well formed and the length is kept is for the agent; shipped installers look all the same.
test_arguments_are_not_believed = test_more_than_announced = None


class Images(Rig):
    boots = True

    def make(self):
        self.use(EXAMPLE, {})
        self.state = self.installer.state
        (self.state / "running").write_text("a\n")

    def release(self, number):
        return Release(self.component, self.version(number), self.version(number).encode().ljust(3000, b"."))

    def really(self):
        return (self.state / f"{(self.state / 'running').read_text().strip()}.img").read_text().rstrip(".")

    def reboot(self):
        """What the boot loader does."""
        super().reboot()
        parts = dict(line.split("=") for line in (self.state / "boot").read_text().split())
        (self.state / "boot").write_text(f"default={parts['default']}\nonce=\n")
        (self.state / "running").write_text((parts["once"] or parts["default"]) + "\n")


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    return Images(tmp_path_factory.mktemp("rig"))


def test_it_stands_in_the_documentation():
    page = (SOURCE / "docs/installers.md").read_text()
    assert "".join("    " + line if line.strip() else line for line in EXAMPLE.read_text().splitlines(True)) in page
