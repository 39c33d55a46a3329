#!/bin/sh
# A neighbour in shell: util-linux flock(1). hold|try ex|sh LOCK; count LOCK COUNTER TIMES.
set -eu
case $1 in
count)
  done=0
  while [ "$done" -lt "$4" ]; do
    (
      flock -x 9
      read -r value < "$3" || [ -n "$value" ]
      printf %s "$((value + 1))" > "$3"
    ) 9>> "$2"
    done=$((done + 1))
  done
  ;;
try)
  [ "$2" = ex ] && mode=-x || mode=-s
  if flock "$mode" -n "$3" true; then echo granted; else echo busy; fi
  ;;
hold)
  [ "$2" = ex ] && mode=-x || mode=-s
  exec 9>> "$3"
  flock "$mode" 9
  echo held
  read -r _ || true
  flock -u 9
  echo released
  ;;
esac
