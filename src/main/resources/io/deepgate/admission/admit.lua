-- args: the call, its lease (ms), 1 in shadow mode, tokens and nano-dollars claimed, requests a minute, tokens a minute,
-- concurrent requests (0: no limit); then for each budget its limit (0: none), what counts of the claim, when this and the
-- next window end (ms), and what the gateway knows to be spent in this one.
-- Returns: limits that are spent (with shadow mode: yet admitted), microseconds to wait, then the state.
local call, lease, shadow = args[1], tonumber(args[2]), args[3] == '1'
local claim = tonumber(args[4])
local perMinute, tokensPerMinute, concurrent = tonumber(args[5]), tonumber(args[6]), tonumber(args[7])

local budgets = {}
for i = 1, 3 do
  local at = 8 + (i - 1) * 5
  local limit, ends, known = tonumber(args[at]), tonumber(args[at + 2]), tonumber(args[at + 4])
  local spent = 0
  if limit > 0 then
    local stored = numbers('spent-' .. i, 'ends-' .. i)
    local nextEnds = tonumber(args[at + 3])
    if stored[2] and millis < stored[2] and (stored[2] == ends or stored[2] == nextEnds) then
      spent, ends = stored[1], stored[2]
    elseif millis < ends then
      spent = known
    else
      ends = nextEnds
    end
  end
  budgets[i] = {spent, ends, limit, tonumber(args[at + 1])}
end

local requests, tokens = bucket('requests', perMinute), bucket('tokens', tokensPerMinute)
local refused, wait = {}, 0
local function refuse(name, micro)
  refused[#refused + 1] = name
  if #refused == 1 then
    wait = micro
  end
end
-- How long until units are there, of a full bucket if it never holds so many; what fills in a nanosecond is not missing.
local function missing(level, units, limit)
  local less = math.min(units, limit) - level
  return less <= limit / MINUTE / 1000 and 0 or math.ceil(less * MINUTE / limit)
end

if concurrent > 0 and open() >= concurrent then
  refuse('concurrency', 1000000)
end
for i = 1, 3 do
  if budgets[i][3] > 0 and budgets[i][1] >= budgets[i][3] then
    refuse('budget', (budgets[i][2] - millis) * 1000)
    break
  end
end
local short = tokens and missing(tokens, claim, tokensPerMinute) or 0
if short > 0 then
  refuse('tokens', short)
end
short = requests and missing(requests, 1, perMinute) or 0
if short > 0 then
  refuse('requests', short)
end

local spent = table.concat(refused, ' ')
if #refused > 0 and not shadow then
  return reply({refused[1], text(wait)}, requests, tokens, budgets)
end
-- The first write needs memory: where there is none, Redis refuses the script here, and nothing of it has happened.
redis.call('HSETNX', limits, 'born', text(micros))
redis.call('ZREMRANGEBYSCORE', calls, '-inf', millis)
requests = requests and requests - 1
tokens = tokens and tokens - claim
fill('requests', requests, perMinute)
fill('tokens', tokens, tokensPerMinute)
local keep = 3 * DAY
for i = 1, 3 do
  if budgets[i][3] > 0 then
    keep = 40 * DAY
    budgets[i][1] = budgets[i][1] + budgets[i][4]
    redis.call('HSET', limits, 'spent-' .. i, text(budgets[i][1]), 'ends-' .. i, text(budgets[i][2]))
  end
end
redis.call('PEXPIRE', limits, keep)
redis.call('ZADD', calls, millis + lease, call)
redis.call('PEXPIRE', calls, lease * 4)
return reply({spent, '0'}, requests, tokens, budgets)
