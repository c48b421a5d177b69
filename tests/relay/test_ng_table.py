# SPDX-License-Identifier: GPL-2.0-or-later
"""Every ng command, put to our relay and to Debian's rtpengine-daemon: the replies have the same structure, or a reason why not."""
import pytest
from ng_shape import differences, sdp_shape
from ng_table import Peer, Table, release, strays


@pytest.fixture(scope="module")
def table(network, tmp_path_factory):
	which = release()
	if not which:
		pytest.skip("the rtpengine of neither Debian 12 nor Debian 13 is installed")
	folder = tmp_path_factory.mktemp("ng")
	return Table(Peer("aeta-relay", folder).replies(), {which: Peer("rtpengine", folder).replies()})


def test_every_difference_has_a_reason(table):
	assert table.unexplained() == []


def test_every_reason_is_still_one(table):
	assert table.unused() == []


def test_the_document_says_so(table):
	"""relay/COMMANDS.md, for the rtpengine that is installed; `./dev soak ng-table --write` writes it."""
	assert strays(table) == []


@pytest.mark.parametrize("ours, his, found", [
	({"result": "ok"}, {"result": "ok"}, []),
	({"result": "ok", "created": 1}, {"result": "ok", "tags": {"a": {"tag": "a"}}}, ["lacks tags", "also created"]),
	({"result": "ok", "tags": {"a": {"x": [{"y": 1}]}}}, {"result": "ok", "tags": {"b": {"x": [{"y": 1, "z": 2}]}}},
		["lacks tags.<tag>.x[].z"]),
	({"result": "ok", "created": 1}, {"result": "ok", "created": "1"}, ["differs created: int, str"]),
	({"result": "error", "error-reason": "a"}, {"result": "ok"}, ["refuses"]),
	({"result": "ok"}, {"result": "error", "error-reason": "a"}, ["does it: a"]),
	({"result": "error", "error-reason": "a"}, {"result": "error", "error-reason": "b"}, ["says otherwise: b"]),
	({"result": "pong"}, {"result": "ok"}, ["differs result: str 'pong', str 'ok'"]),
	({"result": "ok", "sdp": "v=0\r\nb\r\na\r\n"}, {"result": "ok", "sdp": "v=0\r\na\r\nb\r\nc\r\n"}, ["sdp lacks c", "sdp order"]),
	({"result": "ok"}, {"result": "ok", "sdp": "v=0\r\n"}, ["lacks sdp"]),
])
def test_what_differs_is_found(ours, his, found):
	assert differences(ours, his) == found


def test_what_two_relays_cannot_share_is_left_out_of_an_sdp():
	lines = ["o=- 1 1 IN IP4 127.0.0.1", "m=audio 30004 RTP/AVP 0", "a=rtcp:30005", "a=rtpmap:96 opus/48000/2", "a=candidate:x 1"]
	assert sdp_shape("\r\n".join(lines)) == ["o=- 1 1 IN IP4 RELAY", "m=audio PORT RTP/AVP 0", "a=rtcp:PORT+1", "a=rtpmap:96 opus/48000/2",
		"a=candidate:…"]
