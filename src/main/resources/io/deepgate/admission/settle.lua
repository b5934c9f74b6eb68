-- args: the call, 'born' as it was admitted, requests to take (-1: give back), tokens to take beyond the claim, requests a
-- minute, tokens a minute (0: no limit); then for each budget the end of the window that was claimed in (0: none) and what
-- to spend beyond the claim. Takes effect once: if the call's lease is there.
local born, take, more = tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
local perMinute, tokensPerMinute = tonumber(args[5]), tonumber(args[6])
local held = redis.call('ZREM', calls, args[1]) == 1
local same = held and numbers('born')[1] == born
local requests, tokens = bucket('requests', perMinute), bucket('tokens', tokensPerMinute)
-- A bucket that came after the claim, for another limit or after Redis lost its data, never held it.
if same and requests and numbers('requests-limit')[1] == perMinute then
  requests = requests - take
  fill('requests', requests, perMinute)
end
if same and tokens and numbers('tokens-limit')[1] == tokensPerMinute then
  tokens = tokens - more
  fill('tokens', tokens, tokensPerMinute)
end
local windows = {}
for i = 1, 3 do
  local ends, cost = tonumber(args[7 + (i - 1) * 2]), tonumber(args[8 + (i - 1) * 2])
  local stored = numbers('spent-' .. i, 'ends-' .. i)
  if held and ends > 0 and stored[2] == ends then
    stored[1] = stored[1] + cost
    redis.call('HSET', limits, 'spent-' .. i, text(stored[1]))
  end
  windows[i] = {stored[1] or 0, stored[2] or 0}
end
return reply({held and '1' or '0', '0'}, requests, tokens, windows)
