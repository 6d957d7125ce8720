#!/usr/bin/env bash
# No branch and no address depends on a key, on chance or on what a voter chose: valgrind follows them through keys, ballots and
# decryptions, compiled as a release is, by both compilers. usage: test_constant_time.sh SOURCE
# When this fails: the function that valgrind names; what is told on purpose goes through now_public() (src/vote/secret_inside.h).
set -euo pipefail
source=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

follow() { # OUTPUT GROUP [wrong]
  valgrind --quiet --error-exitcode=3 --leak-check=no --suppressions="$source/tests/outside/constant_time.supp" \
    "$1" "${@:2}" >"$scratch/said" 2>&1
}

for compiler in gcc clang; do
  "$compiler" -std=gnu17 -O3 -D_GNU_SOURCE -DFOLLOW_SECRETS -fno-omit-frame-pointer -w -I"$source/src" -o "$scratch/$compiler" \
    "$source/tests/tools/follow_secrets.c" "$source"/src/vote/*.c "$source"/src/base/*.c \
    -lsodium -lcrypto -ljansson -lyaml -lpthread
  for group in Ed25519 BELENIOS-2048; do
    if ! follow "$scratch/$compiler" "$group"; then
      echo "$compiler, $group: something depends on a secret:"
      head -n 40 "$scratch/said"
      exit 1
    fi
    if follow "$scratch/$compiler" "$group" wrong; then
      echo "$compiler, $group: what does depend on a secret was not found: this test sees nothing"
      exit 1
    fi
    echo "$compiler, $group: good"
  done
done
