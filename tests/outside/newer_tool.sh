#!/usr/bin/env bash
# Fetches Debian 13's belenios-tool (3.0, which knows Ed25519) with the libraries it needs into FOLDER, from the mirror that this
# machine's apt uses, and prints the path of a program that runs it there. Nothing of the machine's own is changed. What is there
# already isn't fetched again. Exit code 77 when the mirror can't be reached.
# usage: newer_tool.sh FOLDER
set -euo pipefail
[ $# = 1 ] || { echo "usage: newer_tool.sh FOLDER" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
tool=$folder/belenios-tool
packages=(belenios-tool libc6 libev4t64 libgmp10 libsodium23 libssl3t64 zlib1g libgcc-s1 libzstd1)

if [ ! -x "$tool" ]; then
  mirror=$({ grep -rhE '^(URIs:|deb) ' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null || true; } |
    grep -m 1 -oE 'https?://[^ ]+/debian/?( |$)') || exit 77
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -n "$mirror" ] && [ -e "$keys" ] || exit 77
  mkdir -p "$folder"/{state/lists/partial,cache/archives/partial,root}
  : >"$folder/status"
  echo "deb [signed-by=$keys] $mirror trixie main" >"$folder/sources.list"
  cat >"$folder/apt.conf" <<-CONF
	Dir::State "$folder/state";
	Dir::State::status "$folder/status";
	Dir::Cache "$folder/cache";
	Dir::Etc::sourcelist "$folder/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	APT::Sandbox::User "root";
	CONF
  export APT_CONFIG=$folder/apt.conf
  apt-get -qq -o Acquire::http::Timeout=20 update >&2 || exit 77
  (cd "$folder/cache" && apt-get -qq download "${packages[@]}" >&2) || exit 77
  for package in "$folder"/cache/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
  libraries=$folder/root/usr/lib/x86_64-linux-gnu
  cat >"$tool.new" <<-RUN
	#!/bin/sh
	exec $libraries/ld-linux-x86-64.so.2 --library-path $libraries $folder/root/usr/bin/belenios-tool "\$@"
	RUN
  chmod +x "$tool.new"
  "$tool.new" --version >/dev/null
  mv "$tool.new" "$tool"
fi
echo "$tool"
