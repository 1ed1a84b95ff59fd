#!/bin/sh
# guard.sh UNTIL WORK PID SINCE
# Kills the processes of attempts when their time is over, also while the engine stands still or after it has died:
# another machine may run the next attempts then. The file UNTIL says until when they may run, in hundredths of a second
# since boot; the engine moves it on. WORK is the folder of all work directories. PID and SINCE are the engine's process
# and its start. The guard ends when another guard has taken its place, when the folder is gone, or when the engine has
# died and everything is killed.
until=$1
work=$2
engine=$3
engine_since=$4
echo $$ >"$until.guard"

# Sets $now.
read_clock() {
  read -r now _ </proc/uptime
  now=${now%.*}${now#*.}
}

# Sets $pid, $group, $session and $since of a process.
read_status() {
  read -r stat 2>/dev/null <"$1" || return 1
  pid=${stat%% *}
  set -- ${stat##*) }
  group=$3
  session=$4
  since=${20}
}

# Whether a process belongs to the user of an attempt: a task must not choose what is killed.
is_owner() {
  [ "$(stat -c %u "/proc/$1" 2>/dev/null)" = "$owner" ]
}

slay() {
  is_owner "$1" && kill -s KILL "$1" 2>/dev/null && found=yes
}

# Kills the session that an attempt's process leads, and the programs that carry its folder in their environment.
end_attempt() {
  record=$1/process
  { [ -f "$record" ] && [ ! -L "$record" ]; } || return
  read -r leader leader_since _ <"$record" || return
  owner=$(stat -c %u "$record") || return
  if ! read_status "/proc/$leader/stat" || [ "$since" = "$leader_since" ]; then
    for file in /proc/[0-9]*/stat; do
      if read_status "$file" && { [ "$session" = "$leader" ] || [ "$group" = "$leader" ]; }; then
        slay "$pid"
      fi
    done
  fi
  for file in $(grep -ls "TURBOPROP_ATTEMPT=$1" /proc/[0-9]*/environ); do
    pid=${file#/proc/}
    slay "${pid%/environ}"
  done
}

while [ "$(cat "$until.guard" 2>/dev/null)" = $$ ] && read -r end _ 2>/dev/null <"$until"; do
  read_clock
  if [ "$now" -lt "$end" ]; then
    left=$((end - now))
    [ "$left" -lt 100 ] || left=100
    sleep "$((left / 100)).$(printf %02d $((left % 100)))"
    continue
  fi
  found=
  for directory in "$work"/*; do
    end_attempt "$directory"
  done
  if [ -z "$found" ]; then
    { read_status "/proc/$engine/stat" && [ "$since" = "$engine_since" ]; } || exit 0
    sleep 0.2
  fi
done
