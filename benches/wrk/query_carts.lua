-- GET /{project}/carts?where=anonymousId="…" by a backend: the carts of one guest among all.
dofile(os.getenv("BENCH_WRK") .. "/report.lua")
local texts, at = {}, 0

function init()
  local headers = { ["Authorization"] = "Bearer " .. prepared("clients.lua").admin_token }
  for i, guest in ipairs(prepared("guests.lua")) do
    texts[i] = wrk.format("GET", "/demo/carts?where=anonymousId%3D%22" .. guest.anonymous_id .. "%22", headers)
  end
end

function request()
  at = at % #texts + 1
  return texts[at]
end
