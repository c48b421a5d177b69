# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What install.sh and demo.sh share: options, the database client, refusals. SQL goes to the client's standard input,
# never to its command line, so that no secret shows in a process list.

defaults=""    # --defaults FILE: options file of the mysql client (socket or host, user, password)
database=aeta  # --database NAME

die() { # MESSAGE: what went wrong, where, what to do
	echo "${0##*/}: $1" >&2
	exit 1
}

usage_error() {
	echo "${0##*/}: $1 (see --help)" >&2
	exit 2
}

need_value() { # OPTION, how many arguments are left
	[ "$2" -ge 2 ] || usage_error "$1 needs a value"
}

check_database_name() {
	[[ $database =~ ^[A-Za-z0-9_]{1,64}$ ]] || usage_error "--database $database: letters, digits and _ only"
}

find_client() {
	client=$(command -v mariadb || command -v mysql) || die "no mysql client found: apt-get install mariadb-client-core"
	[ -z "$defaults" ] || [ -r "$defaults" ] || die "cannot read the options file $defaults"
}

# Runs the SQL on standard input; prints rows as tab-separated values without headers. [DATABASE]
sql() {
	"$client" ${defaults:+--defaults-file="$defaults"} --batch --skip-column-names --default-character-set=utf8mb4 "$@"
}

# Prints a string as an SQL literal that needs no escaping, whatever is in it.
sql_text() { # STRING
	printf "CONVERT(x'%s' USING utf8mb4)" "$(printf %s "$1" | od -An -v -tx1 | tr -d ' \n')"
}

# A secrets file is its owner's only.
check_private() { # FILE
	local mode
	mode=$(stat -Lc %a "$1") || die "cannot read $1"
	[[ $mode == ?00 ]] || die "$1 holds passwords and others may read it (mode $mode): chmod 600 $1"
}
