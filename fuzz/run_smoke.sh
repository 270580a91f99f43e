#!/bin/sh
# Runs every fuzz target for a while: fuzz/run_smoke.sh BUILD SECONDS
# Starts from the seeds, keeps what it finds in BUILD/corpus, prints the runs of each target, and fails when
# one crashes; the input that did it is then in BUILD/crashes.
set -u
if [ $# -ne 2 ]; then
  echo "usage: fuzz/run_smoke.sh BUILD SECONDS" >&2
  exit 2
fi
build=$1
seconds=$2
seeds=$(dirname "$0")/seeds
failed=0
for target in ttlv request response payload wrapped_key xml json convert assignment http_response vault_answer vault_batch \
  keyring_settings snapshot; do
  mkdir -p "$build/corpus/$target" "$build/crashes"
  log=$build/fuzz-$target.log
  if "$build/fuzz/fuzz-$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
      -print_final_stats=1 -artifact_prefix="$build/crashes/$target-" \
      "$build/corpus/$target" "$seeds/$target" >"$log" 2>&1; then
    echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs, no crash"
  else
    echo "$target: FAILED, see $log" >&2
    tail -n 20 "$log" >&2
    failed=1
  fi
done
exit $failed
