# SPDX-License-Identifier: GPL-2.0-or-later
# Kamailio's headers, as the target `kamailio_headers`: include path, defines and libraries of a module.
#
#   KAMAILIO_SRC    an unpacked source tree of the very version that is installed (cache variable or environment);
#                   without it the source is fetched by kamailio-source.sh into .deps/
#   KAMAILIO_BIN    the kamailio program that is to load the module
#   KAMAILIO_CHECK  compare version and flags with that program (OFF to compile for another one)
find_program(KAMAILIO_BIN kamailio PATHS /usr/sbin /usr/local/sbin DOC "The kamailio program")
option(KAMAILIO_CHECK "Refuse headers that do not match the installed kamailio" ON)
set(KAMAILIO_SRC "$ENV{KAMAILIO_SRC}" CACHE PATH "Unpacked Kamailio source; empty = fetch it")
set(KAMAILIO_TOOL ${CMAKE_CURRENT_LIST_DIR}/kamailio-source.sh)

function(kamailio_run)
	execute_process(COMMAND ${ARGN} RESULT_VARIABLE status)
	if(NOT status EQUAL 0)
		list(JOIN ARGN " " command)
		message(FATAL_ERROR "Failed: ${command}")
	endif()
endfunction()

# The source tree: given, or of the Debian version that is installed.
if(KAMAILIO_SRC)
	kamailio_run(sh ${KAMAILIO_TOOL} --configure ${KAMAILIO_SRC})
	set(kamailio_tree ${KAMAILIO_SRC})
else()
	execute_process(COMMAND dpkg-query -W "-f=\${source:Version}" kamailio OUTPUT_VARIABLE kamailio_deb ERROR_QUIET)
	if(NOT kamailio_deb)
		message(FATAL_ERROR "The package kamailio is not installed, so there is nothing to build the module for. "
			"Install it, or give -DKAMAILIO_SRC=FOLDER -DKAMAILIO_BIN=PROGRAM, or build without the module: -DAETA_MODULE=OFF.")
	endif()
	string(REGEX REPLACE "^[0-9]+:" "" kamailio_bare "${kamailio_deb}")
	set(kamailio_tree ${CMAKE_SOURCE_DIR}/.deps/kamailio-${kamailio_bare})
	kamailio_run(sh ${KAMAILIO_TOOL} ${kamailio_deb} ${kamailio_tree})
endif()

# The defines of a module: C_DEFS and the mutex options of config.mak, whose quotes are the shell's.
file(STRINGS ${kamailio_tree}/src/config.mak kamailio_lines REGEX "^(C_DEFS|CC_PMUTEX_OPTS)=")
string(REGEX REPLACE "(^|;)[A-Z_]+=" " " kamailio_lines "${kamailio_lines}")
separate_arguments(kamailio_flags UNIX_COMMAND "${kamailio_lines}")
if(NOT kamailio_flags)
	message(FATAL_ERROR "${kamailio_tree}/src/config.mak has no C_DEFS")
endif()

# A module is refused by the core unless both strings are the core's own; find out now rather than at the first start.
if(KAMAILIO_CHECK)
	set(kamailio_probe ${CMAKE_BINARY_DIR}/kamailio-probe)
	file(WRITE ${kamailio_probe}.c "#include <stdio.h>\n#include \"core/ver_defs.h\"\n"
		"int main(void)\n{\n\treturn printf(\"version: %s\\nflags: %s\\n\", SER_FULL_VERSION, SER_COMPILE_FLAGS) < 0;\n}\n")
	kamailio_run(${CMAKE_C_COMPILER} -w ${kamailio_flags} -I${kamailio_tree}/src -o ${kamailio_probe} ${kamailio_probe}.c)
	execute_process(COMMAND ${kamailio_probe} OUTPUT_VARIABLE kamailio_ours)
	execute_process(COMMAND ${KAMAILIO_BIN} -V OUTPUT_VARIABLE kamailio_theirs ERROR_QUIET)
	foreach(word version flags)
		string(REGEX MATCH "${word}: ([^\n]*)" ignored "${kamailio_ours}")
		string(STRIP "${CMAKE_MATCH_1}" ours)
		string(REGEX MATCH "${word}: ([^\n]*)" ignored "${kamailio_theirs}")
		string(STRIP "${CMAKE_MATCH_1}" theirs)
		if(NOT ours STREQUAL theirs)
			message(FATAL_ERROR "Kamailio's source and program do not match: the module would be refused.\n"
				"  ${word} of ${kamailio_tree}: ${ours}\n  ${word} of ${KAMAILIO_BIN}: ${theirs}\n"
				"Give the matching -DKAMAILIO_SRC / -DKAMAILIO_BIN, or -DKAMAILIO_CHECK=OFF to compile only.")
		endif()
	endforeach()
endif()

add_library(kamailio_headers INTERFACE)
target_include_directories(kamailio_headers SYSTEM INTERFACE ${kamailio_tree}/src)
# Its macros and structures take string literals as char *, and its table of functions holds every signature in one type.
target_compile_options(kamailio_headers INTERFACE ${kamailio_flags} -Wno-write-strings -Wno-cast-function-type)

# The database API is compiled into the program from 6.0 on, and is a library beside the modules before that.
file(STRINGS ${kamailio_tree}/src/Makefile.sources kamailio_inside REGEX "lib/srdb1")
if(NOT kamailio_inside)
	find_library(KAMAILIO_SRDB1 NAMES libsrdb1.so.1 REQUIRED NO_DEFAULT_PATH
		PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/kamailio /usr/lib/kamailio)
	cmake_path(GET KAMAILIO_SRDB1 PARENT_PATH kamailio_rpath)
	target_link_libraries(kamailio_headers INTERFACE ${KAMAILIO_SRDB1})
	target_link_options(kamailio_headers INTERFACE LINKER:-rpath,${kamailio_rpath})
endif()
