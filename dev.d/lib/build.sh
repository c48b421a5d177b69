# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Configure and compile one preset; the compiler's words are shown only when it fails.

build() { # PRESET
	local log=$root/build/$1.log options=()
	mkdir -p "$root/build"
	step "Building ($1)"
	# Fuzz targets are of the pure code. (A sanitized module is loaded with libasan before it: tests/hostile/sanitized.py.)
	[ "$1" != fuzz ] || options=(-DAETA_MODULE=OFF -DAETA_RELAY=OFF)
	[ "$1" != asan ] || options=(-DAETA_MODULE=ON)
	# Two builds of one preset at a time would write the same files.
	if ! (
		cd "$root"
		flock 7
		cmake --preset "$1" ${options[@]+"${options[@]}"} && cmake --build --preset "$1"
	) 7>"$root/build/$1.lock" >"$log" 2>&1; then
		tail -n 40 "$log" | sed 's/^/    /' >&2
		die "the build ($1) failed; all of the compiler's words are in $log"
	fi
}
