# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual names everything that the module exports, and nothing else; README is what it makes."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from kam import ROOT

MODULE = ROOT / "modules/aeta"
MANUAL = "".join((MODULE / "doc" / name).read_text() for name in ("aeta_admin.xml", "aeta_tables.xml"))


def found(pattern, *files):
    return {m for name in files for m in re.findall(pattern, (MODULE / name).read_text())}


def documented(letter):
    return set(re.findall(rf'id="aeta\.{letter}\.([^"]+)"', MANUAL))


EXPORTS = {
    "f": lambda: found(r'\{"(aeta_\w+)", \(cmd_function\)', "functions.c"),
    "p": lambda: found(r'\{"(\w+)", PARAM_\w+,', "aeta_mod.c"),
    "r": lambda: found(r'\{"(aeta\.\w+)", (?:aeta_)?rpc_', "rpc.c", "trace.c"),
    "v": lambda: found(r'\[[A-Z_]+\] = "(\w+)",', "pv.c") - {"refuse", "route"},
    "s": lambda: found(r'\{&\w+(?:\[\w+\])?, "(\w+)",', "stats.c") | {"refused_", "relayed_"},
    "rule": lambda: found(r'X\((?!NONE)\w+, "([\w-]+)"', "policy/verdict.h"),
    "reason": lambda: found(r'X\(\w+, "([\w-]+)"', "policy/media.h"),
}


@pytest.mark.parametrize("letter", EXPORTS)
def test_everything_exported_is_documented(letter):
    exported = EXPORTS[letter]()
    assert len(exported) > 3 and documented(letter) == exported


def test_rules_have_their_code_and_text():
    for code, promise, text in found(r'X\((?!NONE)\w+, "[\w-]+", (\d+), "([^"]+)", "([^"]+)"\)', "policy/verdict.h"):
        assert f"{text} ({promise})" in MANUAL and (code == "0" or code in MANUAL)


def test_reasons_have_their_text():
    for name, text in found(r'X\(\w+, "([\w-]+)", "([^"]+)"\)', "policy/media.h"):
        assert f"<term>{name}</term><listitem><para>{text}</para>" in MANUAL


def test_kemi_names_are_documented():
    commands = {name.removeprefix("aeta_") for name in EXPORTS["f"]()}
    for name in found(r'KEMI\("(\w+)"', "functions.c") - commands:
        assert f"{name}(" in MANUAL


def test_readme_is_up_to_date():
    made = subprocess.run(["/usr/bin/python3", MODULE / "doc/readme.py", MODULE / "doc/aeta.xml"], capture_output=True, text=True,
                          check=True).stdout
    assert (MODULE / "README").read_text() == made, "run: cmake --build build/dev --target aeta-readme"
    assert not [line for line in made.split("\n") if len(line) > 100]


@pytest.mark.skipif(not shutil.which("xmllint") or not Path("/usr/share/xml/docbook/schema/dtd/4.4").exists(),
                    reason="libxml2-utils or docbook-xml is not installed")
def test_manual_is_valid_docbook():
    subprocess.run(["xmllint", "--noout", "--nonet", "--xinclude", "--postvalid", MODULE / "doc/aeta.xml"], check=True)
