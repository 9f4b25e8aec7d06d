-- What was suggested, and what a human said to it.
CREATE TABLE suggestions (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    change TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    weight BIGINT NOT NULL,
    payload TEXT NOT NULL,
    proposed_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    decided_by TEXT,
    decision_reason TEXT,
    decision_weight BIGINT,
    change_id TEXT
);
CREATE INDEX suggestions_by_status ON suggestions (status, confidence);

-- The last analysis: what it saw, and the report's data.
CREATE TABLE analyses (
    name TEXT PRIMARY KEY,
    analysed_us BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    policy_hash TEXT NOT NULL
);
