# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Health checks: each asks the part for the very thing that it is there for.

sql_admin() { # SQL on standard input, as the administration's user; prints tab-separated rows
	mariadb --defaults-file="$state/mysql-admin.cnf" --batch --skip-column-names aeta
}

probe_mariadb() { # the accounts can be read
	[ "$(echo "SELECT COUNT(*) > 0 FROM aeta_account" | sql_admin 2>/dev/null)" = 1 ]
}

mariadb_answers() { # before there are users: the server takes connections
	mariadb-admin --defaults-file="$state/mysql-root.cnf" ping >/dev/null 2>&1
}

# By UDP a request or its answer may be lost, or a busy machine be late with it: so it is sent again, as every client does.
repeated() { # COMMAND…
	local _
	for _ in 1 2 3; do
		"$@" && return
	done
	return 1
}

# A binding request (RFC 5389: type, length, cookie, 12 bytes of transaction) must get a binding response, 0x0101.
probe_stun() { # ADDRESS PORT
	local answer
	answer=$({
		printf '\x00\x01\x00\x00\x21\x12\xa4\x42aetadevprobe' >&3
		timeout 1 head -c 20 <&3 | od -An -tx1 -N2 | tr -d ' '
	} 3<>"/dev/udp/$1/$2" 2>/dev/null) || return 1
	[ "$answer" = 0101 ]
}

# Sends one request and prints the status of the answer. Unauthenticated, so the honest answer is a challenge.
sip_status() { # METHOD ADDRESS PORT
	local host=$2 id=$RANDOM$RANDOM line
	[[ $host != *:* ]] || host="[$host]"
	line=$({
		printf '%s sip:%s:%s SIP/2.0\r\n' "$1" "$host" "$3"
		printf 'Via: SIP/2.0/UDP %s:9;branch=z9hG4bK%s;rport\r\nMax-Forwards: 70\r\n' "$host" "$id"
		printf 'From: <sip:probe@%s>;tag=%s\r\nTo: <sip:probe@%s>\r\n' "$host" "$id" "$host"
		printf 'Call-ID: probe-%s\r\nCSeq: 1 %s\r\nContent-Length: 0\r\n\r\n' "$id" "$1"
	} | {
		cat >&3 # one write, so one datagram
		timeout 1 head -n 1 <&3
	} 3<>"/dev/udp/$2/$3" 2>/dev/null) || return 1
	[[ $line =~ ^SIP/2\.0\ ([0-9]{3}) ]] && echo "${BASH_REMATCH[1]}"
}

probe_coturn() { # ADDRESS…
	local a
	for a in "$@"; do
		repeated probe_stun "$a" 3478 || return 1
	done
}

# Kamailio lives and can check credentials: a REGISTER and an OPTIONS are challenged, on both ports of every address.
probe_kamailio() { # ADDRESS…
	local a port
	for a in "$@"; do
		for port in 5060 5070; do
			[ "$(repeated sip_status REGISTER "$a" "$port")" = 401 ] || return 1
			[[ "$(repeated sip_status OPTIONS "$a" "$port")" =~ ^(200|401|407)$ ]] || return 1
		done
	done
}

# Its own client asks it over the control port, and HTTP for its health, as a monitor would.
probe_relay() { # NAME
	local host
	host=$(relay_host)
	"$root/build/dev/relay/aeta-relay" ping --ng "$host:${relay_ng[$1]}" >/dev/null 2>&1 &&
		http_ok "$host" "${relay_http[$1]}" /health
}

http_ok() { # ADDRESS PORT PATH
	local line
	line=$({
		printf 'GET %s HTTP/1.0\r\n\r\n' "$3" >&3
		timeout 2 head -n 1 <&3
	} 2>/dev/null 3<>"/dev/tcp/$1/$2") || return 1
	[[ $line =~ ^HTTP/1\.[01]\ 200 ]]
}

probe_tls() { # ADDRESS
	timeout 3 openssl s_client -connect "$1:5061" </dev/null >/dev/null 2>&1
}

# The running server knows a contact of that number (s: keeps kamcmd from sending the digits as an integer).
is_registered() { # NUMBER
	kamcmd -s "unixs:$state/kamailio_ctl" ul.lookup location "s:$1" 2>/dev/null | grep -q "Address:"
}

probe_testcodec() {
	is_registered 15000
}
