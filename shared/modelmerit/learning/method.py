"""Which corrections the decisions make. A benchmark takes one away to measure what it is worth."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """The corrections in force; all of them, but for a benchmark.

    `shrinkage`: kinds of tasks are expected to be alike until the evidence of all of them says otherwise.
    `propensities`: an attempt counts by how unlikely its arm was. `missing_bound`: an attempt without an outcome is
    held against the change; else it is left out. `change_detection`: evidence from before a detected change is cut.
    """

    shrinkage: bool = True
    propensities: bool = True
    missing_bound: bool = True
    change_detection: bool = True


COMPLETE = Method()
