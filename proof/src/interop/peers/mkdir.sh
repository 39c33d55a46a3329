#!/bin/sh
# A neighbour in shell: the mkdir lock of FlowForge's scripts, `pid` inside, waiting until it is free (theirs go on without it
# after ten tries). hold|try ex LOCK; count|append|map LOCK FILE TIMES [NAME].
set -eu
. "$(dirname "$0")/updates.sh"
attempt() { mkdir "$1" 2> /dev/null && echo "$$" > "$1/pid"; }
lock() { until attempt "$1"; do sleep 0.002; done; }
unlock() { rm -rf "$1"; }
case $1 in
count | append | map)
  file=$3 name=${5-} done=0
  begin
  while [ "$done" -lt "$4" ]; do
    asked
    lock "$2"
    got
    "update_$1"
    unlock "$2"
    done=$((done + 1))
  done
  echo "worst $((worst * 10))"
  ;;
try) if attempt "$3"; then echo granted; unlock "$3"; else echo busy; fi ;;
hold | wait)
  lock "$3"
  echo held
  read -r _ || true
  unlock "$3"
  echo released
  ;;
esac
