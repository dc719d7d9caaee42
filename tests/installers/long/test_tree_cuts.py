"""`file` with a tree."""
import pytest

from tests.installers.conformance import *  # noqa: F401,F403
from tests.installers.cuts import *  # noqa: F401,F403
from tests.installers.test_file import Tree


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    return Tree(tmp_path_factory.mktemp("rig"))
