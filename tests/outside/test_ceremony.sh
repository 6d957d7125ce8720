#!/usr/bin/env bash
# A threshold ceremony by command line: each trustee in a folder of its own, as on a machine of its own. usage: test_ceremony.sh GONGZHI
# When this fails: src/app/command_vote_trustees.c, then src/vote/ceremony.c and threshold.c.
set -euo pipefail
gongzhi=$1
export LC_ALL=C
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

trustee() { "$gongzhi" vote trustee "$@" >/dev/null; }

ceremony() { # FOLDER GROUP SIZE NEEDED
  local folder=$1 size=$3 i id
  mkdir -p "$folder/house"
  for i in $(seq "$size"); do
    mkdir "$folder/$i"
    trustee certificate --group "$2" --size "$size" --needed "$4" --index "$i" --folder "$folder/$i"
    [ "$(stat -c %a "$folder/$i"/*.key)" = 600 ]
  done
  cat "$folder"/*/*.cert | sort >"$folder/certs.jsons" # not in the trustees' order
  trustee check --certs "$folder/certs.jsons"
  for i in $(seq "$size"); do
    trustee polynomial --certs "$folder/certs.jsons" --key "$folder/$i"/*.key --folder "$folder/$i"
  done
  cat "$folder"/*/*.polynomial | sort >"$folder/polynomials.jsons"
  trustee inputs --certs "$folder/certs.jsons" --polynomials "$folder/polynomials.jsons" --folder "$folder/house"
  for i in $(seq "$size"); do
    id=$(basename "$folder/$i"/*.cert .cert)
    trustee output --certs "$folder/certs.jsons" --key "$folder/$i/$id.key" --folder "$folder/$i" "$folder/house/$id.vinput"
  done
  cat "$folder"/*/*.voutput | sort >"$folder/voutputs.jsons"
  trustee finish --certs "$folder/certs.jsons" --polynomials "$folder/polynomials.jsons" --outputs "$folder/voutputs.jsons" \
    --folder "$folder/house"
  [ "$(ls "$folder"/house/*.dkey | wc -l)" = "$size" ]
  printf '[["Pedersen",%s]]' "$(cat "$folder/house/threshold.json")" >"$folder/trustees.json"
  for i in $(seq "$size"); do
    id=$(basename "$folder/$i"/*.cert .cert)
    trustee confirm --certs "$folder/certs.jsons" --key "$folder/$i/$id.key" --dkey "$folder/house/$id.dkey" "$folder/trustees.json"
  done
  grep -q "^{\"threshold\":$4,\"certs\":" "$folder/house/threshold.json"
}

# The command must end with CODE and say WORDS, and leave no file behind.
refused() { # CODE WORDS command…
  local code=0 before after
  before=$(find "$scratch" -type f | sort)
  "$gongzhi" vote trustee "${@:3}" >/dev/null 2>"$scratch.said" || code=$?
  after=$(find "$scratch" -type f | sort)
  if [ "$code" != "$1" ] || ! grep -qF -- "$2" "$scratch.said" || [ "$before" != "$after" ]; then
    echo "vote trustee ${*:3}: exit code $code, said: $(cat "$scratch.said"), expected $1: $2"
    rm -f "$scratch.said"
    exit 1
  fi
  rm -f "$scratch.said"
}

ceremony "$scratch/curve" Ed25519 3 2
ceremony "$scratch/field" BELENIOS-2048 3 3
ceremony "$scratch/alone" Ed25519 1 1

c=$scratch/curve
certs=(--certs "$c/certs.jsons")
one=$(basename "$c"/1/*.cert .cert)
two=$(basename "$c"/2/*.cert .cert)

refused 2 "size" certificate --group Ed25519 --needed 2 --index 1
refused 1 "not supported" certificate --group Ed448 --size 3 --needed 2 --index 1 --folder "$c"
refused 1 "no more can be needed" certificate --group Ed25519 --size 3 --needed 4 --index 1 --folder "$c"
refused 1 "there is no trustee 4" certificate --group Ed25519 --size 3 --needed 2 --index 4 --folder "$c"
refused 1 "--size must be a number" certificate --group Ed25519 --size three --needed 2 --index 1 --folder "$c"
refused 1 "none of the certificates" polynomial "${certs[@]}" --key "$scratch"/alone/1/*.key --folder "$c"
refused 1 "there already" polynomial "${certs[@]}" --key "$c/1/$one.key" --folder "$c/1"
refused 1 "the seed is not as it must be" polynomial "${certs[@]}" --key "$c/1/$one.cert" --folder "$c"
refused 1 "can't be read" check --certs "$c/none"
refused 1 "your own part" output "${certs[@]}" --key "$c/1/$one.key" --folder "$c" "$c/house/$two.vinput"

cp "$c/2/$two.cert" "$scratch/less"
refused 1 "there are 1 certificates for a set of 3" check --certs "$scratch/less"
head -n 2 "$c/polynomials.jsons" >"$scratch/less"
refused 1 "is missing" inputs "${certs[@]}" --polynomials "$scratch/less" --folder "$c"
cat "$c/polynomials.jsons" "$c/1/$one.polynomial" >"$scratch/more"
refused 1 "trustee 1 has done this step already" inputs "${certs[@]}" --polynomials "$scratch/more" --folder "$c"
cat "$scratch"/alone/1/*.polynomial >"$scratch/other"
refused 1 "not signed by any trustee" inputs "${certs[@]}" --polynomials "$scratch/other" --folder "$c"

refused 1 "another set of certificates" confirm "${certs[@]}" --key "$c/1/$one.key" --dkey "$c/house/$one.dkey" "$scratch/alone/trustees.json"
refused 1 "this seed doesn't open" confirm "${certs[@]}" --key "$c/1/$one.key" --dkey "$c/house/$two.dkey" "$c/trustees.json"

# A share that somebody has changed, and one that isn't there.
python3 - "$c/house/$two.vinput" "$scratch/changed" "$scratch/absent" <<'PY'
import json, sys
given = json.load(open(sys.argv[1]))
share = json.loads(given["secrets"][2])
share["data"] = ("0" if share["data"][0] != "0" else "1") + share["data"][1:]
for name, text in ((sys.argv[2], json.dumps(share)), (sys.argv[3], "")):
    given["secrets"][2] = text
    json.dump(given, open(name, "w"))
PY
refused 1 "the share of trustee 3 can't be opened" output "${certs[@]}" --key "$c/2/$two.key" --folder "$c" "$scratch/changed"
refused 1 "the share of trustee 3 is missing" output "${certs[@]}" --key "$c/2/$two.key" --folder "$c" "$scratch/absent"

if LC_ALL=zh_CN.UTF-8 "$gongzhi" vote trustee output "${certs[@]}" --key "$c/2/$two.key" --folder "$c" "$scratch/absent" 2>"$scratch/said"; then
  exit 1
fi
grep -q "缺第 3 位开票人的份额" "$scratch/said"
echo "three ceremonies, every refusal told"
