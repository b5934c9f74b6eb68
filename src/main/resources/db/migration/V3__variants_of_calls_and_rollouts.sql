-- Which side a call was meant for where its alias had a candidate, and how its answer ended.

ALTER TABLE call ADD COLUMN variant VARCHAR; -- stable, candidate
ALTER TABLE call ADD COLUMN failed_over BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE call ADD COLUMN finish VARCHAR;

-- How far candidates have been let, by all replicas.

CREATE TABLE rollout (
    name    VARCHAR                  NOT NULL PRIMARY KEY, -- the alias and what tells its candidate from others
    step    INTEGER                  NOT NULL DEFAULT 0,
    stopped VARCHAR,                                       -- why the guard stopped it
    changed TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP
);
