"""How well retries and corrections are told from other next words, on pairs of real prompts labelled by reading.

The rule, how the samples were drawn, and what was known of each sample when the detector was written is in
`outcome_labels.md`; the labels are in `outcome_labels.json`, by id only. The data lies beside the project, not in it.

Every sample has been used for development by now, so the detector of today does better on them than on other people's
words. What to expect there is printed last: the corrections found in the last two samples when they were new, which
`outcome_first_sight.json` keeps by id.

`--public DIR` measures other conversations: each `*.jsonl` of the folder is a sample, each line of it a pair with "id",
"asked", "said" and "labels", a list of "retry" and "correction".
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from modelmerit.capture.outcomes.corrections import asks_again, told_fault
from modelmerit.statistics.intervals import wilson_interval
from outcome_pairs import PROMPTS, Pair, read_pairs, samples

LABELS = Path(__file__).with_name("outcome_labels.json")
FIRST_SIGHT = Path(__file__).with_name("outcome_first_sight.json")

DETECTORS: dict[str, Callable[[Pair], bool]] = {
    "retry": lambda pair: asks_again(pair.asked, pair.said),
    "correction": lambda pair: told_fault(pair.said, task=pair.asked, stopped=pair.stopped) is not None,
    "either": lambda pair: (
        asks_again(pair.asked, pair.said) or told_fault(pair.said, task=pair.asked, stopped=pair.stopped) is not None
    ),
}


def share(hits: int, of: int) -> str:
    """A share with its 95 % Wilson interval and what it is of."""
    low, high = wilson_interval(hits, of)
    return f"{hits / of:.2f} ({low:.2f}..{high:.2f}) of {of:3d}" if of else "   -  (        )  of   0"


def line(name: str, kind: str, found: set[str], wanted: set[str]) -> str:
    right = len(found & wanted)
    return f"{name:<18} {kind:<11} precision {share(right, len(found))}   recall {share(right, len(wanted))}"


def score(name: str, pairs: list[Pair], labels: dict[str, list[str]], *, with_ids: bool) -> None:
    for kind, detects in DETECTORS.items():
        found = {pair.id for pair in pairs if detects(pair)}
        wanted = {pair.id for pair in pairs if (labels[pair.id] if kind == "either" else kind in labels[pair.id])}
        print(line(name, kind, found, wanted))
        if with_ids and kind != "either":
            for verdict, ids in (("wrongly found", found - wanted), ("missed", wanted - found)):
                for pair_id in sorted(ids):
                    print(f"    {verdict:<13} {pair_id}")


def score_public(folder: Path, *, with_ids: bool) -> None:
    for path in sorted(folder.glob("*.jsonl")):
        rows = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
        pairs = [Pair(row["id"], path.stem, "public", row["asked"], row["said"], stopped=False) for row in rows]
        score(path.stem, pairs, {row["id"]: row["labels"] for row in rows}, with_ids=with_ids)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brief", action="store_true", help="do not list the false ones")
    parser.add_argument("--public", type=Path, metavar="DIR", help="measure the pairs in this folder instead")
    options = parser.parse_args()
    if options.public:
        score_public(options.public, with_ids=not options.brief)
        return
    if not PROMPTS.is_dir():
        raise SystemExit(f"The data is not there: {PROMPTS}")
    labels: dict[str, dict[str, list[str]]] = json.loads(LABELS.read_text(encoding="utf-8"))
    drawn = samples(read_pairs())
    print("Today's detector, which was developed on all of these samples:")
    for name, sample in drawn.items():
        if {pair.id for pair in sample} != labels[name].keys():
            raise SystemExit(f"The sample {name!r} is not the one that was labelled.")
        score(name, sample, labels[name], with_ids=not options.brief)
    everything = {pair_id: label for sample in labels.values() for pair_id, label in sample.items()}
    score("all", [pair for sample in drawn.values() for pair in sample], everything, with_ids=False)
    print("\nAt first sight, when the errors were not known, with the detector of the moment:")
    for sight in json.loads(FIRST_SIGHT.read_text(encoding="utf-8")):
        wanted = {pair_id for pair_id, label in labels[sight["sample"]].items() if "correction" in label}
        print(f"{line(sight['sample'], 'correction', set(sight['found']), wanted)}   {sight['detector']}")


if __name__ == "__main__":
    main()
