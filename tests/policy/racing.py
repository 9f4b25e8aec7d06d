"""One of several processes at the same models.json, until a file named `stop` appears; run by test_races.

    python racing.py write|rename|in-place HOME NAME

`write` commits changes, the others save the file by hand, as editors do. Prints what it wrote, as a JSON list.
"""

import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from modelmerit.errors import PolicyError
from modelmerit.policy.changes import add_rule
from modelmerit.policy.file import PolicyFile


def write(home: Path, name: str) -> list[str]:
    """Commits one new rule after the other."""
    file = PolicyFile(home / "models.json", home / "log")
    committed: list[str] = []
    while not (home / "stop").exists():
        condition = f"keyword is 'writer-{name}-{len(committed)}'"
        try:
            change = add_rule(file.current().policy, condition, "haiku")
            file.commit(change, who=name, why="race", now=datetime.now(UTC))
        except PolicyError:
            continue
        committed.append(condition)
        time.sleep(0.002)
    return committed


def save_by_hand(home: Path, how: str) -> list[str]:
    """Reads the file, adds a note of its own, and saves everything it read."""
    path, chance, saved = home / "models.json", random.Random(5), list[str]()
    while not (home / "stop").exists():
        time.sleep(chance.uniform(0.01, 0.03))
        data = json.loads(path.read_text())
        if how == "rename" and saved and saved[-1] not in data.get("notes", {}):
            continue  # read in the microseconds in which a writer is giving our save back
        note = f"note {len(saved)}"
        data["notes"] = {**data.get("notes", {}), note: 1}
        text = json.dumps(data, indent=2)
        if how == "in-place":
            with path.open("r+") as file:
                file.write(text)
                file.truncate()
        else:
            draft = path.with_name(".draft")
            draft.write_text(text)
            draft.rename(path)
        saved.append(note)
    return saved


how, home, name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
print(json.dumps(write(home, name) if how == "write" else save_by_hand(home, how)))
