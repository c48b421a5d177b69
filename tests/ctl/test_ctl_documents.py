# SPDX-License-Identifier: GPL-2.0-or-later
"""Shell completion and the manual page: made from the tables of commands, so every command and argument is in them."""

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import time

import pytest

from aetactl import binary
from test_ctl_people import commands

COMPLETE = """complete_it() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _aetactl_words; echo "${COMPREPLY[*]}"; }
"""


def document(*words):
    done = subprocess.run([binary(), *words], capture_output=True, text=True, env={**os.environ, "AETACTL_CONF": "/nonexistent"})
    assert done.returncode == 0 and done.stderr == "", done
    return done.stdout


def test_the_version_is_that_of_the_manual():
    version = document("--version")
    assert re.fullmatch(r"aetactl \d+\.\d+\.\d+\S*\n", version), version
    assert version.strip() in document("manual").splitlines()[0]


def completed(*lines):
    """What bash offers for each command line, the last word of it being what is completed: a list of words a line."""
    script = document("completion", "bash") + COMPLETE
    script += "".join("complete_it aetactl " + " ".join(shlex.quote(str(word)) for word in line) + "\n" for line in lines)
    done = subprocess.run(["bash", "--norc"], input=script, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done
    return [line.split() for line in done.stdout.splitlines()]


def arguments(ctl, words):
    """The rows of a command's help: (name, what stands for its value, or "", help)."""
    rows = [re.fullmatch(r"  (\S+)( (\S+))? +(.*)", line) for line in ctl("help", *words).out.splitlines()[2:]]
    return [(row[1], row[3] or "", row[4]) for row in rows]


def test_bash_offers_every_command_and_option(ctl):
    known = [words for words in commands(ctl) if words != ["help"]]
    nouns = completed([""])[0]
    assert set(nouns) == {words[0] for words in known} | {"help", "--config", "--json", "--help", "--version"}
    offered = completed(*[[*words, ""] for words in known], *[[words[0], ""] for words in known],
                        *[["help", words[0], ""] for words in known])
    for i, words in enumerate(known):
        options = {name for name, _, _ in arguments(ctl, words) if name.startswith("--")}
        assert options <= set(offered[i]), words
        for noun_alone in (offered[len(known) + i], offered[2 * len(known) + i]):
            assert words[1:] == [] or words[1] in noun_alone, words


def test_bash_offers_the_words_of_every_value(ctl):
    lines, expected = [], []
    for words in commands(ctl):
        for name, value, _ in arguments(ctl, words):
            if name.startswith("--") and value:
                lines.append([*words, name, ""])
                expected.append(value.split("|") if "|" in value else [])
    assert len(lines) > 50
    for line, offered, want in zip(lines, completed(*lines), expected):
        assert offered == want or line[-2] in ("--out", "--credentials"), (line, offered)


def test_bash_offers_what_fits(tmp_path):
    (tmp_path / "aetactl.conf").touch()
    offered = completed(["account", "s"], ["--json", "--config", "x", "group", "set", "4567", "--hunting", "o"],
                        ["account", "add", "1", "--kind", "factory", "--k"], ["help", "account", "add", "--"],
                        ["--config", f"{tmp_path}/aeta"], ["completion", ""], ["trace", "4567", "--min"], ["no-such", ""])
    assert offered == [["show", "set", "suspend"], ["on", "off"], [], [], [f"{tmp_path}/aetactl.conf"],
                       ["bash", "zsh", "--json", "--help"], ["--minutes"], []]


class Terminal:
    """A shell at a terminal of its own."""

    def __init__(self, *command, **environment):
        self.process, self.fd = pty.fork()
        if self.process == 0:
            os.execvpe(command[0], command, {**os.environ, "TERM": "dumb", "COLUMNS": "200", **environment})
        self.seen = ""

    def type(self, text):
        self.seen = ""
        os.write(self.fd, text.encode())

    def expect(self, words, wait_s=60):
        end = time.monotonic() + wait_s
        while words not in self.seen:
            assert time.monotonic() < end, f"{words!r} is not in {self.seen!r}"
            if select.select([self.fd], [], [], 1)[0]:
                self.seen += os.read(self.fd, 4096).decode(errors="replace")

    def close(self):
        os.close(self.fd)
        os.waitpid(self.process, 0)


@pytest.fixture
def shell(tmp_path):
    """Begins a shell; it finds aetactl in its PATH."""
    running = []

    def begin(*command):
        running.append(Terminal(*command, HOME=str(tmp_path), ZDOTDIR=str(tmp_path), HISTFILE="",
                                PATH=f"{os.path.dirname(binary())}:{os.environ['PATH']}"))
        return running[-1]
    yield begin
    for terminal in running:
        terminal.close()


def try_it(terminal):
    """The key TAB, as a person presses it; Ctrl-U begins anew."""
    terminal.expect("ready")
    for typed, whole in (("aetactl acc", "aetactl account "), ("aetactl account add 1 --kind fac", "--kind factory "),
                         ("aetactl help nu", "aetactl help number ")):
        terminal.type(f"\x15{typed}\t")
        terminal.expect(whole)
    terminal.type("\x15exit\n")


def test_the_tab_key_in_bash(shell):
    terminal = shell("bash", "--norc", "--noprofile", "-i")
    terminal.type("source <(aetactl completion bash); echo re''ady\n")
    try_it(terminal)


@pytest.mark.parametrize("begin", ["fpath=($HOME $fpath); autoload -U compinit; compinit -u -d $HOME/dump",  # by the file's name
                                   "autoload -U compinit; compinit -u -d $HOME/dump; source $HOME/_aetactl"])
def test_the_tab_key_in_zsh(shell, tmp_path, begin):
    (tmp_path / "_aetactl").write_text(document("completion", "zsh"))
    terminal = shell("zsh", "-f", "-i")
    terminal.type(f"{begin}; echo re''ady\n")
    try_it(terminal)


def plain_manual(tmp_path):
    page = tmp_path / "aetactl.1"
    page.write_text(document("manual"))
    text = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=1000", str(page)], capture_output=True, text=True, check=True).stdout
    return page, re.sub(r".\x08", "", text)


def test_the_manual_has_every_command_and_argument(ctl, tmp_path):
    text = plain_manual(tmp_path)[1]
    for words in commands(ctl):
        usage = ctl("help", *words).out.splitlines()[0].removeprefix("aetactl ")
        assert usage in text, words
        about = " ".join(text[text.index(usage) + len(usage):].split())
        for name, value, help_ in arguments(ctl, words):
            row = f"{name} {value} {help_}".replace("  ", " ")
            assert row in about, (words, row)
            about = about[about.index(row) + len(row):]


def test_the_manual_is_good_roff(tmp_path):
    page = plain_manual(tmp_path)[0]
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(page)], capture_output=True, text=True)
    assert [line for line in lint.stdout.splitlines() if "missing date" not in line] == []
    shown = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, text=True, env={**os.environ, "MANWIDTH": "100"})
    assert shown.returncode == 0 and shown.stderr == "" and "EXIT STATUS" in shown.stdout


def test_documents_need_no_configuration_and_can_be_json():
    for words in (["completion", "bash"], ["completion", "zsh"], ["manual"]):
        done = subprocess.run([binary(), "--json", *words], capture_output=True, text=True)
        assert done.returncode == 0 and '"text": ' in done.stdout
    full = subprocess.run(f"{binary()} manual >/dev/full", shell=True, capture_output=True, text=True)
    assert full.returncode == 1 and "could not be written" in full.stderr


def test_shells_are_here():
    """What the tests above use is installed (dev.d/lib/packages.sh), so none of them can be left out."""
    assert all(shutil.which(tool) for tool in ("bash", "zsh", "man", "mandoc"))
