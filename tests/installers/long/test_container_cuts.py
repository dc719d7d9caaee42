"""`container` with the engine in a folder, cut everywhere."""
import pytest

from tests.installers.cuts import *  # noqa: F401,F403
from tests.installers.test_container import Container


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    return Container(tmp_path_factory.mktemp("rig"))
