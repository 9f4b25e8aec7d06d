-- What a comparison weighs: how likely the arm was, who says what ran, whether the task is a repeat, who judged it.
ALTER TABLE attempts ADD COLUMN repeat_number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN task_key BIGINT;
CREATE INDEX attempts_by_task ON attempts (task_key) WHERE task_key IS NOT NULL;
CREATE INDEX attempts_repeated ON attempts (created_us) WHERE repeat_number > 0;

DROP TABLE tallies;
CREATE TABLE tallies (
    day INTEGER NOT NULL,
    complexity TEXT NOT NULL,
    keyword TEXT NOT NULL,
    incumbent TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    assumed TEXT NOT NULL,
    chance INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    attempts BIGINT NOT NULL,
    successes BIGINT NOT NULL,
    partials BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    checked BIGINT NOT NULL,
    implicit BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    tokens_known BIGINT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    seconds_known BIGINT NOT NULL,
    cost_usd DOUBLE PRECISION NOT NULL,
    cost_known BIGINT NOT NULL,
    PRIMARY KEY (day, complexity, keyword, incumbent, provider, model, assumed, chance, repeat)
);
CREATE INDEX tallies_of_all_tasks ON tallies (day) WHERE keyword = '';

DROP TABLE weekly_tallies;
CREATE TABLE weekly_tallies (
    week INTEGER NOT NULL,
    complexity TEXT NOT NULL,
    keyword TEXT NOT NULL,
    incumbent TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    assumed TEXT NOT NULL,
    chance INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    attempts BIGINT NOT NULL,
    successes BIGINT NOT NULL,
    partials BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    checked BIGINT NOT NULL,
    implicit BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    tokens_known BIGINT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    seconds_known BIGINT NOT NULL,
    cost_usd DOUBLE PRECISION NOT NULL,
    cost_known BIGINT NOT NULL,
    PRIMARY KEY (week, complexity, keyword, incumbent, provider, model, assumed, chance, repeat)
);

-- By client too: how far one can be relied on is a matter of its own. "" stands for a client nobody named.
DROP TABLE activity;
CREATE TABLE activity (
    day INTEGER NOT NULL,
    client TEXT NOT NULL,
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
    explored_tokens_known BIGINT NOT NULL,
    PRIMARY KEY (day, client)
);

-- The new sums are counted from the attempts once all migrations are applied.
INSERT INTO counters (name, value) VALUES ('uncounted', 1);
