# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a C file of the files that browsers fetch: cmake -DOUT=static.c "-DFILES=a;b" -P embed.cmake. A file that is not there is left out.
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")
set(arrays "")
set(rows "")
set(n 0)
foreach(path IN LISTS FILES)
	if(NOT EXISTS "${path}")
		continue()
	endif()
	get_filename_component(name "${path}" NAME)
	file(READ "${path}" hex HEX)
	file(SHA256 "${path}" tag)
	string(SUBSTRING "${tag}" 0 16 tag)
	string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
	string(REGEX MATCH "[a-z]+$" extension "${name}")
	string(APPEND arrays "static const unsigned char file_${n}[] = {${bytes}};\n")
	string(APPEND rows "\t{\"${name}\", \"${type_${extension}}\", \"${tag}\", file_${n}, sizeof(file_${n})},\n")
	math(EXPR n "${n} + 1")
endforeach()
file(WRITE "${OUT}" "/* Made by embed.cmake. */
#include \"static.h\"

#include <string.h>

${arrays}
static const struct static_file files[] = {
${rows}};

const struct static_file *static_find(const char *name)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (!strcmp(files[i].name, name))
			return &files[i];
	}
	return NULL;
}
")
