"""The same services as the system tests'."""

# pylint: disable=unused-import
from tests.system.conftest import bare_world, ground, world  # noqa: F401
