-- Where a batch has calls of many tenants and keys, their sums wait for more calls: up to here the sums have a journal's. Null
-- where an earlier version ships it, which adds the sums with the calls.

ALTER TABLE journal ADD COLUMN summed_segment BIGINT;
ALTER TABLE journal ADD COLUMN summed_bytes BIGINT;
