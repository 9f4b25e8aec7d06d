"""Keywords on real text: do subjects of commits that say docs or test touch such files, and are such commits found?

The vocabulary was developed on one half of the commits and is reported on both. Which commits count is a matter of
definition, so every reasonable one is shown: a name, which commits a subject with the keyword is right about, and which
commits the keyword has to be found in. The data lies beside the project, not in it.

A file is documentation by its ending (md, rst) or because it lies in the folder `docs`; a test by the label in the
data: a path that says test. A commit touches nothing but tests if it touches one file only, a test, or lies in folders
that are named after tests.
"""

import argparse
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from modelmerit.evidence.keywords import extract_keywords
from modelmerit.statistics.intervals import wilson_interval

PROMPTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "prompts"
DOCS_ENDINGS = frozenset({"md", "MD", "rst"})

Commit = dict[str, Any]
Holds = Callable[[Commit], bool]


class Definition(NamedTuple):
    """What counts: `right` decides precision, `wanted` recall, among the commits for which `scored` holds."""

    name: str
    right: Holds
    wanted: Holds
    scored: Holds


def touches_docs(commit: Commit) -> bool:
    return bool(DOCS_ENDINGS & commit["exts"].keys()) or "docs" in commit["dirs"]


def touches_only_docs(commit: Commit) -> bool:
    return bool(commit["exts"]) and commit["exts"].keys() <= DOCS_ENDINGS


def touches_test(commit: Commit) -> bool:
    return bool(commit["test"])


def touches_only_test(commit: Commit) -> bool:
    return touches_test(commit) and (commit["n_files"] == 1 or all("test" in folder for folder in commit["dirs"]))


def labelled_docs(commit: Commit) -> bool:
    """The label in the data: nothing but md, rst and txt, the pinned requirements and web pages among them."""
    return bool(commit["docs"])


def any_commit(_: Commit) -> bool:
    return True


def two_words(commit: Commit) -> bool:
    """Whether a subject says more than one word: "copy", "initial" and "fixes" tell nobody what was touched."""
    return len(commit["subject"].split()) > 1


DEFINITIONS = {
    "docs": (
        Definition("the label", labelled_docs, labelled_docs, any_commit),
        Definition("the label, two words", labelled_docs, labelled_docs, two_words),
        Definition("any such file", touches_docs, touches_docs, any_commit),
        Definition("only such files", touches_only_docs, touches_only_docs, any_commit),
        Definition("right: any, wanted: only", touches_docs, touches_only_docs, any_commit),
        Definition("the same, two words", touches_docs, touches_only_docs, two_words),
    ),
    "test": (
        Definition("the label: any such file", touches_test, touches_test, any_commit),
        Definition("the label, two words", touches_test, touches_test, two_words),
        Definition("only such files", touches_only_test, touches_only_test, any_commit),
        Definition("right: any, wanted: only", touches_test, touches_only_test, any_commit),
        Definition("the same, two words", touches_test, touches_only_test, two_words),
    ),
}


def lines_of(name: str) -> list[dict[str, Any]]:
    """The rows of one set of the data."""
    with gzip.open(PROMPTS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def held_out(commit: Commit) -> bool:
    """Whether a commit belongs to the half the vocabulary was not developed on."""
    return hashlib.sha1(commit["sha"].encode(), usedforsecurity=False).digest()[0] % 2 == 1


def share(hits: int, of: int) -> str:
    """A share with its 95 % Wilson interval and what it is of."""
    low, high = wilson_interval(hits, of)
    return f"{hits / of if of else 0:.3f} ({low:.2f}..{high:.2f}) of {of:4d}"


def score(commits: Sequence[Commit], kind: str, definition: Definition) -> str:
    """Precision and recall of a keyword in one line."""
    scored = [commit for commit in commits if definition.scored(commit)]
    said = [commit for commit in scored if kind in extract_keywords(commit["subject"])]
    wanted = [commit for commit in scored if definition.wanted(commit)]
    right = sum(map(definition.right, said))
    found = sum(kind in extract_keywords(commit["subject"]) for commit in wanted)
    return f"precision {share(right, len(said))}   recall {share(found, len(wanted))}"


def print_frequent(name: str, texts: Sequence[str], most: int) -> None:
    """The most frequent keywords of a set with the share of texts that have them."""
    having = [extract_keywords(text) for text in texts]
    counts = Counter(keyword for keywords in having for keyword in keywords)
    print(f"\n== {name}: {sum(map(bool, having)) / len(texts):.1%} of {len(texts)} texts have a keyword")
    print(", ".join(f"{keyword} {times / len(texts):.1%}" for keyword, times in counts.most_common(most)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=20, help="frequent keywords shown (default %(default)s)")
    parser.add_argument("--repositories", action="store_true", help="each repository by itself, too")
    arguments = parser.parse_args()
    if not PROMPTS.is_dir():
        raise SystemExit(f"{PROMPTS} is absent: this benchmark needs the data that lies beside the project.")
    commits = lines_of("commits")
    parts = {
        "developed on": [commit for commit in commits if not held_out(commit)],
        "held out": [commit for commit in commits if held_out(commit)],
    }
    if arguments.repositories:
        for name in sorted({commit["repo"] for commit in commits}):
            parts[name] = [commit for commit in commits if commit["repo"] == name]
    for kind, definitions in DEFINITIONS.items():
        for definition in definitions:
            print(f"\n== {kind}, {definition.name}")
            for name, part in parts.items():
                print(f"{name:24s} {score(part, kind, definition)}")
    print_frequent("commits", [commit["subject"] for commit in commits], arguments.most)
    print_frequent("subagent_dispatches", [row["prompt"] for row in lines_of("subagent_dispatches")], arguments.most)


if __name__ == "__main__":
    main()
