#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Gets the source of one Debian version of Kamailio, unpacked and configured, into a folder. Kamailio has no -dev package
# and refuses a module that was built against another version or other flags, so the headers must be those of its source.
#
#   kamailio-source.sh DEBIAN_VERSION FOLDER      e.g. kamailio-source.sh 5.6.3-2 .deps/kamailio-5.6.3-2
#   kamailio-source.sh --configure FOLDER         only configures a source tree that is there already
#
# Where the source comes from: the machine's own apt sources, with deb-src in place of deb, in apt lists of our own.
# Needs apt, dpkg-dev, make and a compiler; no root. Run again, it does nothing.
set -eu

say() { echo "kamailio-source: $*"; }
die() {
	echo "kamailio-source: $*" >&2
	exit 1
}

# Kamailio's own configuration step; it writes the defines of a build into src/config.mak.
configure() {
	[ -f "$1/src/core/sr_module.h" ] || die "$1 is no Kamailio source tree (no src/core/sr_module.h)"
	[ -f "$1/src/config.mak" ] && return 0
	say "configuring $1"
	make -C "$1" cfg prefix=/usr FLAVOUR=kamailio >"$1/configure.log" 2>&1 ||
		die "make cfg failed, see $1/configure.log"
	[ -f "$1/src/config.mak" ] || die "make cfg wrote no src/config.mak, see $1/configure.log"
}

# The machine's sources with deb-src in place of deb, for both file formats of apt.
source_lists() {
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -r "$file" ] || continue
		sed -n 's/^[[:space:]]*deb\(-src\)\{0,1\}[[:space:]]/deb-src /p' "$file" | sort -u \
			>"$work/sources/$(basename "$file" .list).list"
	done
	for file in /etc/apt/sources.list.d/*.sources; do
		[ -r "$file" ] || continue
		sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/sources/$(basename "$file")"
	done
}

apt() {
	apt-get -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/sources" \
		-o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o Debug::NoLocking=1 \
		-o APT::Sandbox::User=root -o APT::Get::List-Cleanup=0 "$@"
}

# The checksums are in the .dsc, whose own checksum apt has taken from the signed index.
verify() {
	sed -n '/^Checksums-Sha256:/,/^[^ ]/s/^ \([0-9a-f]\{64\}\) [0-9]* \(.*\)/\1  \2/p' "$1" >SHA256
	[ -s SHA256 ] || die "$1 names no files"
	sha256sum --quiet -c SHA256 || die "a file of the source package is missing or damaged (see $work)"
}

download() {
	rm -rf "$work" # what an attempt that failed has left: the sources may have changed since
	mkdir -p "$work/sources" "$work/lists" "$work/cache/archives/partial"
	source_lists
	say "reading the source index of the machine's apt sources"
	# A source without deb-src makes this fail for that source only; what counts is whether ours is found.
	apt update >"$work/update.log" 2>&1 || true
	say "downloading kamailio $version"
	cd "$work"
	apt source --download-only "kamailio=$version" >"$work/download.log" 2>&1 || true
	[ -f "kamailio_$bare.dsc" ] || {
		tail -n 3 "$work/update.log" "$work/download.log" >&2
		die "no apt source of this machine has the source of kamailio $version; unpack it by hand and give -DKAMAILIO_SRC=FOLDER"
	}
	# Upstream's detached signature is listed but not always there. It is not needed: the checksums are checked.
	sed '/\.asc$/d' "kamailio_$bare.dsc" >plain.dsc
	verify plain.dsc
}

if [ $# -eq 2 ] && [ "$1" = --configure ]; then
	configure "$2"
	exit 0
fi
[ $# -eq 2 ] || die "usage: kamailio-source.sh DEBIAN_VERSION FOLDER | --configure FOLDER"
version=$1
bare=${version#*:}
mkdir -p "$(dirname "$2")"
folder=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
[ -f "$folder/.complete" ] && exit 0
# Two builds may begin at once; the second waits, and finds it done.
exec 9>"$folder.lock"
flock 9
[ -f "$folder/.complete" ] && exit 0
for tool in apt-get dpkg-source flock make sha256sum; do
	command -v "$tool" >/dev/null || die "$tool is needed (apt-get install dpkg-dev make)"
done
work=$folder.download
download
say "unpacking into $folder"
rm -rf "$folder"
dpkg-source --no-check --no-copy -x plain.dsc "$folder" >"$work/unpack.log" 2>&1 || die "cannot unpack, see $work/unpack.log"
configure "$folder"
touch "$folder/.complete"
cd /
rm -rf "$work"
say "kamailio $version is ready"
