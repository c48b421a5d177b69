#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Demo data: two customers, two groups, a factory account, the test codec. See --help.
set -euo pipefail
umask 077
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"

help() {
	cat <<'EOF'
Usage: sql/demo.sh --credentials FILE [--defaults FILE] [--database NAME] [--realm REALM] [--address ADDRESS]…
                   [--relay SET=URL]…

Adds what the demo and the tests use to an installed database:
  group 4567   45675001 to 45675012 with hunting, series 45676001 to 45676012   (customer "Demo Radio")
  group 4599   45995001 to 45995033                                             (customer "Demo Network")
  902080       a factory account             15000   the test codec, open to every group
  sip.example.com, sip.example.net, sip.example.fr (relay set fr)

Passwords are made at the first start and written to FILE (mode 0600, lines "number password"); an account that is in
FILE keeps its password. Safe to run again: what was changed since stays changed, a premium number that was deleted
stays deleted.

  --credentials FILE  where the passwords are kept
  --defaults FILE     options file of the mysql client
  --database NAME     default aeta
  --realm REALM       the auth realm of the service, default aeta
  --relay SET=URL     a media relay of that relay set (default, fr, …); may be repeated: those of a set are asked in this order.
                      Relays of an earlier run that are not named again go; others stay.
  --address ADDRESS   a bare address that is a domain of the service too, e.g. 127.0.0.1 or [::1]; may be repeated
Exit status: 0 done, 1 refused or failed (one line says why), 2 usage.
EOF
}

credentials=""
realm=aeta
addresses=() relays=()
while [ $# -gt 0 ]; do
	case $1 in
	--defaults) need_value "$1" $#; defaults=$2; shift 2 ;;
	--database) need_value "$1" $#; database=$2; shift 2 ;;
	--credentials) need_value "$1" $#; credentials=$2; shift 2 ;;
	--realm) need_value "$1" $#; realm=$2; shift 2 ;;
	--address) need_value "$1" $#; addresses+=("$2"); shift 2 ;;
	--relay)
		need_value "$1" $#
		[[ $2 =~ ^[A-Za-z0-9._-]+=[^[:space:]]+$ ]] || usage_error "--relay $2: SET=URL is wanted, for example default=udp:127.0.0.1:2223"
		relays+=("$2")
		shift 2
		;;
	-h | --help) help; exit 0 ;;
	*) usage_error "unknown argument $1" ;;
	esac
done

# A group of ours is one that a demo customer owns; anything else at that prefix is somebody's data and stays untouched.
refuse_foreign_data() {
	local foreign
	foreign=$(sql "$database" <<'EOF'
SELECT CONCAT('group ', g.prefix) FROM aeta_group g JOIN aeta_customer c ON c.id = g.customer_id
	WHERE g.prefix IN (4567, 4599) AND c.comment <> 'demo data'
UNION SELECT CONCAT('account ', number) FROM aeta_account WHERE number IN ('902080', '15000') AND comment <> 'demo data' LIMIT 1;
EOF
	) || die "cannot read the database $database: run sql/install.sh first"
	[ -z "$foreign" ] || die "$foreign exists and is not demo data: no demo data in a database that is in use"
}

group_sql() { # PREFIX, LAST, HUNTING, CUSTOMER, CONTACT
	cat <<EOF
INSERT INTO aeta_customer (name, comment) SELECT '$4', 'demo data' FROM DUAL
	WHERE NOT EXISTS (SELECT 1 FROM aeta_customer WHERE name = '$4');
INSERT INTO aeta_contact (customer_id, email, name) SELECT id, '$5', 'Technical contact' FROM aeta_customer c
	WHERE name = '$4' AND NOT EXISTS (SELECT 1 FROM aeta_contact k WHERE k.customer_id = c.id);
INSERT INTO aeta_group (prefix, customer_id, name, hunting) SELECT $1, id, '$4', $3 FROM aeta_customer
	WHERE name = '$4' AND NOT EXISTS (SELECT 1 FROM aeta_group WHERE prefix = $1)
	AND NOT EXISTS (SELECT 1 FROM aeta_retired_prefix WHERE prefix = $1);
EOF
	# Numbers beyond the last one ever given are new; one that was deleted since does not come back. (In a variable: a
	# statement that reads aeta_group cannot insert an account, whose trigger writes there.)
	echo "SELECT last_seq INTO @last FROM aeta_group WHERE prefix = $1 FOR UPDATE;"
	local i
	for ((i = 1; i <= $2; i++)); do
		member_sql "$1" $((5000 + i)) premium "$i"
		[ "$3" = 0 ] || member_sql "$1" $((6000 + i)) hunting "$i"
	done
}

member_sql() { # PREFIX, SEQUENCE, KIND, PLACE IN ITS SERIES
	echo "INSERT INTO aeta_account (number, kind) SELECT '$1$2', '$3' FROM DUAL WHERE @last < 5000 + $4;"
}

