-- What admit.lua, settle.lua and restore.lua share. ARGV: one line of words, since each costs more by itself. KEYS: a
-- tenant's limits (a hash) and its open calls (a sorted set of leases by the millisecond they run out). Time is Redis's: microseconds for buckets, milliseconds for leases and windows.
local limits, calls = KEYS[1], KEYS[2]
local args = {}
for word in string.gmatch(ARGV[1], '%S+') do
  args[#args + 1] = word
end
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local millis = math.floor(micros / 1000)
local MINUTE = 60000000
local DAY = 86400000

local function text(number)
  return string.format('%.17g', number)
end

local function numbers(...)
  local values = redis.call('HMGET', limits, ...)
  for i = 1, select('#', ...) do
    values[i] = tonumber(values[i])
  end
  return values
end

-- A bucket's units now; it is full if it is new or was made for another limit. None (nil) where there is no limit.
local function bucket(name, perMinute)
  if perMinute == 0 then
    return nil
  end
  local stored = numbers(name, name .. '-at', name .. '-limit')
  if not stored[1] or stored[3] ~= perMinute then
    return perMinute
  end
  return math.min(perMinute, stored[1] + math.max(0, micros - stored[2]) * perMinute / MINUTE)
end

local function fill(name, level, perMinute)
  if level then
    redis.call('HSET', limits, name, text(math.min(level, perMinute)), name .. '-at', text(micros),
      name .. '-limit', text(perMinute))
  end
end

-- Leases that have not run out.
local function open()
  return redis.call('ZCOUNT', calls, '(' .. text(millis), '+inf')
end

local function reply(first, requests, tokens, windows)
  local born = redis.call('HGET', limits, 'born') or ''
  return table.concat({first[1], first[2], born, text(requests or 0), text(tokens or 0), open(),
    text(windows[1][1]), text(windows[1][2]), text(windows[2][1]), text(windows[2][2]), text(windows[3][1]), text(windows[3][2])}, ',')
end
