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

# Sets $pid, $state, $group, $session and $since of a process.
read_status() {
  read -r stat 2>/dev/null <"$1" || return 1
  pid=${stat%% *}
  set -- ${stat##*) }
  state=$1
  group=$3
  session=$4
  since=${20}
}

# Sets $uid of a process.
read_owner() {
  uid=
  while read -r key value _; do
    [ "$key" != Uid: ] || { uid=$value && return; }
  done 2>/dev/null <"/proc/$1/status"
  return 1
}

# Sets $leader and $owner of an attempt whose process is the recorded one, or has ended and left others.
read_attempt() {
  record=$1/process
  { [ -f "$record" ] && [ ! -L "$record" ]; } || return 1
  read -r leader leader_since _ <"$record" || return 1
  owner=$(stat -c %u "$record") || return 1
  ! read_status "/proc/$leader/stat" || [ "$since" = "$leader_since" ]
}

# Kills a process of a task's user: a task, which can change its files, must not choose what is killed. A zombie has ended.
slay() {
  { read_status "/proc/$1/stat" && [ "$state" != Z ] && read_owner "$1"; } || return
  case $owners in *" $uid "*) kill -s KILL "$1" 2>/dev/null && found=yes ;; esac
}

# Kills the groups of all attempts first, which takes no time, and then whatever else belongs to them: the rest of their
# sessions, and the programs that carry their folders in their environment.
kill_all() {
  found=
  leaders=' '
  owners=' '
  for directory in "$work"/*; do
    read_attempt "$directory" || continue
    leaders="$leaders$leader "
    owners="$owners$owner "
    if read_owner "$leader" && [ "$uid" = "$owner" ]; then
      kill -s KILL -- "-$leader" 2>/dev/null
    fi
  done
  [ "$leaders" != ' ' ] || return
  for file in /proc/[0-9]*/stat; do
    read_status "$file" || continue
    case $leaders in *" $session "* | *" $group "*) slay "$pid" ;; esac
  done
  for file in $(grep -ls "TURBOPROP_ATTEMPT=$work/" /proc/[0-9]*/environ); do
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
  kill_all
  if [ -z "$found" ]; then
    { read_status "/proc/$engine/stat" && [ "$since" = "$engine_since" ] && [ "$state" != Z ]; } || exit 0
    sleep 0.4
  fi
  sleep 0.1
done
