-- POST /oauth/{project}/anonymous/token: a new guest with every request.
dofile(os.getenv("BENCH_WRK") .. "/report.lua")
wrk.method = "POST"
wrk.path = "/oauth/demo/anonymous/token"
wrk.body = "grant_type=client_credentials"
wrk.headers["Authorization"] = prepared("clients.lua").mobile
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
