# SPDX-License-Identifier: GPL-2.0-or-later
"""What the soaks have in common: a service in a network namespace, rows at the end."""
import contextlib
import json
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "sip")]

from netns import Namespace  # noqa: E402
from service import Service  # noqa: E402
from universe import Universe  # noqa: E402


@contextlib.contextmanager
def running(prefix):
	"""The service, holding the universe of tests/policy.tbl; its folder stays, for its log."""
	namespace, service = Namespace(), Service(pathlib.Path(tempfile.mkdtemp(prefix=prefix)))
	try:
		service.start()
		service.load(Universe())
		yield service
	except AssertionError:
		print(f"Kamailio's log: {service.folder}/kamailio.log", file=sys.stderr)
		raise
	finally:
		service.stop()
		namespace.leave()


def report(case, figures, as_json):
	"""Prints (metric, value, unit) as people or programs want it."""
	rows = [{"case": case, "metric": metric, "value": value, "unit": unit} for metric, value, unit in figures]
	if as_json:
		print(json.dumps({"rows": rows, "ratios": []}))
	else:
		for row in rows:
			print(f"{row['metric']:40} {row['value']} {row['unit']}")
