#!/bin/sh
# supervise.sh DIRECTORY COMMAND [ARGUMENT...]
# Runs a command and leaves its exit code (128 + signal if it was killed) in DIRECTORY/exit_code, written
# whole or not at all. DIRECTORY/process says which process this shell is: pid, start time (clock ticks
# since boot, 0 if unknown), id of the boot (- if unknown). If it is there already, the attempt was
# started before, and nothing is done.
directory=$1
shift

since() {
  read -r stat 2>/dev/null <"/proc/$1/stat" || { echo 0; return; }
  set -- ${stat##*) }
  echo "${20}"
}

read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id || boot=-
set -C
{ echo "$$ $(since $$) $boot" >"$directory/process"; } 2>/dev/null || exit 0
set +C

# Signals go to the whole group: the command's part is to end, this shell's to say how it ended.
trap : HUP INT TERM
"$@" </dev/null
code=$?
echo "$code" >"$directory/exit_code.$$" && mv -f "$directory/exit_code.$$" "$directory/exit_code"

# What the command has left behind ends with it, as in a container; so does this shell.
kill -s KILL -- "-$$" 2>/dev/null
