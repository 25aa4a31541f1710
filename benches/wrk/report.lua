-- What all scripts share: where the prepared data is, and one line of numbers at the end.
-- `cargo xtask bench` sets BENCH_DATA and BENCH_WRK.

function prepared(name)
  return dofile(os.getenv("BENCH_DATA") .. "/" .. name)
end

-- Times in microseconds. `status` counts answers of 400 and more.
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    "BENCH requests=%d duration=%d p50=%d p99=%d max=%d status=%d socket=%d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    e.status, e.connect + e.read + e.write + e.timeout))
end
