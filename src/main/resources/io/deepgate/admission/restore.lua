-- args: for each budget the end of a window (ms, 0: none) and what is recorded as spent in it. Only ever raises.
for i = 1, 3 do
  local ends, recorded = tonumber(args[i * 2 - 1]), tonumber(args[i * 2])
  local stored = numbers('spent-' .. i, 'ends-' .. i)
  if ends > 0 and stored[2] == ends and stored[1] < recorded then
    redis.call('HSET', limits, 'spent-' .. i, text(recorded))
  end
end
return 1
