-- GET /{project}/me/carts/{id}: every guest reads its own cart.
dofile(os.getenv("BENCH_WRK") .. "/report.lua")
local texts, at = {}, 0

function init()
  for i, guest in ipairs(prepared("guests.lua")) do
    texts[i] = wrk.format("GET", "/demo/me/carts/" .. guest.cart, { ["Authorization"] = "Bearer " .. guest.token })
  end
end

function request()
  at = at % #texts + 1
  return texts[at]
end
