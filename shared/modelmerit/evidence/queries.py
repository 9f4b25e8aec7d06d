"""Every statement the store runs, by name. `:name` parameters, in the subset SQLite and PostgreSQL share."""

from modelmerit.evidence.activity import Activity
from modelmerit.evidence.rows import COLUMNS, RECENT_COLUMNS, WRITTEN_COLUMNS
from modelmerit.learning.tallying import Measures, TallyKey

ATTEMPT_COLUMNS = ", ".join(COLUMNS)


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(f':{column}' for column in columns)})"


def _add_up(table: str, key: tuple[str, ...], sums: tuple[str, ...]) -> str:
    added = ", ".join(f"{column} = {table}.{column} + excluded.{column}" for column in sums)
    return f"{_insert(table, key + sums)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {added}"


INSERT_ATTEMPT = f"{_insert('attempts', WRITTEN_COLUMNS)} ON CONFLICT (id) DO NOTHING"
UPDATE_ATTEMPT = (
    f"UPDATE attempts SET {', '.join(f'{column} = :{column}' for column in WRITTEN_COLUMNS if column != 'id')}"
    " WHERE id = :id"
)
ATTEMPT_BY_ID = f"SELECT {ATTEMPT_COLUMNS} FROM attempts WHERE id = :id"
ATTEMPTS_AFTER = f"""
SELECT {ATTEMPT_COLUMNS} FROM attempts
WHERE previous_dispatch_id = :id AND id <> :id ORDER BY created_us
"""
RECENT_IN_WORKSPACE = f"""
SELECT {", ".join(RECENT_COLUMNS)} FROM attempts
WHERE workspace = :workspace AND created_us BETWEEN :since_us AND :until_us
ORDER BY created_us DESC LIMIT :limit
"""
FORGET_REPEATS = "UPDATE attempts SET task_key = NULL, repeat_number = 0 WHERE task_key IS NOT NULL"
NUMBER_REPEAT = "UPDATE attempts SET task_key = :task_key, repeat_number = :repeat_number WHERE id = :id"
REPEATS = """
SELECT count(*) FROM (
    SELECT 1 FROM attempts
    WHERE task_key = :task_key AND coalesce(executed_model, model) = :model AND id <> :id LIMIT :limit
) AS same
"""
REPEATED_OUTCOMES = """
SELECT task_key, coalesce(complexity, ''), coalesce(executed_model, model),
    CASE WHEN retried = 0 AND outcome = 'success' THEN 1 ELSE 0 END
FROM attempts WHERE (outcome IS NOT NULL OR retried = 1) AND task_key IN (
    SELECT task_key FROM attempts WHERE repeat_number > 0 ORDER BY created_us DESC LIMIT :newest
) LIMIT :limit
"""
"""Of the tasks that were repeated last, each outcome."""

ALL_ATTEMPTS = f"SELECT {ATTEMPT_COLUMNS} FROM attempts ORDER BY created_us, id"


def list_attempts(*, by_workspace: bool, by_status: bool) -> str:
    """The newest attempts before a moment, by whichever of workspace and status is asked for."""
    wanted = ["created_us < :before_us"]
    if by_workspace:
        wanted.append("workspace = :workspace")
    if by_status:
        wanted.append("status = :status")
    condition = " AND ".join(wanted)
    return f"SELECT {ATTEMPT_COLUMNS} FROM attempts WHERE {condition} ORDER BY created_us DESC, id LIMIT :limit"


LAST_EXPLORED = "SELECT max(created_us) FROM attempts WHERE selection = 'explored' AND created_us <= :until_us"
FREQUENT_RETRIES = """
SELECT retried.complexity, retried.model, retried.times, tried.attempts, retried.example FROM (
    SELECT coalesce(complexity, '') AS complexity, coalesce(executed_model, model) AS model,
        count(*) AS times, max(id) AS example
    FROM attempts WHERE retried = 1 AND created_us >= :since_us GROUP BY 1, 2
) AS retried JOIN (
    SELECT complexity, model, sum(attempts + errors) AS attempts
    FROM tallies WHERE keyword = '' AND day >= :since_day GROUP BY 1, 2
) AS tried ON tried.complexity = retried.complexity AND tried.model = retried.model
ORDER BY retried.times DESC LIMIT :limit
"""
RECENT_FINISHED = """
SELECT id, complexity, coalesce(executed_model, model), outcome, tokens_used, execution_time_seconds FROM attempts
WHERE created_us >= :since_us AND outcome IS NOT NULL
ORDER BY created_us DESC LIMIT :limit
"""


def _drop_empty(table: str, key: tuple[str, ...]) -> str:
    place = " AND ".join(f"{column} = :{column}" for column in key)
    return f"DELETE FROM {table} WHERE {place} AND attempts = 0 AND errors = 0"


