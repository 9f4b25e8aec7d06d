import json
import sqlite3
from datetime import UTC, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st
from opencode_store import Store

from modelmerit.capture.opencode.totals import daily_totals
from modelmerit.capture.runs import Tokens

COUNTS = st.integers(0, 10**9)
ANSWERS = st.lists(
    st.tuples(st.sampled_from(["small-1", "big-1"]), st.integers(0, 3 * 86_400), *[COUNTS] * 5), max_size=8
)


@given(answers=ANSWERS)
@settings(deadline=None, max_examples=20)  # each makes a store on the disk
def test_totals_are_the_sums_of_the_store(tmp_path_factory, answers):
    store = Store(tmp_path_factory.mktemp("store") / "opencode.db")
    store.session("ses_main")
    prompt = store.user("ses_main", "Fix it", 0)
    for model, seconds, fresh, output, reasoning, read, write in answers:
        tokens = {"input": fresh, "output": output, "reasoning": reasoning, "cache": {"read": read, "write": write}}
        store.assistant("ses_main", prompt, seconds, modelID=model, tokens=tokens)
    totals = daily_totals(store.path, UTC)
    with sqlite3.connect(store.path) as connection:
        kept = [
            json.loads(data)["tokens"] for (data,) in connection.execute("SELECT data FROM message") if "tokens" in data
        ]
    whole = sum(totals.values(), Tokens())
    assert whole.input == sum(tokens["input"] for tokens in kept)
    assert whole.output == sum(tokens["output"] for tokens in kept)
    assert whole.reasoning == sum(tokens["reasoning"] for tokens in kept)
    assert whole.cache_read == sum(tokens["cache"]["read"] for tokens in kept)
    assert whole.cache_write_5m == sum(tokens["cache"]["write"] for tokens in kept)
    assert all(tokens.total for tokens in totals.values())


def test_a_day_is_that_of_the_zone(store):
    store.session("ses_main")
    store.assistant("ses_main", store.user("ses_main", "Fix it", 0), 0)
    # The store begins at noon, UTC.
    east = timezone(timedelta(hours=13))
    assert [day for day, _ in daily_totals(store.path, UTC)] == ["2026-11-20"]
    assert [day for day, _ in daily_totals(store.path, east)] == ["2026-11-21"]
