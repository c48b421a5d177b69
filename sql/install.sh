#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Creates the database, or brings it up to date. See --help, and README.md beside this file.
set -euo pipefail
umask 077
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"

help() {
	cat <<'EOF'
Usage: sql/install.sh [--defaults FILE] [--database NAME] [--passwords FILE] [--stock DIR] [--host HOST] [--quiet]

Creates the database of the service, or brings it up to date: Kamailio's own tables as its installed package ships
them, then our migrations that are missing, in order, each recorded in aeta_migration. Safe to run again at any time.

  --defaults FILE   options file of the mysql client ([client] socket=… user=… password=…) of a user that may create
                    databases and users; without it the client's usual files
  --database NAME   default aeta
  --passwords FILE  creates or updates the three database users (sql/users.sql); lines "aeta_sip PASSWORD",
                    "aeta_admin PASSWORD" and "aeta_web PASSWORD", mode 0600. Or in the environment: AETA_SIP_PASSWORD,
                    AETA_ADMIN_PASSWORD, AETA_WEB_PASSWORD. A user without a password here is left alone.
  --stock DIR       where Kamailio's *-create.sql are, default /usr/share/kamailio/mysql (package kamailio-mysql-modules)
  --host HOST       the host part of the users, default localhost
  --quiet           say nothing unless something is done

Names of the users: AETA_SIP_USER (aeta_sip), AETA_ADMIN_USER (aeta_admin), AETA_WEB_USER (aeta_web).
Exit status: 0 done, 1 refused or failed (one line says why), 2 usage.
EOF
}

stock_dir=/usr/share/kamailio/mysql
stock="standard acc auth_db usrloc dialog domain permissions siptrace"
passwords=""
host=localhost
quiet=""
while [ $# -gt 0 ]; do
	case $1 in
	--defaults) need_value "$1" $#; defaults=$2; shift 2 ;;
	--database) need_value "$1" $#; database=$2; shift 2 ;;
	--passwords) need_value "$1" $#; passwords=$2; shift 2 ;;
	--stock) need_value "$1" $#; stock_dir=$2; shift 2 ;;
	--host) need_value "$1" $#; host=$2; shift 2 ;;
	--quiet) quiet=1; shift ;;
	-h | --help) help; exit 0 ;;
	*) usage_error "unknown argument $1" ;;
	esac
done

say() {
	[ -n "$quiet" ] || echo "$1"
}

create_database() {
	sql <<EOF || die "cannot create or open the database $database (the client's error is above)"
CREATE DATABASE IF NOT EXISTS \`$database\` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
USE \`$database\`;
CREATE TABLE IF NOT EXISTS aeta_migration (
	version SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
	name VARCHAR(64) NOT NULL,
	applied_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP())
) ENGINE=InnoDB;
EOF
	[ "$(sql <<<"SELECT @@sql_mode LIKE '%STRICT_%_TABLES%'")" = 1 ] ||
		die "the server's sql_mode is not strict, wrong values would be bent instead of refused: set sql_mode=STRICT_TRANS_TABLES"
}

# One table of a stock file at a time: a file of Kamailio's is a list of "CREATE TABLE … INSERT INTO version" blocks,
# and the row in `version` is what says that the block is complete.
load_stock() {
	local name file table there recorded=" "
	there=" $(sql "$database" <<<"SHOW TABLES" | tr '\n' ' ')"
	[[ $there != *" version "* ]] || recorded=" $(sql "$database" <<<"SELECT table_name FROM version" | tr '\n' ' ')"
	for name in $stock; do
		file=$stock_dir/$name-create.sql
		[ -r "$file" ] || die "no $file: install kamailio-mysql-modules, or give --stock DIR"
		while read -r table; do
			if [[ $there == *" $table "* ]]; then
				[[ $recorded == *" $table "* ]] ||
					die "table $table exists in $database without its row in \`version\` (an earlier load was cut short?): DROP TABLE $table, or add the row"
				continue
			fi
			awk -v t="$table" '/^CREATE TABLE/ { on = index($0, "`" t "`") > 0 } on' "$file" | sql "$database" ||
				die "cannot load table $table from $file"
			say "stock table $table"
		done < <(sed -n 's/^CREATE TABLE .\([a-z_]*\). .*/\1/p' "$file")
	done
}

apply_migrations() {
	local file name version done_
	done_=" $(sql "$database" <<<"SELECT version FROM aeta_migration" | tr '\n' ' ')"
	for file in "$here"/[0-9][0-9][0-9][0-9]-*.sql; do
		name=$(basename "$file" .sql)
		version=$((10#${name%%-*}))
		case $done_ in *" $version "*) continue ;; esac
		{
			cat "$file"
			printf "\nINSERT INTO aeta_migration (version, name) VALUES (%d, '%s');\n" "$version" "${name#*-}"
		} | sql "$database" || die "migration $name failed (the client's error is above); mend the cause and run this again"
		say "migration $name"
	done
}

read_passwords() {
	sip_password=${AETA_SIP_PASSWORD:-}
	admin_password=${AETA_ADMIN_PASSWORD:-}
	web_password=${AETA_WEB_PASSWORD:-}
	[ -n "$passwords" ] || return 0
	[ -r "$passwords" ] || die "cannot read the passwords file $passwords"
	check_private "$passwords"
	local user secret rest
	while read -r user secret rest; do
		case $user in
		aeta_sip) sip_password=$secret ;;
		aeta_admin) admin_password=$secret ;;
		aeta_web) web_password=$secret ;;
		"" | "#"*) ;;
		*) die "$passwords: unknown user $user, expected aeta_sip, aeta_admin or aeta_web" ;;
		esac
	done <"$passwords"
}

create_users() {
	local sip=NULL admin=NULL web=NULL
	[ -z "$sip_password" ] || sip=$(sql_text "$sip_password")
	[ -z "$admin_password" ] || admin=$(sql_text "$admin_password")
	[ -z "$web_password" ] || web=$(sql_text "$web_password")
	[ "$sip$admin$web" != NULLNULLNULL ] || return 0
	{
		echo "SET @sip_user = $(sql_text "${AETA_SIP_USER:-aeta_sip}"), @sip_password = $sip;"
		echo "SET @admin_user = $(sql_text "${AETA_ADMIN_USER:-aeta_admin}"), @admin_password = $admin;"
		echo "SET @web_user = $(sql_text "${AETA_WEB_USER:-aeta_web}"), @web_password = $web;"
		echo "SET @host = $(sql_text "$host");"
		cat "$here/users.sql"
	} | sql "$database" || die "cannot create the database users (the client's error is above)"
	[ "$sip" = NULL ] || say "user ${AETA_SIP_USER:-aeta_sip}@$host"
	[ "$admin" = NULL ] || say "user ${AETA_ADMIN_USER:-aeta_admin}@$host"
	[ "$web" = NULL ] || say "user ${AETA_WEB_USER:-aeta_web}@$host"
}

check_database_name
find_client
read_passwords
create_database
load_stock
apply_migrations
create_users
say "database $database is up to date"
