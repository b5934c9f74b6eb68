-- Calls come in the order of time, and each index less makes one cheaper to add: the key serves what asks for a time, and a
-- rollout's calls, of which there are few, are listed beside.

ALTER TABLE call RENAME TO call_before;

CREATE TABLE call (
    started            TIMESTAMP WITH TIME ZONE NOT NULL,
    request_id         VARCHAR(36)              NOT NULL,
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
    attempts           INTEGER                  NOT NULL,
    variant            VARCHAR,
    failed_over        BOOLEAN                  NOT NULL DEFAULT FALSE,
    finish             VARCHAR,
    PRIMARY KEY (started, request_id)
);

INSERT INTO call (started, request_id, tenant, key_id, operation, alias, slug, upstream, response_model, stream, outcome,
    status, error_code, input_cached, input_uncached, output, reasoning, estimated, cost_nanos, duration_micros,
    first_token_micros, attempts, variant, failed_over, finish)
SELECT started, request_id, tenant, key_id, operation, alias, slug, upstream, response_model, stream, outcome,
    status, error_code, input_cached, input_uncached, output, reasoning, estimated, cost_nanos, duration_micros,
    first_token_micros, attempts, variant, failed_over, finish
FROM call_before ORDER BY started;

DROP TABLE call_before;

CREATE TABLE variant_call (
    alias      VARCHAR                  NOT NULL,
    variant    VARCHAR                  NOT NULL,
    started    TIMESTAMP WITH TIME ZONE NOT NULL,
    request_id VARCHAR(36)              NOT NULL,
    PRIMARY KEY (started, request_id),
    FOREIGN KEY (started, request_id) REFERENCES call ON DELETE CASCADE
);

INSERT INTO variant_call SELECT alias, variant, started, request_id FROM call WHERE variant IS NOT NULL;

-- For a rollout's last calls.
CREATE INDEX variant_call_started ON variant_call (alias, variant, started);
