# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The parts of the service: how each is configured and started. Every part runs in a session of its own, so that Ctrl-C
# reaches the supervisor only and the parts end in their order; its output goes to log/PART.log. Secrets are in files
# that only their owner can read, never on a command line.

parts_backwards=(web testcodec kamailio relay-fr relay coturn mariadb)
declare -A relay_ports=([relay]="55004 55999" [relay-fr]="56004 56999") # of media
declare -A relay_ng=([relay]=2223 [relay-fr]=2224)                      # of control
declare -A relay_http=([relay]=2233 [relay-fr]=2234)                    # of health and metrics
realm=aeta

declare -A part_of=() # process id -> part, of what this shell has started

start_part() { # NAME COMMAND…
	local name=$1
	shift
	# The descriptors of the supervisor (lock, readiness) must not live on in a part.
	setsid "$@" >>"$state/log/$name.log" 2>&1 </dev/null 8>&- 9>&- &
	part_of[$!]=$name
	echo $! >"$state/$name.pid"
}

stop_all() {
	local part
	rm -f "$state/ready"
	for part in "${parts_backwards[@]}"; do
		stop_part "$part"
	done
	sweep_relay relay
	sweep_relay relay-fr
}

# Waits until a part passes its probe; if it ends or does not come, says so with the end of its log.
await_part() { # NAME SECONDS PROBE…
	local name=$1 end=$((SECONDS + $2)) pid
	read -r pid <"$state/$name.pid"
	shift 2
	until "$@"; do
		if ! kill -0 "$pid" 2>/dev/null; then
			log_end "$name"
			die "$name ended while it was starting; see the lines above"
		fi
		if [ $SECONDS -ge $end ]; then
			log_end "$name"
			die "$name runs but does not answer as it should; see the lines above and $state/log/$name.log"
		fi
		sleep 0.1
	done
}

