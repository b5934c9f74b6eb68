-- BODY: the file that is sent. KEYS: a file of API keys, one a line, taken in turn.
local requests, keys, turn = {}, {}, 0

function init()
  local body = io.open(os.getenv("BODY")):read("a")
  for key in io.lines(os.getenv("KEYS")) do
    local headers = { ["Content-Type"] = "application/json", Authorization = "Bearer " .. key }
    for name, value in pairs(wrk.headers) do headers[name] = value end
    requests[#requests + 1] = wrk.format("POST", "/v1/chat/completions", headers, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

-- wrk itself counts every status above 399 as an error.
function done(summary, latency)
  local errors = summary.errors
  print(string.format('{"calls": %d, "micros": %d, "p50": %d, "p99": %d, "p999": %d, "refused": %d, "broken": %d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
