-- What the analyses say of the models that kinds of tasks were given to: 1 where no cheaper one is shown to be enough,
-- 0 where one is. "" stands for any complexity, and for all tasks of one; a label is a keyword or a group.
CREATE TABLE sufficiency (
    complexity TEXT NOT NULL,
    label TEXT NOT NULL,
    model TEXT NOT NULL,
    sufficient INTEGER NOT NULL,
    PRIMARY KEY (complexity, label, model)
);
