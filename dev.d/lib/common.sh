# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What all verbs share: where things are, messages, the state folder and its settings, waiting, processes of ours.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
state=${AETA_STATE:-$root/.run}
export PATH=$PATH:/usr/sbin:/sbin # daemons live there; a plain user's PATH may lack them
started=$SECONDS

# -- messages: progress on standard output (on standard error where that is for JSON), errors on standard error

progress_fd=1

say() { # TEXT: one line of progress
	printf '%s\n' "$1" >&"$progress_fd"
}

step() { # TEXT: what is being done now, with the seconds since the start
	printf '[%3d s] %s\n' $((SECONDS - started)) "$1" >&"$progress_fd"
}

complain() { # TEXT
	printf './dev: %s\n' "$1" >&2
}

die() { # TEXT [STATUS]: what went wrong, where, what to do
	complain "$1"
	exit "${2:-1}"
}

usage_error() { # TEXT
	die "$1 (see --help)" 2
}

need_value() { # OPTION, how many arguments are left
	[ "$2" -ge 2 ] || usage_error "$1 needs a value"
}

# -- the state folder

use_state() { # DIR: absolute from here on
	case $1 in
	/*) state=$1 ;;
	*) state=$PWD/$1 ;;
	esac
}

# Processes are recognised as ours by the folder's name in their command line, so it must be written in one way only.
fix_state() {
	state=$(realpath -m "$state")
	[[ $state =~ ^[A-Za-z0-9_./+@:=-]+$ ]] ||
		die "the state folder '$state' has characters that the parts' configuration files do not take; choose another with --state DIR" 2
	# A UNIX socket's name may have 107 characters, and the longest of ours adds 20.
	[ ${#state} -le 86 ] ||
		die "the name of the state folder is too long for UNIX sockets (${#state} characters, at most 86); choose a shorter one with --state DIR" 2
}

setting() { # NAME: prints a value that `up` wrote down, or nothing
	[ -f "$state/settings" ] || return 0
	sed -n "s/^$1=//p" "$state/settings"
}

is_ready() { # the service is up and said so
	[ -f "$state/ready" ] && is_running
}

# Whoever runs the service holds this lock for as long as it lives, so it cannot be stale.
is_running() {
	[ -f "$state/lock" ] && ! flock -n "$state/lock" true
}

is_loopback() { # ADDRESS
	[[ $1 == 127.* || $1 == ::1 ]]
}

# A client must stand in the network namespace of the service, else it talks to nobody.
same_network() {
	local pid
	pid=$(part_pid supervisor) || return 0
	[ "$(readlink "/proc/$pid/ns/net")" = "$(readlink /proc/self/ns/net)" ] ||
		die "the service in $state runs in another network namespace; run this there: nsenter -t $pid -n ./dev …"
}

need_service() {
	fix_state
	is_ready || die "no service runs in $state; start it with ./dev up --detach$(state_option)"
	same_network
}

state_option() { # prints " --state DIR" where it is not the usual folder
	[ "$state" = "$root/.run" ] || printf ' --state %s' "$state"
}

# -- waiting and processes

wait_for() { # SECONDS COMMAND…: until the command succeeds; 1 when the time is over
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# The process of a part, if it lives and is ours: a process id alone may have been given to a stranger since.
part_pid() { # NAME: prints it, or fails
	local pid command
	[ -r "$state/$1.pid" ] || return 1
	read -r pid <"$state/$1.pid" || return 1
	[[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 1
	command=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") || return 1
	[[ "$command " == *"$state"[/\ ]* ]] || return 1
	echo "$pid"
}

group_gone() { # PID: no process of that process group is left (a dead one that nobody has waited for counts as gone)
	! ps -eo pgid=,stat= | awk -v g="$1" '$1 == g && $2 !~ /^Z/ { found = 1 } END { exit !found }'
}

stop_part() { # NAME: ends it with all its children; harmless when it does not run
	local pid try
	if pid=$(part_pid "$1"); then
		for try in 1 2 3; do # a part that is just starting may miss the first
			kill -TERM "$pid" 2>/dev/null || true
			wait_for 6 group_gone "$pid" && break
		done
		if ! group_gone "$pid"; then
			complain "$1 (process $pid) does not end by itself, it is killed; see $state/log/$1.log"
			kill -KILL -- "-$pid" 2>/dev/null || true
			wait_for 5 group_gone "$pid" || true
		fi
	fi
	rm -f "$state/$1.pid"
}

log_end() { # NAME [LINES]: the end of a part's log, on standard error
	if [ -s "$state/log/$1.log" ]; then
		echo "--- the end of $state/log/$1.log:" >&2
		tail -n "${2:-15}" "$state/log/$1.log" | sed 's/^/    /' >&2
	fi
}
