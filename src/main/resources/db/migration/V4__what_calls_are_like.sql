-- What calls are like, by day: how long their context was and which parameters they had that not everybody heeds.

CREATE TABLE call_trait (
    tenant   VARCHAR NOT NULL,
    starting DATE    NOT NULL, -- the day, UTC
    alias    VARCHAR NOT NULL,
    trait    VARCHAR NOT NULL, -- context_ and the power of two that its tokens were fewer than, or a parameter
    calls    BIGINT  NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, starting, alias, trait)
);

-- For a rollout's last calls.
CREATE INDEX call_variant ON call (alias, variant, started);
