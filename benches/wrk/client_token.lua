-- POST /oauth/token with the client's own credentials: nothing is written.
dofile(os.getenv("BENCH_WRK") .. "/report.lua")
wrk.method = "POST"
wrk.path = "/oauth/token"
wrk.body = "grant_type=client_credentials"
wrk.headers["Authorization"] = prepared("clients.lua").admin
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
