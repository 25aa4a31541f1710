-- POST /oauth/token with a refresh token: each family goes round in a queue, always with its newest token.
dofile(os.getenv("BENCH_WRK") .. "/report.lua")
local tokens, first, last = prepared("refresh_tokens.lua"), 1, 0
local headers = {
  ["Authorization"] = prepared("clients.lua").mobile,
  ["Content-Type"] = "application/x-www-form-urlencoded",
}
last = #tokens

function request()
  local token = tokens[first] or "lost"
  if tokens[first] then
    tokens[first] = nil
    first = first + 1
  end
  return wrk.format("POST", "/oauth/token", headers,
    "grant_type=refresh_token&refresh_token=" .. token:gsub(":", "%%3A"))
end

function response(status, headers, body)
  if status ~= 200 then return end
  last = last + 1
  tokens[last] = body:match('"refresh_token":"([^"]+)"')
end
