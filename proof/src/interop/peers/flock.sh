#!/bin/sh
# A neighbour in shell: util-linux flock(1). hold|try ex|sh LOCK; count|append|map LOCK FILE TIMES [NAME].
set -eu
. "$(dirname "$0")/updates.sh"
case $1 in
count | append | map)
  file=$3 name=${5-} done=0
  begin
  while [ "$done" -lt "$4" ]; do
    exec 9>> "$2"
    asked
    flock -x 9
    got
    "update_$1"
    exec 9>&-
    done=$((done + 1))
  done
  echo "worst $((worst * 10))"
  ;;
try)
  [ "$2" = ex ] && mode=-x || mode=-s
  if flock "$mode" -n "$3" true; then echo granted; else echo busy; fi
  ;;
hold | wait)
  [ "$2" = ex ] && mode=-x || mode=-s
  exec 9>> "$3"
  flock "$mode" 9
  echo held
  read -r _ || true
  flock -u 9
  echo released
  ;;
esac
