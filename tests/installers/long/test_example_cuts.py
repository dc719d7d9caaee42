"""The installer in docs/installers.md, cut everywhere."""
import pytest

from tests.installers.cuts import *  # noqa: F401,F403
from tests.installers.test_example import Images


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    return Images(tmp_path_factory.mktemp("rig"))