WEEKLY_KEY = ("week", *TallyKey._fields[1:])
TALLY_COLUMNS = ", ".join(TallyKey._fields + Measures._fields)
ADD_TO_TALLY = _add_up("tallies", TallyKey._fields, Measures._fields)
ADD_TO_WEEKLY_TALLY = _add_up("weekly_tallies", WEEKLY_KEY, Measures._fields)
DROP_EMPTY_TALLY = _drop_empty("tallies", TallyKey._fields)
DROP_EMPTY_WEEKLY_TALLY = _drop_empty("weekly_tallies", WEEKLY_KEY)
# A week stands in its middle.
_WEEKLY_COLUMNS = TALLY_COLUMNS.replace("day", "7 * week + 3", 1)
TALLIES = (
    f"SELECT {TALLY_COLUMNS} FROM tallies WHERE keyword = ''",
    f"SELECT {TALLY_COLUMNS} FROM tallies WHERE keyword <> '' AND day >= :first_daily_day",
    f"""
    SELECT {_WEEKLY_COLUMNS} FROM weekly_tallies
    WHERE week < :first_daily_week AND (chance > 0 OR week >= :first_told_week)
    """,
)
"""The tallies of all tasks, those of keywords in the last weeks, and those of keywords before."""

ADD_TO_ACTIVITY = _add_up("activity", ("day", "client"), Activity._fields)
ACTIVITY = f"""
SELECT {", ".join(f"coalesce(sum({column}), 0)" for column in Activity._fields)} FROM activity
WHERE day BETWEEN :first_day AND :last_day
"""

ACTIVITY_BY_CLIENT = f"""
SELECT client, {", ".join(f"sum({column})" for column in Activity._fields)} FROM activity
WHERE day BETWEEN :first_day AND :last_day GROUP BY client HAVING sum(attempts) > 0
ORDER BY sum(attempts) DESC, client
"""
EXECUTIONS = "SELECT client, sum(executed_known), sum(executed_as_answered) FROM activity GROUP BY client"
"""How many executions of each client are known, and how many of them were as answered."""

RAISE_COUNTER = "UPDATE counters SET value = value + :by WHERE name = :name"
DROP_COUNTER = "DELETE FROM counters WHERE name = :name"
COUNT_TURN = """
UPDATE counters SET value = CASE WHEN :explored = 1 THEN 0 ELSE value + 1 END WHERE name = 'since_explored'
"""
"""Of a dispatch at which chance decided: whether it was explored."""
DROP_SUMS = tuple(f"DELETE FROM {table}" for table in ("tallies", "weekly_tallies", "activity", "arm_sums"))
COUNTER = "SELECT value FROM counters WHERE name = :name"

SAVE_REPORT = (
    _insert(
        "outcome_reports",
        ("attempt_id", "fingerprint", "reported_us", "evidence", "outcome", "in_force", "report"),
    )
    + " ON CONFLICT (attempt_id, fingerprint) DO UPDATE SET"
    + " reported_us = excluded.reported_us, in_force = excluded.in_force"
)
REPORT_BY_FINGERPRINT = """
SELECT in_force FROM outcome_reports WHERE attempt_id = :attempt_id AND fingerprint = :fingerprint
"""
REPORTS_OF = "SELECT report, in_force FROM outcome_reports WHERE attempt_id = :attempt_id ORDER BY reported_us"
RETIRE_REPORTS = "UPDATE outcome_reports SET in_force = 0 WHERE attempt_id = :attempt_id"

SUGGESTION_COLUMNS = (
    "id",
    "type",
    "status",
    "change",
    "confidence",
    "weight",
    "payload",
    "proposed_us",
    "updated_us",
    "decided_by",
    "decision_reason",
    "decision_weight",
    "change_id",
)
SAVE_SUGGESTION = (
    _insert("suggestions", SUGGESTION_COLUMNS)
    + " ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in SUGGESTION_COLUMNS if column != "id")
)
SUGGESTION_BY_ID = f"SELECT {', '.join(SUGGESTION_COLUMNS)} FROM suggestions WHERE id = :id"
SUGGESTIONS = f"SELECT {', '.join(SUGGESTION_COLUMNS)} FROM suggestions ORDER BY confidence DESC, id"

SAVE_ANALYSIS = """
INSERT INTO analyses (name, analysed_us, revision, policy_hash) VALUES ('latest', :analysed_us, :revision, :policy_hash)
ON CONFLICT (name) DO UPDATE SET
    analysed_us = excluded.analysed_us, revision = excluded.revision, policy_hash = excluded.policy_hash
"""
LATEST_ANALYSIS = "SELECT analysed_us, revision, policy_hash FROM analyses WHERE name = 'latest'"

DROP_SUFFICIENCY = "DELETE FROM sufficiency WHERE complexity = :complexity AND model = :model"
SAVE_SUFFICIENCY = _insert("sufficiency", ("complexity", "label", "model", "sufficient"))
SUFFICIENCY = "SELECT complexity, label, model, sufficient FROM sufficiency"

