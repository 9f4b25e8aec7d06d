"""A home with something to find, and the services that work on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from modelmerit.app import App, open_app
from modelmerit.settings import Settings


@pytest.fixture
async def app(history_home: Path) -> AsyncIterator[App]:
    """The services of a home with four months of history and one default that is dearer than it need be."""
    async with open_app(Settings.from_environment()) as app:
        yield app
