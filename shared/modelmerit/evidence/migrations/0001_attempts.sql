-- One row per attempt. Times are microseconds since 1970 UTC; booleans are 0 or 1; JSON is text nobody queries.
CREATE TABLE attempts (
    id TEXT PRIMARY KEY,
    workspace TEXT,
    workspace_path TEXT,
    task TEXT NOT NULL,
    complexity TEXT,
    priority TEXT,
    model TEXT NOT NULL,
    status TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    outcome TEXT,
    retry_count INTEGER NOT NULL,
    execution_time_seconds DOUBLE PRECISION,
    tokens_used BIGINT,
    task_keywords TEXT NOT NULL,
    model_was_sufficient INTEGER,
    notes TEXT,
    previous_dispatch_id TEXT,
    recommended_model TEXT,
    executed_model TEXT,
    provider TEXT,
    selection TEXT NOT NULL,
    propensities TEXT,
    policy_hash TEXT,
    error_type TEXT,
    evidence TEXT,
    input_tokens BIGINT,
    output_tokens BIGINT,
    reasoning_tokens BIGINT,
    cache_read_tokens BIGINT,
    cache_write_5m_tokens BIGINT,
    cache_write_1h_tokens BIGINT,
    cost_usd DOUBLE PRECISION,
    ttft_ms DOUBLE PRECISION,
    tool_calls INTEGER,
    quality_score DOUBLE PRECISION,
    estimated_files INTEGER,
    role TEXT,
    task_category TEXT,
    client TEXT,
    session_id TEXT,
    retried INTEGER NOT NULL,
    extra TEXT NOT NULL
);
CREATE INDEX attempts_by_time ON attempts (created_us);
CREATE INDEX attempts_by_workspace ON attempts (workspace, created_us);
CREATE INDEX attempts_by_status ON attempts (status, created_us);
CREATE INDEX attempts_by_workspace_and_status ON attempts (workspace, status, created_us);
-- Of few rows each, so that most inserts do not touch them.
CREATE INDEX attempts_explored ON attempts (created_us) WHERE selection = 'explored';
CREATE INDEX attempts_by_predecessor ON attempts (previous_dispatch_id) WHERE previous_dispatch_id IS NOT NULL;
CREATE INDEX attempts_retried ON attempts (created_us) WHERE retried = 1;

-- Every report of an outcome, in force or not. The same report twice is one row.
CREATE TABLE outcome_reports (
    attempt_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    reported_us BIGINT NOT NULL,
    evidence TEXT NOT NULL,
    outcome TEXT NOT NULL,
    in_force INTEGER NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (attempt_id, fingerprint)
);

-- Sufficient statistics: what all learning reads. "" stands for unlabelled, all keywords, unknown, or no provider.
CREATE TABLE tallies (
    day INTEGER NOT NULL,
    complexity TEXT NOT NULL,
    keyword TEXT NOT NULL,
    incumbent TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    comparable INTEGER NOT NULL,
    attempts BIGINT NOT NULL,
    successes BIGINT NOT NULL,
    partials BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    tokens_known BIGINT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    seconds_known BIGINT NOT NULL,
    cost_usd DOUBLE PRECISION NOT NULL,
    cost_known BIGINT NOT NULL,
    PRIMARY KEY (day, complexity, keyword, incumbent, provider, model, comparable)
);

-- What happened each day, over all arms: the exploration budget and the report's coverage figures.
CREATE TABLE activity (
    day INTEGER PRIMARY KEY,
    attempts BIGINT NOT NULL,
    explored BIGINT NOT NULL,
    with_outcome BIGINT NOT NULL,
    checked BIGINT NOT NULL,
    retries BIGINT NOT NULL,
    executed_known BIGINT NOT NULL,
    executed_as_answered BIGINT NOT NULL,
    recommended_known BIGINT NOT NULL,
    ran_as_recommended BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    tokens_known BIGINT NOT NULL,
    explored_tokens BIGINT NOT NULL,
    explored_tokens_known BIGINT NOT NULL
);

-- Raised in the transaction that changes what an analysis would see.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('attempts', 0), ('revision', 0);
