# SPDX-License-Identifier: GPL-2.0-or-later
"""Other databases, other tables, and starts that must fail with a reason."""
import re
import sqlite3

import pytest
import script
from conftest import env_of, fill, url_of
from kam import Kamailio, Phone

SQLITE = """
CREATE TABLE aeta_group (prefix INT PRIMARY KEY, block_incoming INT DEFAULT 0, block_outgoing INT DEFAULT 0, hunting TEXT DEFAULT '0',
    hunt_direct INT DEFAULT 1, hunt_busy_603 INT DEFAULT 0, hunt_busy_in_call INT DEFAULT 0, hunt_next_488 INT DEFAULT 0,
    no_answer_s INT DEFAULT 0, hunt_max_s TEXT DEFAULT '150', media TEXT DEFAULT 'auto');
CREATE TABLE aeta_exception (prefix INT, number INT);
CREATE TABLE aeta_account (number VARCHAR(18) PRIMARY KEY, kind VARCHAR(10), state VARCHAR(10) DEFAULT 'active', valid_until VARCHAR(20),
    media VARCHAR(10));
CREATE TABLE aeta_relay_set (number INT, name TEXT);
CREATE TABLE aeta_domain (domain TEXT, relay_set TEXT);
INSERT INTO aeta_relay_set VALUES (0, 'default'), (3, 'fr');
INSERT INTO aeta_domain VALUES ('sip.example.fr', 'fr');
INSERT INTO aeta_group (prefix, hunting) VALUES (4567, '1');
INSERT INTO aeta_group (prefix, block_outgoing) VALUES (4599, 1);
INSERT INTO aeta_exception VALUES (0, 15000);
INSERT INTO aeta_account (number, kind, valid_until) VALUES ('45675001', 'premium', NULL), ('45675002', 'premium', ''),
    ('45675003', 'premium', '2020-01-01 00:00:00'), ('45675004', 'premium', '2099-01-01T00:00:00'),
    ('45675005', 'premium', 'soon'), ('45675006', 'priemium', NULL), ('45995001', 'premium', NULL),
    ('45676001', 'hunting', NULL), ('15000', 'other', NULL);
INSERT INTO aeta_account (number, kind, state) VALUES ('45675007', 'premium', 'odd');
"""


def start(namespace, folder, driver="db_mysql", url="", extra="", env=None):
    return Kamailio(namespace, folder, script.native(driver=driver, db_url=url, extra=extra), env)


def judged(k, caller, dialled):
    return k.rpc("aeta.explain", caller, dialled)["rule"]


def test_sqlite(namespace, tmp_path, phone):
    """Strings where MySQL gives integers, an empty string for no date."""
    file = tmp_path / "aeta.db"
    with sqlite3.connect(file) as db:
        db.executescript(SQLITE)
    with start(namespace, tmp_path, "db_sqlite", f"sqlite:///{file}", env={"TZ": "Europe/Paris"}) as k:
        assert judged(k, "45675001", "5002") == "short-dial"
        assert judged(k, "45675001", "5003") == "callee-ended"
        assert judged(k, "45675001", "5004") == "short-dial"
        assert judged(k, "45675001", "5005") == "callee-ended"    # a date that is none opens nothing
        assert judged(k, "45675001", "5006") == "unknown-number"  # nor does a kind that is none
        assert judged(k, "45675001", "5007") == "callee-locked"   # nor a state
        assert judged(k, "45675001", "5099") == "unknown-number"
        assert judged(k, "45995001", "15000") == "exception" and judged(k, "45995001", "45675001") == "outgoing-blocked"
        assert k.rpc("aeta.group", "4567")["hunting"] == 1
        assert phone.call("route", "45675001", "6000")[0] == 2
        assert "is no date counts as ended" in k.log_text()  # the first complaint; one a second at most


