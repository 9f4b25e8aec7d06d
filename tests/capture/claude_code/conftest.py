"""A history with every trap, made once, and a session to write into."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from claude_histories import Truth, make_history
from claude_writing import Session


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """To be read, not changed."""
    return make_history(tmp_path_factory.mktemp("claude"), sessions=60, seed=5)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session in which the human has asked for something."""
    made = Session(Truth(tmp_path), random.Random(3), datetime(2026, 9, 1, 8, tzinfo=UTC), "project")
    made.prompt("Please see to it.")
    return made
