-- How often each arm was chosen, and what its logged chances p, and p (1 - p), add up to.
ALTER TABLE arm_sums ADD COLUMN chosen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE arm_sums ADD COLUMN expected DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE arm_sums ADD COLUMN variance DOUBLE PRECISION NOT NULL DEFAULT 0;

-- How many tasks could have been explored since the last that was.
INSERT INTO counters (name, value) VALUES ('since_explored', 0) ON CONFLICT (name) DO NOTHING;

-- All sums are counted anew: also what each day's known executions are, now without those that nobody was told of.
INSERT INTO counters (name, value) VALUES ('uncounted', 1) ON CONFLICT (name) DO NOTHING;
