# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the entry points of the containers share.

say() {
	printf '%s: %s\n' "$(basename "$0")" "$1" >&2
}

die() {
	say "$1"
	exit 1
}

random_secret() { # prints 32 hexadecimal digits
	od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

need_address() {
	[[ ${AETA_ADDRESS:-} =~ ^[0-9.]+$ ]] || die "AETA_ADDRESS must be the IPv4 address of this machine that agents use; it is '${AETA_ADDRESS:-}'"
}
