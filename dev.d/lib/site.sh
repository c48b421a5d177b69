# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The site file of this service: kamailio-cfg/site.cfg.example says what each value means.

declare -A site=()

# NAME=VALUE. An unknown name would be ignored silently, so it is refused here.
check_site_value() { # NAME=VALUE
	[[ $1 =~ ^(SITE_[A-Z0-9_]+)=([^[:cntrl:]]*)$ ]] || usage_error "--site $1: NAME=VALUE is wanted, for example SITE_RING_MAX_S=20"
	grep -qE "^#*#!substdef \"!${BASH_REMATCH[1]}!" "$root/kamailio-cfg/site.cfg.example" ||
		usage_error "--site $1: there is no ${BASH_REMATCH[1]} in kamailio-cfg/site.cfg.example"
}

certificate() { # a key and a certificate of our own making, for the addresses that we listen on
	local names="DNS:sip.example.com" a
	for a in "${listen[@]}"; do
		names+=",IP:$a"
	done
	[ ! -f "$state/tls.crt" ] || [ "$(cat "$state/tls.names" 2>/dev/null)" != "$names" ] || return 0
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=sip.example.com" \
		-addext "subjectAltName=$names" -keyout "$state/tls.key" -out "$state/tls.crt" 2>"$state/log/openssl.log" ||
		die "no certificate could be made; see $state/log/openssl.log"
	echo "$names" >"$state/tls.names"
}

site_value() { # NAME DEFAULT: what --site gives it, or what it is without
	local a value=$2
	for a in ${site_values[@]+"${site_values[@]}"}; do
		[ "${a%%=*}" != "$1" ] || value=${a#*=}
	done
	echo "$value"
}

site_values() {
	local a v4=1
	[ -s "$state/auth-secret" ] || random_secret >"$state/auth-secret"
	site=(
		[SITE_DBURL]="mysql://aeta_sip:$(db_password aeta_sip)@localhost/aeta"
		[SITE_REALM]="$realm"
		[SITE_AUTH_SECRET]="$(cat "$state/auth-secret")"
		[SITE_DOMAIN]=sip.example.com
		[SITE_RUNDIR]="$state"
		[SITE_CONTROL_MODE]=0600
		[SITE_AETA_MODULE]="$root/build/dev/modules/aeta/aeta.so"
	)
	for a in "${listen[@]}"; do
		if [[ $a == *:* ]]; then
			site[SITE_ADDRESS_V6]="[$a]"
		else
			site[SITE_ADDRESS_$v4]=$a
			v4=$((v4 + 1))
		fi
	done
	[ -z "$second" ] || site[SITE_PROBE_ADDRESS]=$second
	# On this machine alone there is no NAT, and whoever tries things out calls the same number again and again.
	[[ ${listen[0]} != 127.* ]] || site[SITE_REDIAL_S]=0
	if [ -n "$tls" ]; then
		certificate
		site+=([SITE_TLS_CERTIFICATE]="$state/tls.crt" [SITE_TLS_KEY]="$state/tls.key")
	fi
	for a in ${site_values[@]+"${site_values[@]}"}; do
		site[${a%%=*}]=${a#*=}
	done
}

write_site() {
	local name
	site_values
	{
		echo "# Written by ./dev up at each start; change values with its option --site."
		for name in "${!site[@]}"; do
			echo "#!substdef \"!$name!${site[$name]}!g\""
		done | LC_ALL=C sort
	} >"$state/site.cfg"
}
