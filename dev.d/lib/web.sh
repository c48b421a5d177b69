# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The web admin: one of the parts (parts.sh), on loopback and in clear, as is right for nobody but the one who sits here.

web_port=8080
demo_operator=demo
demo_account=45675001

web_url() {
	echo "http://$(relay_host):$web_port"
}

configure_web() {
	local addresses
	addresses=$(printf '%s, ' "${listen[@]}")
	cat >"$state/aeta-admin.conf" <<EOF
db_socket = $state/db/mysql.sock
db_name = aeta
db_user = aeta_web
db_password = $(db_password aeta_web)
realm = $realm
rpc_socket = $state/kamailio_rpc.sock
listen = $(relay_host):$web_port
insecure_cookie = yes
sip_addresses = ${addresses%, }
media_addresses = ${addresses%, }
media_ports = ${relay_ports[relay]/ /-}, ${relay_ports[relay-fr]/ /-}
$(mail_settings)
EOF
}

# The logins of the demonstration, made once: an operator who may do all, and the account whose holder manages it. FILE gets
# "name password".
make_login() { # FILE NAME COMMAND…
	local secret
	[ ! -s "$state/$1" ] || return 0
	secret=$(demo_ctl --json "${@:3}" | sed -n 's/.*"password": *"\([^"]*\)".*/\1/p')
	[ -n "$secret" ] || return 1
	echo "$2 $secret" >"$state/$1"
}

demo_ctl() {
	"$root/build/dev/admin/aetactl" --config "$state/aetactl.conf" "$@" 2>>"$state/log/web.log"
}

make_logins() {
	make_login operator "$demo_operator" operator add "$demo_operator" --role admin --name "Demo operator" ||
		make_login operator "$demo_operator" operator password "$demo_operator" ||
		die "the demo operator could not be made; see $state/log/web.log"
	[ -s "$state/web-login" ] || demo_ctl group set "${demo_account:0:4}" --self-management on >/dev/null
	make_login web-login "$demo_account" weblogin password "$demo_account" ||
		die "the web login of $demo_account could not be made; see $state/log/web.log"
}

print_web_logins() {
	printf '               %-10s  %s   (operator)\n' $(cat "$state/operator")
	printf '               %-10s  %s   (its own pages, %s/siremis/user/login)\n' $(cat "$state/web-login") "$(web_url)"
}

run_web() {
	start_part web "$root/build/dev/admin/aeta-admin" --config "$state/aeta-admin.conf"
}

start_web() {
	configure_web
	make_logins
	run_web
	await_part web 15 probe_web
}

probe_web() {
	http_ok "$(relay_host)" "$web_port" /health
}