random_secret() { # prints 32 hexadecimal digits
	od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

# -- database: a private MariaDB that listens on a UNIX socket only; its root is the user who runs ./dev

configure_mariadb() {
	mkdir -p "$state/tmp" # its own: two servers that share a folder delete each other's temporary tables
	cat >"$state/mariadb.cnf" <<EOF
[mariadbd]
datadir=$state/db
tmpdir=$state/tmp
socket=$state/db/mysql.sock
pid-file=$state/db/mariadbd.pid
user=$(id -un)
skip-networking
skip-name-resolve
default-time-zone=+00:00
sql-mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION
performance-schema=OFF
innodb-buffer-pool-size=64M
innodb-log-file-size=16M
max-connections=200
EOF
	cat >"$state/mysql-root.cnf" <<EOF
[client]
socket=$state/db/mysql.sock
user=$(id -un)
EOF
}

# The data folder is made aside, so that one which exists is complete.
create_database_files() {
	[ ! -d "$state/db" ] || return 0
	rm -rf "$state/db.new"
	sed "s#$state/db#$state/db.new#" "$state/mariadb.cnf" >"$state/mariadb-new.cnf"
	mariadb-install-db --defaults-file="$state/mariadb-new.cnf" --auth-root-authentication-method=socket \
		--auth-root-socket-user="$(id -un)" --skip-test-db --skip-name-resolve >"$state/log/mariadb-install.log" 2>&1 || {
		log_end mariadb-install
		die "the database's files could not be made; see the lines above"
	}
	rm -f "$state/mariadb-new.cnf"
	mv "$state/db.new" "$state/db"
}

start_mariadb() {
	start_part mariadb mariadbd --defaults-file="$state/mariadb.cnf"
	await_part mariadb 60 mariadb_answers
}

fill_database() {
	local log=$state/log/sql.log addresses=() a
	for a in "${listen[@]}"; do
		[[ $a != *:* ]] || a="[$a]"
		addresses+=(--address "$a")
	done
	if [ ! -f "$state/passwords" ]; then
		printf 'aeta_sip %s\naeta_admin %s\n' "$(random_secret)" "$(random_secret)" >"$state/passwords.new"
		mv "$state/passwords.new" "$state/passwords"
	fi
	grep -q '^aeta_web ' "$state/passwords" || echo "aeta_web $(random_secret)" >>"$state/passwords" # of a service that had no web admin yet
	"$root/sql/install.sh" --defaults "$state/mysql-root.cnf" --passwords "$state/passwords" >"$log" 2>&1 &&
		"$root/sql/demo.sh" --defaults "$state/mysql-root.cnf" --credentials "$state/credentials" --realm "$realm" \
			"${addresses[@]}" --relay default="$(relay_url relay)" --relay default="$(relay_url relay-fr)" \
			--relay fr="$(relay_url relay-fr)" --relay fr="$(relay_url relay)" >>"$log" 2>&1 || {
		log_end sql
		die "the database could not be filled; see the lines above"
	}
}

db_password() { # USER
	sed -n "s/^$1 //p" "$state/passwords"
}

account_password() { # NUMBER: prints it
	sed -n "s/^$1 //p" "$state/credentials"
}

configure_admin() {
	cat >"$state/mysql-admin.cnf" <<EOF
[client]
socket=$state/db/mysql.sock
user=aeta_admin
password=$(db_password aeta_admin)
EOF
	cat >"$state/aetactl.conf" <<EOF
db_socket = $state/db/mysql.sock
db_name = aeta
db_user = aeta_admin
db_password = $(db_password aeta_admin)
realm = $realm
rpc_socket = $state/kamailio_rpc.sock
$(mail_settings)
EOF
}

# The mail server, from the environment: nothing where none is given, and mails wait.
mail_settings() {
	local key name
	for key in smtp_url smtp_user smtp_password smtp_tls smtp_ca mail_from mail_reply_to; do
		name=AETA_${key^^}
		[ -z "${!name:-}" ] || echo "$key = ${!name}"
	done
}

# -- STUN: coturn without TURN. A second address lets agents find out how their NAT behaves (RFC 5780).

start_coturn() {
	{
		echo "stun-only"
		local a
		for a in "${listen[@]}" ${second:+"$second"}; do
			echo "listening-ip=$a"
		done
		cat <<EOF
listening-port=3478
alt-listening-port=3479
no-tls
no-dtls
no-cli
log-file=stdout
pidfile=$state/coturn-own.pid
userdb=$state/turndb
relay-threads=1
EOF
	} >"$state/coturn.conf"
	start_part coturn turnserver -c "$state/coturn.conf"
	await_part coturn 15 probe_coturn "${listen[@]}"
}

# -- relays: "relay" of the default set, "relay-fr" of the set fr; each is the second one of the other's set. Their control and
# health ports are on loopback only, on the service's own address if that is one, so that several services do not meet.

relay_host() {
	if is_loopback "$address"; then echo "$address"; else echo 127.0.0.1; fi
}

relay_url() { # NAME
	echo "udp:$(relay_host):${relay_ng[$1]}"
}

configure_relay() { # NAME
	local a first last
	read -r first last <<<"${relay_ports[$1]}"
	{
		echo "[aeta-relay]"
		for a in "${listen[@]}"; do
			echo "interface = $a"
		done
		cat <<EOF
port-min = $first
port-max = $last
listen-ng = $(relay_host):${relay_ng[$1]}
listen-http = $(relay_host):${relay_http[$1]}
timeout = $(site_value SITE_SILENT_S 300)
silent-timeout = 31536000
offer-timeout = 1200
drain-timeout = 0
state-dir = $state/$1.calls
offload = $offload
user = $(id -u):$(id -g)
foreground = yes
log-stderr = yes
EOF
	} >"$state/$1.conf"
}

run_relay() { # NAME
	start_part "$1" "$root/build/dev/relay/aeta-relay" --config-file "$state/$1.conf"
}

# A relay that ends leaves its streams to the next one in the kernel; when the whole service stops, and forgets its calls, there is none.
sweep_relay() { # NAME
	[ ! -f "$state/$1.conf" ] || "$root/build/dev/relay/aeta-relay" --config-file "$state/$1.conf" --sweep >>"$state/log/$1.log" 2>&1 || true
}

start_relay() { # NAME
	configure_relay "$1"
	rm -rf "$state/$1.calls"
	run_relay "$1"
	await_part "$1" 15 probe_relay "$1"
}

# -- SIP

start_kamailio() {
	write_site
	rm -f "$state/kamailio_ctl" "$state/kamailio_rpc.sock"
	start_part kamailio env TZ=UTC "MYSQL_UNIX_PORT=$state/db/mysql.sock" kamailio \
		"--substdef=!SITE_FILE!$state/site.cfg!g" -f "$root/kamailio-cfg/kamailio.cfg" -DD -E -m 128 -M 16 -w "$state" -Y "$state"
	await_part kamailio 30 probe_kamailio "${listen[@]}"
	[ -z "$tls" ] || await_part kamailio 10 probe_tls "$address"
}

# -- the test codec: number 15000, several lines, its programme from the start for every caller

start_testcodec() {
	local folder=$state/testcodec
	mkdir -p "$folder"
	[ -f "$folder/programme.wav" ] || python3 "$root/tests/net/tones.py" programme "$folder/programme.wav" 600
	account_password 15000 | python3 "$root/dev.d/lib/testcodec.py" "$folder" "$address" "$folder/programme.wav" ||
		die "the test codec could not be configured; see above"
	start_part testcodec baresip -f "$folder"
	await_part testcodec 20 probe_testcodec
}
