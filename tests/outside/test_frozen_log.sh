#!/usr/bin/env bash
# The frozen log is made again byte for byte. usage: test_frozen_log.sh MAKE_FROZEN_LOG FROZEN_LOG_DIR
# When this fails, a format has changed, and receipts that people hold no longer verify.
set -euo pipefail
make=$1 frozen=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$make" "$scratch/log"
diff -r --exclude=README.md "$scratch/log" "$frozen"
echo "$(find "$scratch/log" -type f | wc -l) files are the same"
