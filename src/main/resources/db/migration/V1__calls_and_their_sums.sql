-- Read by PostgreSQL, and by H2 in its PostgreSQL mode.

CREATE TABLE call (
    request_id         VARCHAR(36)              NOT NULL PRIMARY KEY,
    started            TIMESTAMP WITH TIME ZONE NOT NULL,
    tenant             VARCHAR                  NOT NULL,
    key_id             VARCHAR                  NOT NULL,
    operation          VARCHAR                  NOT NULL,
    alias              VARCHAR,
    slug               VARCHAR,
    upstream           VARCHAR,
    response_model     VARCHAR,
    stream             BOOLEAN                  NOT NULL,
    outcome            VARCHAR                  NOT NULL,
    status             INTEGER                  NOT NULL,
    error_code         VARCHAR,
    input_cached       BIGINT                   NOT NULL,
    input_uncached     BIGINT                   NOT NULL,
    output             BIGINT                   NOT NULL,
    reasoning          BIGINT                   NOT NULL,
    estimated          BOOLEAN                  NOT NULL,
    cost_nanos         BIGINT,
    duration_micros    BIGINT                   NOT NULL,
    first_token_micros BIGINT,
    attempts           INTEGER                  NOT NULL
);

-- For deleting the oldest.
CREATE INDEX call_started ON call (started);

CREATE TABLE usage_hour (
    tenant               VARCHAR   NOT NULL,
    starting             TIMESTAMP NOT NULL, -- UTC
    key_id               VARCHAR   NOT NULL,
    model                VARCHAR   NOT NULL, -- the slug, or 'none'
    calls                BIGINT    NOT NULL DEFAULT 0,
    input_cached         BIGINT    NOT NULL DEFAULT 0,
    input_uncached       BIGINT    NOT NULL DEFAULT 0,
    output               BIGINT    NOT NULL DEFAULT 0,
    reasoning            BIGINT    NOT NULL DEFAULT 0,
    cost_nanos           BIGINT    NOT NULL DEFAULT 0,
    unpriced_calls       BIGINT    NOT NULL DEFAULT 0,
    estimated_calls      BIGINT    NOT NULL DEFAULT 0,
    estimated_tokens     BIGINT    NOT NULL DEFAULT 0,
    estimated_cost_nanos BIGINT    NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, starting, key_id, model)
);