# What clients' records say of attempts.
SIGHTING_OF = "SELECT seen, beneath FROM captures WHERE attempt_id = :attempt_id"
KEEP_BENEATH = "UPDATE captures SET beneath = :beneath WHERE attempt_id = :attempt_id"
CAPTURE_OF = "SELECT attempt_id, seen_us, seen, beneath FROM captures WHERE client = :client AND run_id = :run_id"
SAVE_CAPTURE = (
    _insert("captures", ("client", "run_id", "attempt_id", "seen_us", "seen", "beneath"))
    + " ON CONFLICT (client, run_id) DO UPDATE SET"
    + " seen_us = excluded.seen_us, seen = excluded.seen, beneath = excluded.beneath"
)
SEEN_AGAIN = """
UPDATE captures SET seen_us = :now_us WHERE client = :client AND run_id = :run_id AND seen_us < :now_us
"""
NAME_CALLED_OFF = """
UPDATE captures SET run_id = :run_id WHERE client = :client AND run_id = :call_id AND EXISTS (
    SELECT 1 FROM expected_runs WHERE expected_runs.client = :client AND expected_runs.call_id = :call_id
)
"""
_NOT_CAPTURED = "NOT EXISTS (SELECT 1 FROM captures WHERE captures.attempt_id = attempts.id)"
_NOT_EXPECTED = "NOT EXISTS (SELECT 1 FROM expected_runs WHERE expected_runs.attempt_id = attempts.id)"
UNCAPTURED_IN_SESSION = f"""
SELECT {", ".join(RECENT_COLUMNS)} FROM attempts
WHERE session_id = :session_id AND created_us BETWEEN :since_us AND :until_us AND {_NOT_CAPTURED} AND {_NOT_EXPECTED}
ORDER BY created_us DESC LIMIT :limit
"""
UNCAPTURED_BY_CLIENT = f"""
SELECT {", ".join(RECENT_COLUMNS)} FROM attempts
WHERE created_us BETWEEN :since_us AND :until_us AND client = :client
    AND (session_id IS NULL OR CAST(:session_id AS TEXT) IS NULL)
    AND (workspace = :workspace OR workspace = :workspace_path OR workspace_path = :workspace_path)
    AND {_NOT_CAPTURED} AND {_NOT_EXPECTED}
ORDER BY created_us DESC LIMIT :limit
"""
SEEN_IN_WORKSPACE = f"""
SELECT {ATTEMPT_COLUMNS} FROM attempts
WHERE workspace = :workspace AND created_us > :after_us AND created_us <= :until_us AND previous_dispatch_id IS NULL
    AND selection IN ('imported', 'override') AND NOT {_NOT_CAPTURED}
ORDER BY created_us LIMIT :limit
"""
"""Runs that nobody dispatched and that are not known to try anything again."""
EXPECT_RUN = (
    _insert("expected_runs", ("client", "call_id", "attempt_id"))
    + " ON CONFLICT (client, call_id) DO UPDATE SET attempt_id = excluded.attempt_id"
)
EXPECTED_RUN = f"""
SELECT attempts.id FROM expected_runs JOIN attempts ON attempts.id = expected_runs.attempt_id
WHERE expected_runs.client = :client AND call_id = :call_id AND {_NOT_CAPTURED}
"""
SEEN_AT = "SELECT seen_us FROM captures WHERE attempt_id = :attempt_id"
_OPEN_RUN = (
    "attempts.id, attempts.client, attempts.session_id, captures.run_id, expected_runs.call_id, captures.seen_us"
)
_OPEN_ATTEMPTS = """
FROM attempts LEFT JOIN captures ON captures.attempt_id = attempts.id
LEFT JOIN expected_runs ON expected_runs.attempt_id = attempts.id
WHERE attempts.outcome IS NULL AND attempts.status IN ('pending', 'running')
"""
OPEN_RUNS = f"""
SELECT {_OPEN_RUN} {_OPEN_ATTEMPTS}
    AND attempts.client IS NOT NULL AND attempts.created_us BETWEEN :from_us AND :until_us
    AND (captures.seen_us <= :until_us OR (captures.seen_us IS NULL AND expected_runs.call_id IS NOT NULL))
"""
EXPECTED_IN_SESSION = f"""
SELECT {_OPEN_RUN} {_OPEN_ATTEMPTS}
    AND attempts.session_id = :session_id AND attempts.client = :client
    AND expected_runs.call_id IS NOT NULL AND captures.run_id IS NULL
"""
READ_MARKS = "SELECT source, mark FROM read_marks WHERE client = :client"
MARK_READ = (
    _insert("read_marks", ("client", "source", "mark"))
    + " ON CONFLICT (client, source) DO UPDATE SET mark = excluded.mark"
)
NOTE_EVENT = (
    _insert("seen_events", ("client", "event", "times", "last_us"))
    + " ON CONFLICT (client, event) DO UPDATE SET times = seen_events.times + excluded.times,"
    + " last_us = CASE WHEN excluded.last_us > seen_events.last_us THEN excluded.last_us ELSE seen_events.last_us END"
)
SEEN_EVENTS = "SELECT event, times, last_us FROM seen_events WHERE client = :client"
