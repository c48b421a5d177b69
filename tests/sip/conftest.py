# SPDX-License-Identifier: GPL-2.0-or-later
"""One service for the whole run, in a network namespace of its own, holding the universe of tests/policy.tbl."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from fixtures import agent, alice, bob, folder, kamailio_options, service, stranger, unharmed  # noqa: E402, F401
