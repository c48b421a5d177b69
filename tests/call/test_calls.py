# SPDX-License-Identifier: GPL-2.0-or-later
"""Real calls through the real service, made by ./dev call: who answers, what is heard, what the record says."""
import json
import pathlib
import subprocess

import pytest

LINES = pathlib.Path(__file__).with_name("lines.py")

CODECS = {  # what is offered -> what must have been negotiated, by its exact name
	"opus": "opus/48000/2",
	"mpa": "MPA/48000/2",
	"g722": "G722/16000/1",
	"l16": "L16/48000/1",
	"pcma": "PCMA/8000/1",
	"pcmu": "PCMU/8000/1",
}


@pytest.mark.parametrize("codec", CODECS)
def test_test_codec_in_every_codec(service, codec):
	"""B9: 15000 answers in each of its codecs, and the programme is recognised."""
	result = service.call("45675001", "15000", "--codec", codec)
	assert result["codec"] == CODECS[codec]
	assert result["code"] == 200 and result["answered_by"] == "15000"
	assert result["caller_hears"] is True and result["callee_hears"] is None


def test_test_codec_has_five_lines(service):
	"""B9: five callers at a time, each hears the programme; the sixth hears busy."""
	run = subprocess.run(["ip", "netns", "exec", service.name, "/usr/bin/python3", str(LINES), str(service.state), "127.0.0.1", "6"],
		capture_output=True, text=True, timeout=120)
	assert run.returncode == 0, run.stderr
	outcome = json.loads(run.stdout)
	assert outcome[:5] == ["heard"] * 5 and outcome[5].startswith("486"), outcome


def test_short_number(service):
	"""B3: 5002 dialled in group 4567 is 45675002; both ends hear each other's tone."""
	result = service.call("45675001", "5002")
	assert (result["code"], result["answered_by"], result["path"]) == (200, "45675002", "direct")
	assert result["caller_hears"] is True and result["callee_hears"] is True
	assert 0 < result["setup_ms"] < 5000


def test_full_number_at_a_domain(service):
	"""B2, A3: number@any of our domains."""
	result = service.call("902080", "45995005@sip.example.fr")
	assert (result["code"], result["answered_by"]) == (200, "45995005")
	assert result["caller_hears"] is True and result["callee_hears"] is True


def test_hunting(service):
	"""B7: 6000 rings the series from its first member, which answers."""
	result = service.call("45675001", "6000")
	assert (result["code"], result["answered_by"]) == (200, "45676001")
	assert result["caller_hears"] is True and result["callee_hears"] is True


def test_refused_call_names_its_rule(service):
	"""B8: a member of the series originates nothing; the rule is in the answer."""
	result = service.call("45676001", "45675002", check=1)
	assert result["code"] == 403
	assert result["rule"] and result["rule"] in result["reason"]
	assert result["caller_hears"] is False and result["answered_by"] is None


def test_blocking_and_back(service):
	"""B4, through the administration as a person would do it: ./dev ctl, and the very next call."""
	service.dev("ctl", "group", "set", "4599", "--block-incoming", "on")
	try:
		assert service.call("45675001", "45995005", check=1)["code"] == 403
	finally:
		service.dev("ctl", "group", "set", "4599", "--block-incoming", "off")
	assert service.call("45675001", "45995005")["code"] == 200


def test_unknown_number(service):
	result = service.call("45675001", "77777777", check=1)
	assert result["code"] == 404 and result["rule"]


def test_callee_is_gone_afterwards(service):
	"""The agents of a call leave no registration behind: the number is unreachable again (480), not silent."""
	service.call("45675001", "5003")
	listing = service.dev("ctl", "explain", "45675001", "5003", check=None).stdout
	assert "45675003" in listing
	assert not list(service.state.glob("call-*"))


def test_output_for_people(service):
	text = service.dev("call", "45675001", "5002").stdout
	assert "45675001 -> 5002: 200" in text and "caller hears  yes" in text and "callee hears  yes" in text


@pytest.mark.parametrize("media,path", [("always", "relayed"), ("never", "direct"), ("auto", "direct")])
def test_media_policy(service, media, path):
	"""C3, for this call only; each end hears the other, through the relay or without."""
	result = service.call("45675001", "5002", "--media", media)
	assert (result["code"], result["path"]) == (200, path)
	assert result["caller_hears"] is True and result["callee_hears"] is True
	assert ("policy-" + media in result["path_reason"]) == (media != "auto")
	assert service.call("45675001", "5002")["path_reason"] == "no-sign"


def test_media_policy_is_put_back(service):
	"""To what it was, also where the call is refused."""
	service.dev("ctl", "account", "set", "45675003", "--media", "never")
	try:
		assert service.call("45675003", "77777777", "--media", "always", check=1)["code"] == 404
		assert "policy-never" in service.call("45675003", "5002")["path_reason"]
	finally:
		service.dev("ctl", "account", "set", "45675003", "--media", "group")


def test_programme_through_the_relay(service):
	result = service.call("45675001", "15000", "--media", "always")
	assert (result["path"], result["caller_hears"]) == ("relayed", True)


def test_wrong_media_policy_is_told(service):
	run = service.dev("call", "45675001", "5002", "--media", "sometimes", check=2)
	assert "always" in run.stderr


def test_wrong_codec_is_told(service):
	run = service.dev("call", "45675001", "15000", "--codec", "mp3", check=2)
	assert "opus" in run.stderr


def test_unknown_caller_is_told(service):
	run = service.dev("call", "45670000", "15000", check=1)
	assert "45670000" in run.stderr and "credentials" in run.stderr
