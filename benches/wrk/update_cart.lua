-- POST /{project}/me/carts/{id} with changeLineItemQuantity. wrk does not say which connection asks, so the carts stand
-- in a queue: a cart leaves it with a request and comes back with the answer's version. No cart is ever in two requests.
dofile(os.getenv("BENCH_WRK") .. "/report.lua")
local guests, by_id, queue = prepared("guests.lua"), {}, {}
local first, last, count = 1, 0, 0

for i, guest in ipairs(guests) do
  by_id[guest.cart] = i
  last = last + 1
  queue[last] = i
end

function request()
  local i = queue[first]
  if i then
    queue[first] = nil
    first = first + 1
  else
    -- All carts were lost in failures; what follows fails, too, and is counted.
    i = count % #guests + 1
  end
  count = count + 1
  local guest = guests[i]
  local body = string.format(
    '{"version":%d,"actions":[{"action":"changeLineItemQuantity","lineItemId":"%s","quantity":%d}]}',
    guest.version, guest.line, count % 9 + 1)
  return wrk.format("POST", "/demo/me/carts/" .. guest.cart,
    { ["Authorization"] = "Bearer " .. guest.token, ["Content-Type"] = "application/json" }, body)
end

function response(status, headers, body)
  if status ~= 200 then return end
  local id, version = body:match('^{"id":"([^"]+)","version":(%d+)')
  local i = by_id[id]
  guests[i].version = tonumber(version)
  last = last + 1
  queue[last] = i
end
