"""Makes the made-up store beside this file importable, and one of them at hand."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from opencode_store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "opencode.db")
