"""Whether tasks needed their model: shown by an analysis, told by an export and of a task."""

import io
import json

from modelmerit.cli.demo.simulation import HAIKU, OPUS
from modelmerit.services.history import export_log


async def told(app) -> dict[tuple[str, str], set[bool | None]]:
    """What an export says of the attempts at each complexity with each model."""
    file = io.StringIO()
    await export_log(app.store, file)
    found: dict[tuple[str, str], set[bool | None]] = {}
    for record in json.loads(file.getvalue()):
        found.setdefault((record["complexity"], record["model"]), set()).add(record["model_was_sufficient"])
    return found


async def test_after_an_analysis_an_export_says_where_a_cheaper_model_is_enough(app):
    assert {verdict for verdicts in (await told(app)).values() for verdict in verdicts} == {None}
    await app.analysing.findings()
    said = await told(app)

    # Sonnet does medium tasks as well as opus. Of complex ones it is not settled, and nothing is cheaper than haiku.
    assert said["medium", OPUS] == {False}
    assert said["complex", OPUS] == said["simple", HAIKU] == said["medium", HAIKU] == {None}


async def test_a_task_says_so_too(app):
    findings = await app.analysing.findings()
    assert findings.proposed
    recent = await app.dispatching.recent(workspace=None, status=None, limit=50)
    medium = next(one for one in recent if (one.complexity, one.model) == ("medium", OPUS))
    assert (await app.dispatching.status(medium.id)).model_was_sufficient is False
