-- Calls are deleted when they are old, and a journal may come back after that, with a restored volume for example: what
-- has been shipped of it is known forever. One row for each start of a gateway.

CREATE TABLE journal (
    name    VARCHAR NOT NULL PRIMARY KEY,
    segment BIGINT  NOT NULL, -- this file is shipped up to here, and those before it wholly
    bytes   BIGINT  NOT NULL
);
