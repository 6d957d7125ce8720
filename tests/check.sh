#!/usr/bin/env bash
# The body of ./check, run from the project's folder: installs what is missing, builds with both compilers, passes the suites
# on SQLite and on a private PostgreSQL, then the browser's; ends with the line "N passed, N failed".
# --full adds what is slow: the thread sanitizer, a minute of fuzzing for each parser, a short run of the benchmark.
set -euo pipefail
. tests/lib/install.sh

is_full=false
case "${1:-}" in
"") ;;
--full) is_full=true ;;
*) echo "usage: ./check [--full]" >&2; exit 2 ;;
esac

began=$SECONDS
step() { say "$* ($((SECONDS - began)) s)"; }

install_packages "${build_packages[@]}" "${test_packages[@]}"
install_npm web
[ ! -e tests/browser/package.json ] || install_npm tests/browser

step "building with gcc, address and undefined sanitizers"
set_up build
quietly ninja --quiet -C build
step "compiling with clang, for its warnings"
CC=clang set_up build-clang --buildtype=debug -Db_sanitize=none
quietly ninja --quiet -C build-clang

# A PostgreSQL of our own for all that follows; stopped however this ends.
cluster=
if [ -x tests/lib/postgres.sh ]; then
  step "starting a private PostgreSQL"
  cluster=$(mktemp -du /tmp/gongzhi-check.XXXXXX)
  trap 'tests/lib/postgres.sh stop "$cluster"' EXIT
  GONGZHI_TEST_POSTGRES=$(tests/lib/postgres.sh start "$cluster")
  export GONGZHI_TEST_POSTGRES
fi

results=$(mktemp -d)
failed=0
suite() { # NAME BUILD OPTION …: runs meson's tests and keeps their log for the count
  local name=$1 folder=$2
  shift 2
  step "testing: $name"
  meson test -C "$folder" --no-rebuild --print-errorlogs --timeout-multiplier 4 "$@" </dev/null || failed=1
  cp "$folder/meson-logs/testlog.json" "$results/$name.json"
}

slow=(--no-suite slow)
[ "$is_full" = false ] || slow=()
suite unit build "${slow[@]}"

if [ -e tests/browser/package.json ]; then
  step "testing: browser"
  echo 0 1 >"$results/browser.counts" # until it says otherwise
  (cd tests/browser && node run.js --counts "$results/browser.counts") </dev/null || failed=1
fi

if [ "$is_full" = true ]; then
  step "building with the thread sanitizer"
  set_up build-thread -Db_sanitize=thread
  quietly ninja --quiet -C build-thread
  suite threads build-thread --suite threads
  if [ -x fuzz/run ]; then
    step "fuzzing, a minute for each parser"
    if fuzz/run 60 >&2; then echo 1 0; else echo 0 1; failed=1; fi >"$results/fuzz.counts"
  fi
  if [ -x bench/run ]; then
    step "a short run of the benchmark"
    if bench/run --smoke >&2; then echo 1 0; else echo 0 1; failed=1; fi >"$results/bench.counts"
  fi
fi

step "done"
python3 tests/lib/count.py "$results" || failed=1
rm -rf "$results"
exit "$failed"
