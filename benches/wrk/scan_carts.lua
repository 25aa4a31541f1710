-- GET /{project}/carts with a predicate that no index serves: every cart is looked at, none matches.
dofile(os.getenv("BENCH_WRK") .. "/report.lua")
wrk.path = "/demo/carts?where=lineItems(quantity%20%3E%20100000)&limit=1"
wrk.headers["Authorization"] = "Bearer " .. prepared("clients.lua").admin_token
