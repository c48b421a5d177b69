# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Are the ports that the service needs free? Nothing that runs already is taken over.

wanted_ports() { # prints "protocol address port" for every socket that the service will open
	local a
	for a in "${listen[@]}"; do
		printf '%s %s %s\n' udp "$a" 5060 tcp "$a" 5060 udp "$a" 5070 tcp "$a" 5070
		[ -z "$tls" ] || printf 'tcp %s 5061\n' "$a"
	done
	for a in "${listen[@]}" ${second:+"$second"}; do
		printf '%s %s %s\n' udp "$a" 3478 tcp "$a" 3478
		[ -z "$second" ] || printf 'udp %s 3479\n' "$a"
		[[ $a == 127.* || $a == ::1 || $(site_value SITE_PROBING 1) == 0 ]] || printf '%s %s %s\n' udp "$a" "$(site_value SITE_PROBE_PORT 5072)" \
			udp "$a" "$(site_value SITE_PROBE_KNOCK_PORT 5073)"
	done
	printf 'tcp %s %s\n' "$(relay_host)" "$web_port"
	for a in relay relay-fr; do
		printf 'udp %s %s\ntcp %s %s\n' "$(relay_host)" "${relay_ng[$a]}" "$(relay_host)" "${relay_http[$a]}"
	done
}

# Prints who holds a socket that would be in our way: the same address, or all of them.
port_holder() { # PROTOCOL ADDRESS PORT; ss's listing on standard input
	awk -v proto="$1" -v addr="$2" -v port="$3" '
		$1 == proto {
			at = match($5, /:[0-9]+$/)
			host = substr($5, 1, at - 1)
			gsub(/[][]|%.*/, "", host)
			any6 = host == "*" || host == "::"
			if (substr($5, at + 1) != port || !(host == addr || any6 || (host == "0.0.0.0" && addr !~ /:/))) next
			who = "a process of another user"
			if (match($0, /users:\(\("[^"]*",pid=[0-9]+/)) {
				who = substr($0, RSTART + 9, RLENGTH - 9)
				sub(/",pid=/, " (process ", who)
				who = who ")"
			}
			print who
			exit
		}'
}

need_free_ports() {
	local listing protocol addr port who taken=""
	listing=$(ss -Hlptun)
	while read -r protocol addr port; do
		who=$(port_holder "$protocol" "$addr" "$port" <<<"$listing")
		if [ -n "$who" ]; then
			complain "port $port/$protocol on $addr is in use by $who"
			taken=1
		fi
	done < <(wanted_ports)
	[ -z "$taken" ] || die "nothing that runs is taken over: stop it, or choose another address, for example --address 127.0.0.2"
}
