#!/usr/bin/env bash
# Threshold sets between us and Debian's belenios-tool (2.0, BELENIOS-2048), whole elections both ways.
# usage: test_threshold_tool.sh GONGZHI
#   ours      our ceremony, its set beside a single trustee in an election that we run
#   theirs    the tool's ceremony (layout A), an election that the tool runs; one of its trustees opens by the tool, one by us
# Both verifiers pass both.
# When this fails: tests/outside/test_ceremony.sh first, then src/vote/threshold.c and src/vote/signed.c.
set -euo pipefail
gongzhi=$(realpath "$1")
export LC_ALL=C
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
group=BELENIOS-2048

quiet() { # says what a command said only when it fails
  "$@" >"$scratch/said" 2>&1 || { echo "failed: $*"; cat "$scratch/said"; exit 1; }
}
template() {
  printf '%s' '{"description":"","name":"一","questions":[{"answers":["甲","乙","丙"],"min":1,"max":1,"question":"一"}]}' >template.json
}

# Votes of six voters, the second twice: 甲 2, 乙 3, 丙 1.
votes=('1 [[1,0,0]]' '2 [[1,0,0]]' '3 [[0,1,0]]' '4 [[0,0,1]]' '5 [[0,1,0]]' '6 [[1,0,0]]' '2 [[0,1,0]]')
voter() { # NUMBER: the credential of a line of *.privcreds
  sed -n "$1p" ./*.privcreds | sed 's/.* //'
}

both_verify() {
  quiet "$gongzhi" verify election ./*.bel
  quiet belenios-tool election verify
}

# --- ours ---

ours() {
  mkdir -p ours/{1,2,3} && cd ours
  local i id uuid number choices
  for i in 1 2 3; do
    quiet "$gongzhi" vote trustee certificate --group $group --size 3 --needed 2 --index $i --folder $i
  done
  cat ?/*.cert >certs.jsons
  quiet belenios-tool setup generate-trustee-key-threshold --group $group --certs certs.jsons --step 2
  for i in 1 2 3; do
    quiet "$gongzhi" vote trustee polynomial --certs certs.jsons --key $i/*.key --folder $i
  done
  cat ?/*.polynomial >polynomials.jsons
  quiet "$gongzhi" vote trustee inputs --certs certs.jsons --polynomials polynomials.jsons
  for i in 1 2 3; do
    id=$(basename $i/*.cert .cert)
    quiet "$gongzhi" vote trustee output --certs certs.jsons --key $i/*.key --folder $i "$id.vinput"
  done
  cat ?/*.voutput >voutputs.jsons
  quiet "$gongzhi" vote trustee finish --certs certs.jsons --polynomials polynomials.jsons --outputs voutputs.jsons
  uuid=$("$gongzhi" vote token)
  quiet "$gongzhi" vote credentials --group $group --uuid "$uuid" --count 6
  cp ./*.pubcreds public_creds.json
  template
  quiet "$gongzhi" vote trustee-key --group $group
  cat ./*.pubkey >public_keys.jsons
  quiet "$gongzhi" vote trustees --group $group
  quiet "$gongzhi" vote election --group $group --uuid "$uuid" --template template.json
  quiet "$gongzhi" vote open
  for vote in "${votes[@]}"; do
    read -r number choices <<<"$vote"
    voter "$number" >credential
    echo "$choices" >choices
    "$gongzhi" vote seal --credential credential --choices choices >ballot 2>"$scratch/said" || { cat "$scratch/said"; exit 1; }
    quiet "$gongzhi" vote cast ballot
  done
  quiet "$gongzhi" vote close
  for i in 1 2 3; do
    id=$(basename $i/*.cert .cert)
    quiet "$gongzhi" vote trustee confirm --certs certs.jsons --key $i/*.key --dkey "$id.dkey" trustees.json
  done
  "$gongzhi" vote decrypt --key ./*.privkey >part 2>"$scratch/said" || { cat "$scratch/said"; exit 1; }
  quiet "$gongzhi" vote accept part
  for i in 3 1; do
    id=$(basename $i/*.cert .cert)
    "$gongzhi" vote decrypt --key $i/*.key --dkey "$id.dkey" >part 2>"$scratch/said" || { cat "$scratch/said"; exit 1; }
    quiet "$gongzhi" vote accept part
  done
  quiet "$gongzhi" vote result
  both_verify
  tar -xOf ./*.bel 2>/dev/null | grep -qaF '{"result":[[2,3,1]]}'
  cd ..
}

# --- theirs ---

tool() { belenios-tool setup generate-trustee-key-threshold --group $group "$@"; }

theirs() {
  mkdir theirs && cd theirs
  local i id uuid number choices ids=()
  for i in 1 2 3; do quiet tool --step 1; done
  for i in ./*.key; do ids+=("$(basename "$i" .key)"); done
  for id in "${ids[@]}"; do cat "$id.cert"; done >certs.jsons
  for id in "${ids[@]}"; do tool --certs certs.jsons --key "$id.key" --threshold 2 --step 3 2>/dev/null; done >polynomials.jsons
  quiet tool --certs certs.jsons --polynomials polynomials.jsons --step 4
  for id in "${ids[@]}"; do tool --certs certs.jsons --key "$id.key" --step 5 <"$id.vinput" 2>/dev/null; done >voutputs.jsons
  tool --certs certs.jsons --polynomials polynomials.jsons --step 6 <voutputs.jsons >threshold.json 2>/dev/null
  uuid=$(belenios-tool setup generate-token)
  printf '%s\n' a b c d e f >voters.txt
  quiet belenios-tool setup generate-credentials --uuid "$uuid" --group $group --file voters.txt
  mv ./*.pubcreds public_creds.json
  : >public_keys.jsons
  template
  quiet belenios-tool setup make-trustees
  quiet belenios-tool setup make-election --uuid "$uuid" --group $group --template template.json
  quiet belenios-tool archive init
  for vote in "${votes[@]}"; do
    read -r number choices <<<"$vote"
    voter "$number" >credential
    echo "$choices" >choices
    belenios-tool election generate-ballot --privcred credential --ballot choices 2>/dev/null |
      belenios-tool archive add-event --type=Ballot 2>/dev/null
  done
  belenios-tool archive add-event --type=EndBallots </dev/null 2>/dev/null
  belenios-tool election compute-encrypted-tally 2>/dev/null | belenios-tool archive add-event --type=EncryptedTally 2>/dev/null
  belenios-tool election decrypt-threshold --key "${ids[1]}.key" --decryption-key "${ids[1]}.dkey" --trustee-id 2 2>/dev/null |
    belenios-tool archive add-event --type=PartialDecryption 2>/dev/null
  "$gongzhi" vote decrypt --key "${ids[2]}.key" --dkey "${ids[2]}.dkey" >part 2>"$scratch/said" || { cat "$scratch/said"; exit 1; }
  quiet "$gongzhi" vote accept part
  belenios-tool election compute-result 2>/dev/null | belenios-tool archive add-event --type=Result 2>/dev/null
  both_verify
  tar -xOf ./*.bel 2>/dev/null | grep -qaF '{"result":[[2,3,1]]}'
  cd ..
}

cd "$scratch"
ours
theirs
echo "threshold sets pass both ways"
