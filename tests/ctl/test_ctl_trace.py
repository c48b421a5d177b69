# SPDX-License-Identifier: GPL-2.0-or-later
"""aetactl trace without a Kamailio: refusals, and the files that are made of what is stored. The rest is in ../sip/test_trace.py."""

import re
import struct

import pytest

MESSAGE = b"OPTIONS sip:1@a SIP/2.0\r\nSubject: \x1b[2J\xe9\x00\r\n\r\n"


def store(db, message=MESSAGE, source="udp:192.0.2.1:5062", to="udp:192.0.2.9:5060", callid="c", us=7, way="in"):
    db.sql(f"INSERT INTO sip_trace (time_stamp, time_us, traced_user, callid, method, fromip, toip, direction, msg) VALUES "
           f"('2026-03-29 01:59:59', {us}, '45675001', '{callid}', 'OPTIONS', '{source}', '{to}', '{way}', x'{message.hex()}')")


@pytest.fixture(autouse=True)
def empty(db):
    db.sql("DELETE FROM sip_trace; DELETE FROM aeta_audit")


@pytest.fixture
def write(ctl, tmp_path):
    """Writes the trace of 45675001; the text and the packets (seconds, microseconds, bytes)."""
    def run():
        folder = tmp_path / "out"
        folder.mkdir()
        result = ctl.ok("trace", "write", "45675001", "--out", folder)
        raw = open(result["pcap"], "rb").read()
        assert struct.unpack("<IHHIIII", raw[:24])[0] == 0xa1b2c3d4 and struct.unpack("<I", raw[20:24])[0] == 101
        raw, packets = raw[24:], []
        while raw:
            seconds, us, size, whole = struct.unpack("<IIII", raw[:16])
            assert size == whole
            packets.append((seconds, us, raw[16:16 + size]))
            raw = raw[16 + size:]
        return open(result["text"]).read(), packets
    return run


def test_refusals(ctl, tmp_path):
    ctl.refused("is no number", "trace", "4567x")
    ctl.refused("is no number", "trace", "stop", "+1")
    ctl.refused("--minutes is 1 to 60", "trace", "45675001", "--minutes", "61", code=2)
    ctl.refused("cannot write into", "trace", "45675001", "--out", tmp_path / "none")
    ctl.refused("no rpc_socket", "trace", "45675001", code=3)
    ctl.configure(rpc_socket=tmp_path / "none")
    ctl.refused("does not answer", "trace", "45675001", code=3)
    ctl.refused("does not answer", "trace", "stop", "45675001", code=3)
    ctl.configure(db_socket=tmp_path / "none")
    assert ctl("trace", "45675001").code == 3


def test_nothing_is_done_without_the_audit(ctl, db, tmp_path):
    """The act is noted before it is done; where that is not possible it is not done."""
    store(db)
    db.sql("RENAME TABLE aeta_audit TO away")
    try:
        ctl.refused("the audit cannot be written", "trace", "write", "45675001", "--out", tmp_path)
    finally:
        db.sql("RENAME TABLE away TO aeta_audit")
    assert not list(tmp_path.glob("*.pcap"))


def test_strange_bytes_do_nothing_to_a_terminal(db, write):
    store(db)
    text, packets = write()
    assert r"Subject: \x1b[2J\xe9\x00" in text and "\x1b" not in text
    assert packets[0][2].endswith(MESSAGE) and packets[0][:2] == (1774749599, 7)


def test_calls_are_grouped_and_numbered(db, write):
    """A part for each Call-ID, in the order of their first messages; the number of each message is its place in time."""
    for us, callid in ((1, "z"), (2, "a"), (3, "z")):
        store(db, callid=callid, us=us)
    text, packets = write()
    assert re.findall(r"(?m)^Call-ID (\S+)|^ +(\d+)  01:59:59", text) == [("z", ""), ("", "1"), ("", "3"), ("a", ""), ("", "2")]
    assert [packet[1] for packet in packets] == [1, 2, 3]


def test_packets(db, write):
    """IPv4 and IPv6, with and without brackets; what is longer than a datagram is cut, and that is said."""
    store(db, us=1)
    store(db, source="tls:[2001:db8::1]:40000", to="tls:[2001:db8::2]:5061", us=2)
    store(db, b"x" * 65530, us=3)
    store(db, source="nonsense", us=4)
    _, packets = write()
    assert len(packets) == 3
    assert packets[0][2][:1] == b"\x45" and packets[0][2][20:24] == struct.pack(">HH", 5062, 5060)
    assert packets[1][2][:1] == b"\x60" and packets[1][2][6] == 17 and packets[1][2][-len(MESSAGE):] == MESSAGE
    assert len(packets[2][2]) == 65535


def test_files_are_new_and_private(ctl, db, tmp_path):
    """An existing file is never written to, whoever put it there: the name has the second in it, so a folder full of links
    for the next seconds stands in the way."""
    store(db)
    import datetime
    now = datetime.datetime.now(datetime.timezone.utc)
    target = tmp_path / "target"
    for s in range(60):
        name = (now + datetime.timedelta(seconds=s)).strftime("45675001-%Y%m%dT%H%M%SZ.txt")
        (tmp_path / name).symlink_to(target)
    ctl.refused("cannot create", "trace", "write", "45675001", "--out", tmp_path)
    assert not target.exists()


def test_list(ctl, db):
    store(db)
    result = ctl("--json", "trace", "list")
    assert result.code == 3 and result.json["stored"] == [
        {"number": "45675001", "messages": 1, "first": "2026-03-29 01:59:59", "last": "2026-03-29 01:59:59"}]
