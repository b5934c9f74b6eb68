-- KEYS: a sorted set by the millisecond an entry runs out. ARGV: milliseconds to keep, then the entries to keep.
-- Adds first: out of memory, Redis refuses that. Returns how many entries there are that have not run out.
local time = redis.call('TIME')
local millis = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV do
  redis.call('ZADD', KEYS[1], millis + ARGV[1], ARGV[i])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', millis)
redis.call('PEXPIRE', KEYS[1], ARGV[1] * 4)
return redis.call('ZCARD', KEYS[1])
