#!/usr/bin/env bash
# Makes one script out of web/vote and what it needs of npm's packages. The build calls it.
# usage: bundle.sh ENTRY.js OUT.js
# Packages are installed when the lock has changed; with everything there no network is asked.
set -euo pipefail
web=$(cd "$(dirname "$0")" && pwd)
. "$web/../tests/lib/install.sh"
(
  flock 9 # two builds of one folder
  install_npm "$web"
) 9<"$web/package-lock.json"
# ES2020 and old web views: Chromium 86 is the oldest that WeChat still brings.
"$web/node_modules/.bin/esbuild" "$1" --outfile="$2" --bundle --minify --charset=utf8 --format=iife --target=es2020,chrome86 --legal-comments=none --log-level=warning
