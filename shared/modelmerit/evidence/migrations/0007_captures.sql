-- Which run of a client's agent an attempt is, what was last seen of it, and what is known of it without that.
CREATE TABLE captures (
    client TEXT NOT NULL,
    run_id TEXT NOT NULL,
    attempt_id TEXT NOT NULL,
    seen_us BIGINT NOT NULL,
    seen TEXT NOT NULL,
    beneath TEXT NOT NULL,
    PRIMARY KEY (client, run_id)
);
CREATE UNIQUE INDEX captures_by_attempt ON captures (attempt_id);

-- Calls of an agent that are known, before it runs, to be what was dispatched.
CREATE TABLE expected_runs (
    client TEXT NOT NULL,
    call_id TEXT NOT NULL,
    attempt_id TEXT NOT NULL,
    PRIMARY KEY (client, call_id)
);
CREATE INDEX expected_runs_by_attempt ON expected_runs (attempt_id);

-- How far each source of a client's history was read, so that an import can go on where it stopped.
CREATE TABLE read_marks (
    client TEXT NOT NULL,
    source TEXT NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (client, source)
);

-- How often each hook of a client spoke up, and when it last did.
CREATE TABLE seen_events (
    client TEXT NOT NULL,
    event TEXT NOT NULL,
    times BIGINT NOT NULL,
    last_us BIGINT NOT NULL,
    PRIMARY KEY (client, event)
);

CREATE INDEX attempts_by_session ON attempts (session_id, created_us) WHERE session_id IS NOT NULL;

-- What each day's outcomes rest on.
ALTER TABLE activity ADD COLUMN tests BIGINT NOT NULL DEFAULT 0;
ALTER TABLE activity ADD COLUMN reported BIGINT NOT NULL DEFAULT 0;
ALTER TABLE activity ADD COLUMN implicit BIGINT NOT NULL DEFAULT 0;
UPDATE activity SET
    tests = (
        SELECT count(*) FROM attempts
        WHERE outcome IS NOT NULL AND evidence = 'tests' AND coalesce(attempts.client, '') = activity.client
            AND created_us >= 86400000000 * activity.day AND created_us < 86400000000 * (activity.day + 1)
    ),
    reported = (
        SELECT count(*) FROM attempts
        WHERE outcome IS NOT NULL AND evidence = 'reported' AND coalesce(attempts.client, '') = activity.client
            AND created_us >= 86400000000 * activity.day AND created_us < 86400000000 * (activity.day + 1)
    ),
    implicit = (
        SELECT count(*) FROM attempts
        WHERE outcome IS NOT NULL AND evidence = 'implicit' AND coalesce(attempts.client, '') = activity.client
            AND created_us >= 86400000000 * activity.day AND created_us < 86400000000 * (activity.day + 1)
    );
