# SPDX-License-Identifier: GPL-2.0-or-later
"""aeta.reload: good, bad, under load; and what the other commands and the counters say."""
import re
import threading

import pytest
from conftest import env_of, fill, url_of
from kam import ROOT, Kamailio, Phone, RpcFault, wait_for
import script


@pytest.fixture
def loose(server):
    """The tables without their constraints, as somebody else's might be; put back afterwards."""
    server.sql("RENAME TABLE aeta_group TO kept_group, aeta_exception TO kept_exception;"
               "CREATE TABLE aeta_group AS SELECT * FROM kept_group;"
               "CREATE TABLE aeta_exception AS SELECT * FROM kept_exception;"
               "ALTER TABLE aeta_group MODIFY prefix INT, MODIFY no_answer_s INT, MODIFY hunt_max_s INT, MODIFY hunting INT NULL;"
               "ALTER TABLE aeta_exception MODIFY prefix INT, MODIFY number VARCHAR(40) NULL;")
    yield server
    server.sql("DROP TABLE aeta_group, aeta_exception; RENAME TABLE kept_group TO aeta_group, kept_exception TO aeta_exception")


def test_good_reload(clean, server, phone):
    assert phone.call("route", "45675001", "46005001")[1]["rule"] == "incoming-blocked"
    server.sql("UPDATE aeta_group SET block_incoming = 0 WHERE prefix = 4600")
    assert phone.call("route", "45675001", "46005001")[1]["rule"] == "incoming-blocked"
    before = clean.rpc("aeta.stats")
    answer = clean.rpc("aeta.reload")
    assert answer["groups"] == 3 and answer["exceptions"] == 1 and answer["bytes"] > 18000
    assert answer["generation"] == before["generation"] + 1
    assert phone.call("route", "45675001", "46005001")[0] == 1
    assert clean.rpc("aeta.stats")["reload_ok"] == before["reload_ok"] + 1


@pytest.mark.parametrize("change, named", [
    ("UPDATE aeta_group SET prefix = 999 WHERE prefix = 4600", "aeta_group, row prefix 999"),
    ("INSERT INTO aeta_group SELECT * FROM aeta_group WHERE prefix = 4567", "aeta_group, row prefix 4567"),
    ("UPDATE aeta_group SET no_answer_s = 121 WHERE prefix = 4599", "aeta_group, row prefix 4599"),
    ("UPDATE aeta_group SET hunt_max_s = 5 WHERE prefix = 4599", "aeta_group, row prefix 4599"),
    ("UPDATE aeta_group SET hunting = 7 WHERE prefix = 4600", "aeta_group, row prefix 4600: column hunting"),
    ("UPDATE aeta_group SET hunting = NULL WHERE prefix = 4600", "aeta_group, row prefix 4600: column hunting is NULL"),
    ("INSERT INTO aeta_exception VALUES (7777, '902080')", "aeta_exception, row prefix 7777 number 902080"),
    ("INSERT INTO aeta_exception VALUES (0, '90x')", "aeta_exception, row prefix 0 number 90x"),
    ("INSERT INTO aeta_exception VALUES (0, NULL)", "aeta_exception, row "),
    ("ALTER TABLE aeta_group DROP COLUMN hunting", "aeta_group: cannot be read"),
    ("ALTER TABLE aeta_exception DROP COLUMN number", "aeta_exception: cannot be read"),
])
def test_bad_reload_names_the_row_and_keeps_the_old(clean, loose, phone, change, named):
    before = clean.rpc("aeta.stats")
    loose.sql(change)
    with pytest.raises(RpcFault) as fault:
        clean.rpc("aeta.reload")
    assert named in str(fault.value) and "old directory stays" in str(fault.value)
    assert named in clean.log_text()
    after = clean.rpc("aeta.stats")
    assert after["generation"] == before["generation"] and after["groups"] == 3
    assert after["reload_failed"] == before["reload_failed"] + 1
    assert phone.call("route", "45675001", "46005001")[1]["rule"] == "incoming-blocked"


def used_memory(kamailio):
    return kamailio.rpc("core.shmmem")["real_used"]


def test_reload_under_load(clean, server, namespace):
    """Callers go on asking while the directory is swapped a hundred times; no answer is an error, no memory is lost."""
    problems, stop = [], threading.Event()

    def ask():
        with Phone(namespace) as p:
            while not stop.is_set():
                rc, values = p.call("route", "45675001", "5002")
                if rc != 1 or values["final"] != "45675002":
                    problems.append((rc, values))

    clean.rpc("aeta.reload")
    before = used_memory(clean)
    threads = [threading.Thread(target=ask) for _ in range(3)]
    for t in threads:
        t.start()
    for _ in range(100):
        clean.rpc("aeta.reload")
    stop.set()
    for t in threads:
        t.join()
    assert not problems
    # what a reader still held at the last swap goes with the timer
    wait_for("shared memory to return", lambda: used_memory(clean) <= before + 4096, 20)


def test_nine_thousand_groups(namespace, server, tmp_path):
    """The plan's full size, loaded and loaded again."""
    fill(server)
    server.sql("INSERT INTO aeta_group (prefix, customer_id, name, block_outgoing) SELECT seq, 1, 'g', seq % 2 FROM seq_1000_to_9999 "
               "WHERE seq NOT IN (SELECT prefix FROM aeta_group)")
    server.sql("INSERT INTO aeta_exception SELECT prefix, number FROM (SELECT prefix FROM aeta_group) g, "
               "(SELECT 902080 AS number UNION SELECT 902081 UNION SELECT 902082) n")
    try:
        with Kamailio(namespace, tmp_path, script.native(db_url=url_of(server)), env_of(server)) as k:
            answer = k.rpc("aeta.reload")
            assert answer["groups"] == 9000 and answer["exceptions"] == 27001
            assert k.rpc("aeta.group", "1001")["block_outgoing"] == 1
            before = used_memory(k)
            for _ in range(5):
                k.rpc("aeta.reload")
            wait_for("shared memory to return", lambda: used_memory(k) <= before + 4096, 20)
    finally:
        server.clean()


