#!/usr/bin/env bash
# Builds the outside program where it is out of date, and runs it: tests/outside/checklog.sh -key VKEY … DIR|URL
# Exit 77 (a skipped test) when Go is not installed. CHECKLOG_BUILD: where the program goes (default build/outside).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${CHECKLOG_BUILD:-$here/../../build/outside}
if ! command -v go >/dev/null; then
  echo "skipped: go is not installed (apt-get install golang-go golang-golang-x-mod-dev)" >&2
  exit 77
fi
mkdir -p "$out"
out=$(cd "$out" && pwd)
(
  flock 9
  if [ ! "$out/checklog" -nt "$here/checklog.go" ]; then
    GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE="$out/cache" \
      go build -o "$out/checklog.new" "$here/checklog.go"
    mv "$out/checklog.new" "$out/checklog"
  fi
) 9>"$out/lock"
exec "$out/checklog" "$@"
