#!/usr/bin/env bash
# Instructions per event of `shrike replay`, counted by callgrind, against the recorded figures: a check of speed that
# other load on the machine does not disturb.
# Usage: bench/instructions.sh [--record] [--shrike BINARY]
# Fails when a figure is more than 5 % above the recorded one (bench/instructions.txt). --record writes that file anew:
# do it when a change is meant to cost something, and say so in the commit.
# The input: 20,000 events of `shrike demo --generate-only`, seed 1, and as many of fraud_workload (beside the binary, in
# bench/). The start of the process is counted in a run over an empty file and taken off.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly events=20000
readonly recorded=bench/instructions.txt
record=no
shrike=build/release/shrike
while [[ $# -gt 0 ]]; do
  case "$1" in
    --record) record=yes ;;
    --shrike) shrike=${2:?--shrike needs a file}; shift ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
if ! command -v valgrind > /dev/null; then
  echo "bench/instructions.sh: valgrind is missing: run tools/deps" >&2
  exit 2
fi
if [[ ! -x "$shrike" ]]; then
  echo "bench/instructions.sh: no binary at $shrike: run tools/build first" >&2
  exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
workload=$(dirname "$shrike")/bench/fraud_workload
if [[ ! -x "$workload" ]]; then
  echo "bench/instructions.sh: no program at $workload: run tools/build release first" >&2
  exit 2
fi
"$shrike" demo --generate-only --events "$events" > "$work/events.jsonl"
"$workload" events --count "$events" > "$work/fraud.jsonl"
: > "$work/empty.jsonl"

# count WORDS..: instructions of the command.
count() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" > /dev/null 2> "$work/log" || {
    cat "$work/log" >&2
    exit 1
  }
  sed -n 's/^.*Collected : //p' "$work/log"
}

replay() {
  count "$shrike" replay --config rules/packs/card-fraud/shrike.yaml --out /dev/null --stream payments --file "$1"
}

decode_config=$work/decode.yaml
cp rules/packs/card-fraud/shrike.yaml "$decode_config"
cat > "$work/one.yaml" << 'RULE'
rules:
  - id: never
    version: 1
    pattern: |
      from payments by card
      txn[amount > 1_000_000]
RULE
one_rule() {
  count "$shrike" replay --config "$decode_config" --rules "$work/one.yaml" --out /dev/null --stream payments \
    --file "$1"
}

# fraud RULES FILE
fraud() {
  local rules=$work/rules-$1
  [[ -d "$rules" ]] || "$workload" rules --count "$1" --out "$rules"
  count "$shrike" replay --config bench/fraud/shrike.yaml --rules "$rules" --out /dev/null --stream events --file "$2"
}
fraud_10() { fraud 10 "$1"; }
fraud_100() { fraud 100 "$1"; }
fraud_1000() { fraud 1000 "$1"; }

# NAME: (instructions with events - without) / events
figures=$work/figures
for name in replay one_rule fraud_10 fraud_100 fraud_1000; do
  input=events.jsonl
  [[ "$name" != fraud_* ]] || input=fraud.jsonl
  with=$("$name" "$work/$input")
  without=$("$name" "$work/empty.jsonl")
  echo "$name $(((with - without) / events))"
done > "$figures"

if [[ "$record" == yes ]]; then
  {
    echo "# Instructions per event; written by bench/instructions.sh --record."
    echo "# replay: card-fraud over generated events. one_rule: the same events, one rule that never holds."
    echo "# fraud_N: N rules of fraud_workload over its events."
    cat "$figures"
  } > "$recorded"
  cat "$figures"
  exit 0
fi

code=0
while read -r name now; do
  before=$(sed -n "s/^$name \([0-9]*\)\$/\1/p" "$recorded")
  if [[ -z "$before" ]]; then
    echo "$name: $now instructions per event; nothing recorded: run bench/instructions.sh --record" >&2
    code=1
    continue
  fi
  change=$(((now - before) * 1000 / before))
  sign=+
  [[ "$change" -ge 0 ]] || sign=-
  printf '%s: %d instructions per event, recorded %d (%s%d.%d %%)\n' "$name" "$now" "$before" "$sign" \
    $((${change#-} / 10)) $((${change#-} % 10))
  if [[ "$change" -gt 50 ]]; then
    echo "$name: more than 5 % above the recorded figure" >&2
    code=1
  fi
done < "$figures"
exit $code
