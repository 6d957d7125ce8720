#!/usr/bin/env bash
# The outside program finds the frozen log right, and any one changed byte wrong. usage: test_checklog.sh FROZEN_LOG_DIR
# When this fails on the frozen log itself: look in src/civic. On a changed byte: look in checklog.go.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
frozen=$1
scratch=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$scratch"' EXIT

check() { # DIR [URL]: everything in DIR, the log read from URL
  local receipts=() file
  for file in "$1"/receipts/*; do receipts+=(-receipt "$file"); done
  "$here/checklog.sh" -key "@$1/key" -old "$1/checkpoint-300" "${receipts[@]}" "${2:-$1}"
}

check "$frozen" || exit $?

# The same over HTTP; the kernel chooses the port.
exec 3< <(exec python3 -u "$here/serve_folder.py" "$frozen")
server=$!
read -r port <&3
check "$frozen" "http://127.0.0.1:$port"

# One changed byte: in every file a reader at size 600 needs, at the front, in the middle and at the end.
cp -r "$frozen" "$scratch/log"
rm -f "$scratch/log/README.md"
changed=0
while read -r file; do
  size=$(stat -c %s "$scratch/log/$file")
  for place in 0 1 $((size / 3)) $((size / 2)) $((size - 3)) $((size - 1)); do
    python3 - "$scratch/log/$file" "$place" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte ^ 1]))
PY
    if check "$scratch/log" >"$scratch/said" 2>&1; then
      echo "byte $place of $file was changed and not found"
      exit 1
    fi
    grep -q '^checklog: ' "$scratch/said" || { echo "no message for byte $place of $file:"; cat "$scratch/said"; exit 1; }
    cp "$frozen/$file" "$scratch/log/$file"
    changed=$((changed + 1))
  done
done < <(cd "$scratch/log" && find . -type f ! -path '*.p/44' ! -path './tile/1/000.p/1' | sort)
check "$scratch/log" >/dev/null
echo "$changed changed bytes, all found"
