# SPDX-License-Identifier: GPL-2.0-or-later
# The manual as text; the README is committed, and a test says when it is not what the sources make.
add_custom_target(aeta-readme
	COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/readme.py ${CMAKE_CURRENT_LIST_DIR}/aeta.xml > ${CMAKE_CURRENT_SOURCE_DIR}/README
	COMMENT "Writing modules/aeta/README from its manual" VERBATIM)