def test_text_files(namespace, tmp_path):
    """db_text: another driver, another set of types."""
    folder = tmp_path / "tables"
    folder.mkdir()
    options = "block_incoming block_outgoing hunting hunt_direct hunt_busy_603 hunt_busy_in_call hunt_next_488 no_answer_s hunt_max_s"
    (folder / "aeta_group").write_text("prefix(int) " + " ".join(f"{o}(int)" for o in options.split()) + "\n"
                                       "4567:0:0:1:1:0:0:0:0:150\n4599:0:1:0:1:0:0:0:0:150\n")
    (folder / "aeta_exception").write_text("prefix(int) number(string)\n0:15000\n")
    (folder / "aeta_account").write_text("number(string) kind(string) state(string) valid_until(string,null)\n"
                                         "45675001:premium:active:\n45675002:premium:locked:\n45995001:premium:active:\n"
                                         "15000:other:active:\n")
    extra = 'modparam("aeta", "media_column", "")\nmodparam("aeta", "domain_table", "")'
    with start(namespace, tmp_path, "db_text", f"text://{folder}", extra=extra) as k:
        assert judged(k, "45675001", "5002") == "callee-locked"
        assert judged(k, "45995001", "15000") == "exception"
        assert judged(k, "45995001", "45675001") == "outgoing-blocked"


def test_the_stock_subscriber_table(namespace, server, tmp_path, phone):
    """No table of accounts but Kamailio's own: the directory alone decides membership."""
    fill(server)
    server.sql("CREATE TABLE stock_subscriber (id INT AUTO_INCREMENT PRIMARY KEY, username VARCHAR(64) NOT NULL, domain VARCHAR(64));"
               "INSERT INTO stock_subscriber (username, domain) VALUES ('45675001', 'a'), ('45675002', 'a'), ('45675002', 'b'),"
               "('902080', 'a'), ('45995001', 'a'); GRANT SELECT ON stock_subscriber TO aeta_sip@localhost")
    extra = "\n".join(f'modparam("aeta", "{name}", "{value}")' for name, value in {
        "account_table": "stock_subscriber", "number_column": "username", "kind_column": "", "state_column": "", "until_column": "",
        "media_column": "", "domain_table": "",
    }.items())
    try:
        with start(namespace, tmp_path, url=url_of(server), extra=extra, env=env_of(server)) as k:
            assert judged(k, "45675001", "5002") == "short-dial"
            assert judged(k, "45675001", "902080") == "open"
            assert judged(k, "45675001", "5077") == "unknown-number"
            assert judged(k, "45995001", "902080") == "outgoing-blocked"
            assert judged(k, "11112222", "902080") == "caller-unknown"
            assert k.rpc("aeta.explain", "45675001", "5002")["callee_kind"] == "unknown"
            assert phone.call("route", "45675001", "6000")[0] == 2
    finally:
        server.sql("DROP TABLE stock_subscriber")


def test_no_account_table(namespace, server, tmp_path, phone):
    """Existence is left to the location service."""
    fill(server)
    extra = 'modparam("aeta", "account_table", "")'
    with start(namespace, tmp_path, url=url_of(server), extra=extra, env=env_of(server)) as k:
        assert judged(k, "45675001", "5077") == "short-dial"
        assert judged(k, "45995001", "902080") == "outgoing-blocked"
        assert judged(k, "45676001", "45675001") == "hunting-originate"
        k.rpc("ul.add", "location", "45676002", "sip:x@127.0.0.9", 300, 1.0, "", 0, 0, 0)
        assert phone.call("hunt", "45675001", "6000")[1]["final"] == "45676002"