def test_explain(clean, server):
    e = clean.rpc("aeta.explain", "45675001", "5002")
    assert e["verdict"] == "route" and e["rule"] == "short-dial" and e["promise"] == "B3" and e["final"] == "45675002"
    assert e["caller"] == "45675001" and e["caller_kind"] == "premium" and e["callee_state"] == "active"
    assert e["registered"] == 0 and e["group"] == "4567"
    clean.rpc("ul.add", "location", "45675002", "sip:x@127.0.0.9", 300, 1.0, "", 0, 0, 0)
    assert clean.rpc("aeta.explain", "45675001", "5002")["registered"] == 1
    e = clean.rpc("aeta.explain", "45995001", "902080")
    assert (e["verdict"], e["code"], e["rule"]) == ("refuse", 403, "outgoing-blocked")
    assert e["reason"] == "Outgoing calls blocked (B5 outgoing-blocked)" and e["callee_kind"] == "factory"
    clean.rpc("ul.add", "location", "45676002", "sip:x@127.0.0.9", 300, 1.0, "", 0, 0, 0)
    e = clean.rpc("aeta.explain", "45675001", "6000")
    assert e["verdict"] == "hunt" and e["members_registered"] == 1


def test_explain_takes_numbers_and_anything_else(clean):
    """JSON clients send digits as integers; what is dialled may be any text."""
    assert clean.rpc("aeta.explain", 45675001, 5002)["final"] == "45675002"
    assert clean.rpc("aeta.explain", "45675001", "a\"b<>%")["rule"] == "not-a-number"
    for bad in ([], ["45675001"]):
        with pytest.raises(RpcFault) as fault:
            clean.rpc("aeta.explain", *bad)
        assert fault.value.code == 400


def test_group(clean):
    g = clean.rpc("aeta.group", "4567")
    assert g == {"prefix": 4567, "block_incoming": 0, "block_outgoing": 0, "hunting": 1, "hunt_direct": 1, "hunt_busy_603": 0,
                 "hunt_busy_in_call": 0, "hunt_next_488": 0, "no_answer_s": 0, "hunt_max_s": 150, "media": "auto"}
    assert clean.rpc("aeta.group", 4599)["block_outgoing"] == 1
    for bad in ("1000", "45", "abcd", "45675001"):
        with pytest.raises(RpcFault) as fault:
            clean.rpc("aeta.group", bad)
        assert fault.value.code == 404


def test_options_follow_the_columns(clean, server):
    server.sql("UPDATE aeta_group SET hunt_direct = 0, hunt_busy_in_call = 1, hunt_next_488 = 1, hunt_busy_603 = 1, no_answer_s = 20 "
               "WHERE prefix = 4567")
    clean.rpc("aeta.reload")
    g = clean.rpc("aeta.group", "4567")
    assert (g["hunt_direct"], g["hunt_busy_in_call"], g["hunt_next_488"], g["hunt_busy_603"], g["no_answer_s"]) == (0, 1, 1, 1, 20)
    assert clean.rpc("aeta.explain", "45675001", "45676001")["rule"] == "hunt-direct"


def test_busy_in_call_variable(clean, server, phone):
    clean.rpc("ul.add", "location", "45676001", "sip:x@127.0.0.9", 300, 1.0, "", 0, 0, 0)
    assert phone.call("hunt", "45675001", "6000")[1]["busy_in_call"] == "0"
    server.sql("UPDATE aeta_group SET hunt_busy_in_call = 1, no_answer_s = 7 WHERE prefix = 4567")
    clean.rpc("aeta.reload")
    values = phone.call("hunt", "45675001", "6000")[1]
    assert values["busy_in_call"] == "1" and values["ring_s"] == "7"


def test_counters(clean, phone):
    clean.rpc("ul.add", "location", "45676001", "sip:x@127.0.0.9", 300, 1.0, "", 0, 0, 0)
    before = clean.counters()
    phone.call("route", "45675001", "5002")
    phone.call("route", "45995001", "902080")
    phone.call("route", "45675001", "abc")
    phone.call("skip", "45675001", "6000", "busy")
    phone.call("register", "99999999")
    after = clean.counters()
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown == {"verdict_route": 1, "refused_outgoing_blocked": 1, "refused_not_a_number": 1, "verdict_hunt": 1,
                     "hunt_started": 1, "hunt_rung": 1, "hunt_skipped": 1, "refused_hunt_busy": 1, "refused_caller_unknown": 1,
                     "accounts_asked": 9}
    assert after["groups"] == 3 and after["exceptions"] == 1
    stats = clean.rpc("aeta.stats")
    assert {name: stats[name] for name in after} == after
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stats["loaded_at"])


def test_every_rule_that_refuses_has_a_counter(clean):
    header = (ROOT / "modules/aeta/policy/verdict.h").read_text()
    rules = re.findall(r'X\((\w+), "([\w-]+)", (\d+),', header)
    wanted = {"refused_" + name.replace("-", "_") for key, name, code in rules if code != "0" and key != "NONE"}
    assert wanted == {name for name in clean.counters() if name.startswith("refused_")}
