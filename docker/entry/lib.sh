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

# The mail server, for the configuration of aetactl and of aeta-admin; nothing where none is given.
mail_settings() {
	local key name
	for key in smtp_url smtp_user smtp_password smtp_tls smtp_ca mail_from mail_reply_to; do
		name=AETA_${key^^}
		[ -z "${!name:-}" ] || echo "$key = ${!name}"
	done
}

need_address() {
	[[ ${AETA_ADDRESS:-} =~ ^[0-9.]+$ ]] || die "AETA_ADDRESS must be the IPv4 address of this machine that agents use; it is '${AETA_ADDRESS:-}'"
}
