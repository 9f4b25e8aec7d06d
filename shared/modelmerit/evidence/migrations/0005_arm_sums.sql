-- What came of the tasks that chance gave each arm, over all time: what the adaptive mode asks for at every dispatch.
CREATE TABLE arm_sums (
    complexity TEXT NOT NULL,
    incumbent TEXT NOT NULL,
    model TEXT NOT NULL,
    successes BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    PRIMARY KEY (complexity, incumbent, model)
);
INSERT INTO arm_sums
SELECT complexity, incumbent, model, sum(successes), sum(partials + failures)
FROM tallies WHERE keyword = '' AND chance > 0 GROUP BY 1, 2, 3;