single_sql() { # NUMBER, KIND, PRODUCT (SQL), SERIAL (SQL)
	cat <<EOF
INSERT INTO aeta_account (number, kind, product, serial, comment) SELECT '$1', '$2', $3, $4, 'demo data' FROM DUAL
	WHERE NOT EXISTS (SELECT 1 FROM aeta_account WHERE number = '$1');
EOF
}

domain_sql() { # DOMAIN, RELAY SET, COMMENT
	echo "INSERT INTO aeta_domain (domain, relay_set, comment) SELECT $(sql_text "$1"), '$2', '$3' FROM DUAL"
	echo "	WHERE NOT EXISTS (SELECT 1 FROM aeta_domain WHERE domain = $(sql_text "$1"));"
}

# The relays that are given, at positions in their order, in the place of what an earlier run had given.
relay_sql() {
	local relay position=0
	echo "DELETE FROM aeta_relay WHERE comment = 'demo data';"
	for relay in ${relays[@]+"${relays[@]}"}; do
		position=$((position + 1))
		echo "CALL aeta_relay_set_have($(sql_text "${relay%%=*}"));"
		echo "INSERT IGNORE INTO aeta_relay (set_number, url, position, comment) SELECT number, $(sql_text "${relay#*=}"), $position,"
		echo "	'demo data' FROM aeta_relay_set WHERE name = $(sql_text "${relay%%=*}");"
	done
}

demo_sql() {
	echo "START TRANSACTION;"
	group_sql 4567 12 1 "Demo Radio" technique@radio.example
	group_sql 4599 33 0 "Demo Network" noc@network.example
	single_sql 902080 factory "'ScoopTeam'" "'DEMO-0001'"
	single_sql 15000 other NULL NULL
	domain_sql sip.example.com default demo
	domain_sql sip.example.net default demo
	domain_sql sip.example.fr fr demo
	relay_sql
	local address
	for address in ${addresses[@]+"${addresses[@]}"}; do
		domain_sql "$address" default "bare address"
	done
	echo "COMMIT;"
}

# Prints passwords, one a line, more than there are accounts: 12 characters of 31, each as likely as the other; none that
# a codec's keypad lacks or that is read as another one.
passwords() {
	head -c 65536 /dev/urandom | LC_ALL=C tr -dc 'abcdefghjkmnpqrstuvwxyz23456789' | fold -w 12 | head -n 200
}

# An account without credentials gets those of FILE; one that FILE does not know gets a new password. The rest is left
# as it is, so a password that was changed since stays. Written before the database is told, so none is ever lost.
set_passwords() {
	local number has secret fresh next=0
	local -A known=()
	touch "$credentials" || die "cannot write the credentials file $credentials"
	check_private "$credentials"
	while read -r number secret; do
		[ -z "$number" ] || known[$number]=$secret
	done <"$credentials"
	mapfile -t fresh < <(passwords)
	{
		echo "SET @r = $(sql_text "$realm"); START TRANSACTION;"
		while read -r number has; do
			if [ -z "${known[$number]:-}" ]; then
				known[$number]=${fresh[next++]}
				echo "$number ${known[$number]}" >>"$credentials"
			elif [ "$has" = 1 ]; then
				continue
			fi
			credentials_sql "$number" "${known[$number]}"
		done < <(demo_numbers)
		echo "COMMIT;"
	} | sql "$database" || die "cannot write the credentials to $database (the client's error is above)"
}

demo_numbers() { # prints "number 1" for one that has credentials, "number 0" for one that has none
	sql "$database" <<'EOF'
SELECT a.number, s.username IS NOT NULL FROM aeta_account a LEFT JOIN subscriber s ON s.username = a.number
	WHERE a.prefix IN (4567, 4599) OR a.number IN ('902080', '15000') ORDER BY CHAR_LENGTH(a.number), a.number;
EOF
}

credentials_sql() { # NUMBER, PASSWORD
	local secret="'$2'"
	[[ $2 =~ ^[A-Za-z0-9]+$ ]] || secret=$(sql_text "$2")
	echo "SET @n = '$1', @p = $secret;"
	echo "INSERT INTO subscriber (username, domain, ha1, ha1b)"
	echo "	VALUES (@n, @r, MD5(CONCAT(@n, ':', @r, ':', @p)), MD5(CONCAT(@n, '@', @r, ':', @r, ':', @p)))"
	echo "	ON DUPLICATE KEY UPDATE ha1 = VALUES(ha1), ha1b = VALUES(ha1b);"
}

[ -n "$credentials" ] || usage_error "--credentials FILE is needed"
check_database_name
find_client
refuse_foreign_data
demo_sql | sql "$database" || die "cannot add the demo data to $database (the client's error is above)"
set_passwords
echo "demo data is in $database; passwords: $credentials"
