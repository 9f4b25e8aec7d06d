"""Commits one change and says so; run by test_crashes in a process of its own, to be killed."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from modelmerit.policy.changes import add_rule
from modelmerit.policy.file import PolicyFile

home = Path(sys.argv[1])
file = PolicyFile(home / "models.json", home / "log")
change = add_rule(file.current().policy, "keyword is 'docs'", "haiku")
Path("/dev/null").write_text("begin")
file.commit(change, who="ada", why="crash", now=datetime.now(UTC))
print("committed", flush=True)
