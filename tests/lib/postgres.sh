#!/usr/bin/env bash
# A private PostgreSQL 15 for a test run: own cluster, unix socket in a temporary directory, no TCP.
#   tests/lib/postgres.sh run [--sync] COMMAND …   starts one, runs COMMAND with GONGZHI_TEST_POSTGRES set, stops it
#   tests/lib/postgres.sh start [--sync] FOLDER    starts one in FOLDER (made, must not exist) and prints its URL
#   tests/lib/postgres.sh stop FOLDER              stops it and removes FOLDER
# Without --sync nothing is synced to disk: quick, and enough for every test but those about durability.
set -euo pipefail

programs=/usr/lib/postgresql/15/bin

as_postgres() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start() {
  local sync=off
  if [ "$1" = --sync ]; then sync=on; shift; fi
  local folder=$1
  if [ ! -x "$programs/initdb" ]; then
    echo "tests/lib/postgres.sh: $programs/initdb is not there (apt-get install postgresql-15)" >&2
    return 1
  fi
  mkdir -m 0755 "$folder"
  if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
  (
    cd "$folder"
    as_postgres "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C -N >"$folder.log" 2>&1
    as_postgres tee -a "$folder/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 200
shared_buffers = 64MB
fsync = $sync
full_page_writes = $sync
log_min_messages = fatal
CONF
    as_postgres "$programs/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w start >>"$folder.log" 2>&1
  ) || { cat "$folder.log" >&2; return 1; }
  rm -f "$folder.log"
  echo "postgres:///postgres?host=$folder&user=postgres"
}

stop() {
  (cd "$1" && as_postgres "$programs/pg_ctl" -D "$1/data" -m immediate -w stop >/dev/null 2>&1) || true
  rm -rf "$1"
}

case "${1:-}" in
start) shift; start "$@" ;;
stop) stop "$2" ;;
run)
  shift
  options=()
  if [ "$1" = --sync ]; then options=(--sync); shift; fi
  folder=$(mktemp -du /tmp/gongzhi-postgres.XXXXXX)
  trap 'stop "$folder"' EXIT
  GONGZHI_TEST_POSTGRES=$(start "${options[@]}" "$folder")
  export GONGZHI_TEST_POSTGRES
  "$@"
  ;;
*)
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
  ;;
esac
