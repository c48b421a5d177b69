# SPDX-License-Identifier: GPL-2.0-or-later
"""Values that have broken web pages and spreadsheets elsewhere. The seeded database holds them wherever a person or an agent may
write; a page must show them as the text that they are."""

# Run, it says so: the tests read window.trapped on every page, which must not exist.
SCRIPT = "<script>window.trapped='%s'</script>"
IMAGE = '"><img src=x onerror="window.trapped=\'%s\'">'
CLOSING = "</title></textarea></table>'\"><svg onload=window.trapped='%s'>"

RIGHT_TO_LEFT = "راديو \u202eexe.oidar\u202c"
HEBREW = "רדיו קול 1"
ACCENTS = "Rädio “Nørd” & Söhne <Zürich>"
LONG_WORD = "W" * 64                   # nowhere to break a line
LONG_TEXT = "A name that goes on and on to sixty-four characters and no more!"
EMOJI = "Studio 🎙️ 2"
BLANKS = "two  blanks\tand a tab"
PERCENT = "100% _sure_ \\ 'quoted' \"twice\""
TEMPLATE = "{{7*7}} ${7*7} %s %n ../../etc/passwd"
LATIN1 = b"Quantum \xe9\xff\x01"       # no UTF-8

# What a spreadsheet would run.
FORMULAS = ("=HYPERLINK(\"http://trap.example/\",\"click\")", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "=cmd|' /C calc'!A0")


def script(place):
	return SCRIPT % place


def image(place):
	return IMAGE % place
