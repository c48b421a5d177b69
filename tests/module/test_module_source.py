# SPDX-License-Identifier: GPL-2.0-or-later
"""The script that gets Kamailio's source: what it does without a network, and what it says when it cannot."""
import os
import subprocess

from kam import ROOT

SCRIPT = ROOT / "modules/aeta/cmake/kamailio-source.sh"


def run(*args, **env):
    return subprocess.run(["sh", SCRIPT, *map(str, args)], capture_output=True, text=True, env={**os.environ, **env})


def test_does_nothing_the_second_time(tmp_path):
    tree = tmp_path / "kamailio-1.2.3"
    tree.mkdir()
    (tree / ".complete").touch()
    done = run("1.2.3", tree)
    assert done.returncode == 0 and not done.stdout and not done.stderr


def test_says_what_is_wrong_with_a_folder(tmp_path):
    done = run("--configure", tmp_path)
    assert done.returncode == 1 and "is no Kamailio source tree" in done.stderr


def test_configured_tree_is_left_alone(tmp_path):
    (tmp_path / "src/core").mkdir(parents=True)
    (tmp_path / "src/core/sr_module.h").touch()
    (tmp_path / "src/config.mak").write_text("C_DEFS=\n")
    assert run("--configure", tmp_path).returncode == 0


def test_usage():
    done = run()
    assert done.returncode == 1 and "usage:" in done.stderr


def test_names_the_missing_tool(tmp_path):
    """With no apt in the PATH."""
    for tool in ("dirname", "basename", "mkdir", "sh", "flock", "rm"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    done = subprocess.run(["/bin/sh", SCRIPT, "1.2.3", tmp_path / "out"], capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert done.returncode == 1 and "apt-get is needed" in done.stderr