def test_cache_believes_a_row_for_its_time(namespace, server, tmp_path, phone):
    fill(server)
    extra = 'modparam("aeta", "account_cache", 600)'
    cfg = script.native(db_url=url_of(server), extra=extra, children=1)
    with Kamailio(namespace, tmp_path, cfg, env_of(server)):
        assert phone.call("route", "45675001", "5002")[0] == 1
        assert phone.call("route", "45675001", "12345")[0] == -1
        server.sql("UPDATE aeta_account SET state = 'locked' WHERE number = '45675002';"
                   "INSERT INTO aeta_account (number, kind) VALUES ('12345', 'other')")
        assert phone.call("route", "45675001", "5002")[0] == 1   # still believed
        assert phone.call("route", "45675001", "12345")[0] == 1  # what was not there is asked again


def test_usrloc_with_domains(namespace, server, tmp_path, phone):
    fill(server)
    extra = 'modparam("usrloc|registrar", "use_domain", 1)'.replace("usrloc|registrar", "usrloc")
    with start(namespace, tmp_path, url=url_of(server), extra=extra, env=env_of(server)) as k:
        k.rpc("ul.add", "location", "45676002@sip.example.com", "sip:x@127.0.0.9", 300, 1.0, "", 0, 0, 0)
        assert phone.call("hunt", "45675001", "6000")[1]["final"] == "45676002"


def refused_start(namespace, folder, **more):
    k = start(namespace, folder, **more)
    k.start()
    assert k.process.wait(30) != 0
    return k.log_text()


def test_database_out_of_reach(namespace, server, tmp_path):
    env = {"MYSQL_UNIX_PORT": str(tmp_path / "none.sock")}
    log = refused_start(namespace, tmp_path, url=url_of(server), env=env)
    assert "cannot start without a directory: the database of the parameter db_url is out of reach" in log


@pytest.mark.parametrize("parameter, value, said", [
    ("group_table", '"no_such_table"', "table no_such_table: cannot be read"),
    ("hunt_tries", "29", "hunt_tries must be 1 to 28"),
    ("hunt_tries", "0", "hunt_tries must be 1 to 28"),
    ("devices", "0", "devices must be"),
    ("account_cache", "-1", "account_cache must be"),
    ("attempts", "-1", "attempts must be 0 to 100000"),
    ("attempts", "100001", "attempts must be 0 to 100000"),
    ("attempt_days", "0", "attempt_days must be 1 to 3650"),
    ("attempt_days", "3651", "attempt_days must be 1 to 3650"),
    ("number_column", '""', "number_column must not be empty"),
    ("branch_flag", "-1", "branch_flag must be 0 to 21"),
    ("branch_flag", "22", "branch_flag must be 0 to 21"),
    ("relay_set_table", '"no_such_table"', "table no_such_table: cannot be read"),
])
def test_bad_parameter(namespace, server, tmp_path, parameter, value, said):
    log = refused_start(namespace, tmp_path, url=url_of(server), env=env_of(server), extra=f'modparam("aeta", "{parameter}", {value})')
    assert said in log


def test_driver_missing(namespace, tmp_path):
    assert "load its module" in refused_start(namespace, tmp_path, driver="db_text", url="mysql://a:b@localhost/c")


def test_unknown_variable(namespace, server, tmp_path):
    k = Kamailio(namespace, tmp_path, script.native(db_url=url_of(server)) + 'route[X] { xlog("$aeta(nonsense)"); }', env_of(server))
    k.start()
    assert k.process.wait(30) != 0 and re.search(r"\$aeta\(nonsense\): there is no such value", k.log_text())


def test_member_limit_is_a_parameter(namespace, server, tmp_path, phone):
    fill(server)
    with start(namespace, tmp_path, url=url_of(server), extra='modparam("aeta", "hunt_tries", 1)', env=env_of(server)) as k:
        with Phone(namespace, "127.0.0.5", 5099) as member:
            for i in (1, 2):
                k.rpc("ul.add", "location", f"4567600{i}", "sip:x@127.0.0.5:5099", 300, 1.0, "", 0, 0, 0)
            phone.send_request("INVITE", "45675001", "6000")
            invite = member.receive()
            member.answer(invite, 486)
            answer = phone.final()
            assert answer.status == 486 and "hunt-limit" in answer.reason
