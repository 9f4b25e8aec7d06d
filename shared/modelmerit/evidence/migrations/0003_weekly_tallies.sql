-- The tallies of keywords once more, by week: so years of them are read at once. Weeks count from 1970-01-01.
CREATE TABLE weekly_tallies (
    week INTEGER NOT NULL,
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
    PRIMARY KEY (week, complexity, keyword, incumbent, provider, model, comparable)
);
INSERT INTO weekly_tallies
SELECT day / 7, complexity, keyword, incumbent, provider, model, comparable,
    sum(attempts), sum(successes), sum(partials), sum(failures), sum(errors), sum(tokens), sum(tokens_known),
    sum(seconds), sum(seconds_known), sum(cost_usd), sum(cost_known)
FROM tallies WHERE keyword <> '' GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- The tallies of all tasks, which are read for every day there is.
CREATE INDEX tallies_of_all_tasks ON tallies (day) WHERE keyword = '';
