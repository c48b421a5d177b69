# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Which of Debian's packages a verb needs, and why. One row a package: verbs | package | why
# A verb that builds or runs the service first has the rows of `build` and `up` too (see need_packages).

package_table() {
	cat <<'EOF'
build       | cmake                     | configures the build
build       | ninja-build               | runs it
build       | gcc                       | compiles it
build       | libc6-dev                 | the C library's headers
build       | make                      | configures Kamailio's source, whose headers the module needs
build       | dpkg-dev                  | fetches and unpacks that source
build       | pkg-config                | finds libraries
build       | libmariadb-dev            | database client library of aetactl
build       | libjansson-dev            | JSON for aetactl
build       | nettle-dev                | digests for aetactl's credentials
build       | libmicrohttpd-dev         | HTTP for the relay and the web administration
build       | libsodium-dev             | the web administration's passwords
build       | liboath-dev               | its second factor
build       | libqrencode-dev           | and the picture that an authenticator app takes it from
build       | libcurl4-gnutls-dev       | sends mails
build       | clang                     | compiles the relay's programs in the kernel
build       | bpftool                   | makes them part of the relay
build       | libbpf-dev                | loads them
build       | kamailio                  | the SIP server; the module is built for the very version that is installed
up          | kamailio-mysql-modules    | Kamailio's database driver, and its table definitions
up          | kamailio-tls-modules      | SIP over TLS
up          | mariadb-server-core       | the database server, without the distribution's service
up          | mariadb-client-core       | its command line client
up          | coturn                    | the STUN server
up          | baresip-core              | the test codec, and the agents of ./dev call
up          | python3                   | makes the test programme, drives the agents of ./dev call
up          | openssl                   | passwords, and the certificate of --tls
up          | iproute2                  | ss: who uses a port; ip: the machine's addresses
up          | procps                    | ps
up          | util-linux                | flock, setsid, setpriv
test        | libclang-rt-dev           | run time and sanitizers of the fuzz targets
build       | nodejs                    | runs npm
build       | npm                       | fetches htmx for the web admin
build       | check                     | unit tests
build       | libsubunit-dev            | what that one links with
test        | python3-pytest            | integration tests
test        | kamailio-sqlite-modules   | the module with another database
test        | kamailio-python3-modules  | the module's functions from a KEMI script
test        | libxml2-utils             | checks the module's manual
test        | docbook-xml               | against its document type
test        | sip-tester                | sipp: SIP calls by script
bench       | sip-tester                | the same, as the load of ./dev bench sip
bench       | rtpengine-daemon          | the peer of ./dev bench relay
bench       | ethtool                   | virtual devices that receive as a card does, for the same
bench       | nftables                  | address translation, a peer of the same
test        | rtpengine-daemon          | the relay that ours must be interchangeable with
test        | sipvicious                | what strangers try accounts and passwords with
test        | docker.io                 | what docker/compose.yaml is tried with
test        | docker-compose            | the same
test        | debootstrap               | its base image
test        | strace                    | shows that no secret reaches a command line
test        | zsh                       | completes aetactl
test        | systemd                   | finds fault with units
test        | man-db                    | shows its manual page
test        | mandoc                    | finds fault with it
test        | curl                      | asks the web admin in another network namespace
test        | tshark                    | reads the pcap of a trace
test        | python3-aiosmtpd          | the mail server that mails are sent to
test        | chromium                  | the browser that tries the web admin, driven by Playwright, which npm fetches
test        | fonts-dejavu-core         | what it writes with
matrix      | nftables                  | NATs and firewalls of every kind
stock       | rtpengine-daemon          | what ./dev matrix --stock compares with
test        | nftables                  | address translation in network namespaces
soak        | debootstrap               | a tree of Debian 13
soak        | qemu-system-x86           | boots Debian 12's kernel
soak        | busybox-static            | what it boots into
EOF
}

# Installed, or what it is there for comes with another package that is (npm with the Node.js of its makers, which Debian's
# npm cannot be installed beside).
installed() { # PACKAGE
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ] || provided "$1"
}

provided() { # PACKAGE
	dpkg-query -W -f='${db:Status-Status} ${Provides}\n' |
		awk -v name="$1" '$1 == "installed" { gsub(/,| *\([^)]*\)/, " "); for (i = 2; i <= NF; i++) if ($i == name) found = 1 }
			END { exit !found }'
}

# Installs what is missing for the given verbs. Dies with the exact command where that is not possible.
need_packages() { # VERB…
	local verb verbs package why missing=()
	command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
		die "this machine has no apt-get: ./dev needs Debian 12 or newer" 3
	while IFS='|' read -r verb package why; do
		verb=${verb// /} package=${package// /}
		for verbs in "$@"; do
			if [ "$verb" = "$verbs" ] && ! installed "$package"; then
				missing+=("$package")
				say "  missing: $package ($(echo $why))"
			fi
		done
	done < <(package_table)
	[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

install_packages() { # PACKAGE…
	local as_root=() manual="apt-get update && apt-get install --no-install-recommends $*"
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null ||
			die "packages are missing, and there is neither root nor sudo to install them. As root, run: $manual" 3
		as_root=(sudo)
	fi
	step "Installing $# packages"
	if ! ${as_root[@]+"${as_root[@]}"} bash "$root/dev.d/lib/install-packages" "$@" >&"$progress_fd"; then
		die "packages could not be installed (apt's error is above). Once its cause is mended, run this again, or as root: $manual" 3
	fi
}
