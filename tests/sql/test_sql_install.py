# SPDX-License-Identifier: GPL-2.0-or-later
"""The installer, the demo data and the rights of the three database users."""

import hashlib
import os
import subprocess

import pytest

from db import ROOT, Server, SqlError

TABLES = """SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1"""


@pytest.fixture(scope="module")
def fresh():
    """A server without our database, for the installer to meet."""
    with Server() as running:
        yield running


@pytest.fixture
def empty(fresh):
    fresh.sql("DROP DATABASE IF EXISTS aeta; DROP USER IF EXISTS aeta_sip@localhost, aeta_admin@localhost, aeta_web@localhost", database=None)
    fresh.passwords = {}
    return fresh


def script(name, server, *arguments, env=None):
    return subprocess.run([ROOT / "sql" / name, "--defaults", server.options(), *map(str, arguments)],
                          capture_output=True, text=True, env={**os.environ, **(env or {})})


def test_install_twice(empty):
    first = empty.install()
    assert "stock table subscriber" in first and "migration 0001-tables" in first
    tables = empty.sql(TABLES)
    second = empty.install()
    assert "stock" not in second and "migration" not in second
    assert empty.sql(TABLES) == tables


def test_stock_tables_are_the_packages_own(empty):
    """Columns are added to acc_cdrs only, and made wider, or to hold bytes, in dialog, location and sip_trace only."""
    empty.install()
    empty.sql("CREATE DATABASE stock", database=None)
    try:
        for name in "standard acc auth_db usrloc dialog domain permissions siptrace".split():
            with open(f"/usr/share/kamailio/mysql/{name}-create.sql", encoding="utf-8") as file:
                empty.sql(file.read(), database="stock")
        columns = """SELECT table_name, column_name, column_type, is_nullable, column_default FROM information_schema.columns
            WHERE table_schema = '%s' AND table_name IN (SELECT table_name FROM information_schema.tables
            WHERE table_schema = 'stock') ORDER BY table_name, ordinal_position"""
        stock, ours = ([tuple(row) for row in empty.sql(columns % schema)] for schema in ("stock", "aeta"))
        gone, new = set(stock) - set(ours), set(ours) - set(stock)
        wider = {row[:2] for row in gone}
        assert {row[0] for row in gone} == {"dialog", "dialog_vars", "location", "sip_trace"}
        assert wider == {row[:2] for row in new if row[0] != "acc_cdrs"}
        assert {row[0] for row in new} == {"acc_cdrs", "dialog", "dialog_vars", "location", "sip_trace"}
        versions = "SELECT table_name, table_version FROM version"
        assert {tuple(r) for r in empty.sql(versions)} - {tuple(r) for r in empty.sql(versions, database="stock")} == {
            ("aeta_domain", "2"), ("aeta_rtpengine", "1")}
    finally:
        empty.sql("DROP DATABASE stock", database=None)


def test_demo_relays(empty, tmp_path):
    """Those that are given, in their order; at the next run others in their place. What an operator added stays."""
    empty.install()
    def relays(*given):
        done = script("demo.sh", empty, "--credentials", tmp_path / "credentials", *(word for url in given for word in ("--relay", url)))
        assert done.returncode == 0, done.stderr
        return [tuple(row) for row in empty.sql("SELECT s.name, r.url FROM aeta_relay r JOIN aeta_relay_set s ON s.number = r.set_number "
            "ORDER BY s.number, r.position")]
    one, two, three = (f"udp:127.0.0.{n}:2223" for n in (1, 2, 3))
    assert relays(f"default={one}", f"default={two}", f"fr={two}") == [("default", one), ("default", two), ("fr", two)]
    empty.sql(f"INSERT INTO aeta_relay (set_number, url, position) VALUES (0, '{three}', 9)")
    assert relays(f"fr={one}") == [("default", three), ("fr", one)]
    assert script("demo.sh", empty, "--credentials", tmp_path / "credentials", "--relay", "fr").returncode == 2


def test_relay_views(empty):
    """What Kamailio reads: each relay once, with one number, and the order in which each set asks them."""
    empty.install()
    one, two = "udp:127.0.0.1:2223", "udp:127.0.0.2:2223"
    empty.sql(f"""INSERT INTO aeta_relay_set (number, name) VALUES (7, 'far');
        INSERT INTO aeta_relay (set_number, url, position, enabled) VALUES (0, '{one}', 2, 1), (0, '{two}', 1, 1), (7, '{one}', 1, 0)""")
    number = dict(empty.sql("SELECT url, setid FROM aeta_rtpengine"))
    assert set(number) == {one, two} and len(set(number.values())) == 2
    assert all(row == ["1", "0"] for row in empty.sql("SELECT weight, disabled FROM aeta_rtpengine"))
    assert dict(empty.sql("SELECT key_name, key_value FROM aeta_relay_list")) == {"0.0": f"{number[two]}|1|{two}",
        "0.1": f"{number[one]}|2|{one}", **number}


def test_another_database_name(empty):
    done = script("install.sh", empty, "--database", "studio_7")
    assert done.returncode == 0, done.stderr
    assert ["aeta_account"] in empty.sql(TABLES, database="studio_7")
    empty.sql("DROP DATABASE studio_7", database=None)
    assert script("install.sh", empty, "--database", "x`; DROP").returncode == 2


def test_a_missing_migration_is_applied(empty):
    empty.install()
    empty.sql("DELETE FROM aeta_migration WHERE version = 2; DROP TRIGGER aeta_account_bi")
    assert "migration 0002-rules" in empty.install()
    with pytest.raises(SqlError, match="4 digits"):
        empty.sql("INSERT INTO aeta_account (number, kind) VALUES ('5002', 'other')")


def test_a_migration_that_failed_runs_again(empty):
    """Each may be repeated from its top: a failure half-way leaves it unrecorded."""
    empty.install()
    empty.sql("DELETE FROM aeta_migration WHERE name <> 'cdr-columns'")
    assert empty.install().count("migration ") == len(list((ROOT / "sql").glob("0*.sql"))) - 1


def test_a_half_loaded_stock_table_is_named(empty):
    empty.install()
    empty.sql("DELETE FROM version WHERE table_name = 'dialog'")
    done = script("install.sh", empty)
    assert done.returncode == 1 and "table dialog exists" in done.stderr and "DROP TABLE dialog" in done.stderr


def test_refusals_say_what_to_do(empty, tmp_path):
    loose = tmp_path / "passwords"
    loose.write_text("aeta_sip x\n")
    loose.chmod(0o644)
    done = script("install.sh", empty, "--passwords", loose)
    assert done.returncode == 1 and "chmod 600" in done.stderr
    loose.chmod(0o600)
    loose.write_text("root x\n")
    assert "unknown user root" in script("install.sh", empty, "--passwords", loose).stderr
    assert "kamailio-mysql-modules" in script("install.sh", empty, "--stock", tmp_path).stderr
    assert "cannot read" in script("install.sh", empty, "--passwords", tmp_path / "none").stderr
    assert script("install.sh", empty, "--what").returncode == 2
    for name in ("install.sh", "demo.sh"):
        assert "Usage: sql/" + name in script(name, empty, "--help").stdout


def test_a_server_that_bends_values_is_refused(empty):
    empty.sql("SET GLOBAL sql_mode = ''", database=None)
    try:
        assert "not strict" in script("install.sh", empty).stderr
    finally:
        empty.sql("SET GLOBAL sql_mode = DEFAULT", database=None)


def test_passwords_from_the_environment_and_a_new_one(empty, tmp_path):
    """Any character works, and a changed password takes effect."""
    for password in ("first", "se'co\"nd \\ pass`; é"):
        done = script("install.sh", empty, env={"AETA_SIP_PASSWORD": password})
        assert done.returncode == 0 and "user aeta_sip@localhost" in done.stdout and "aeta_admin" not in done.stdout
        found = subprocess.run(["mariadb", "--no-defaults", f"--socket={empty.socket}", "-uaeta_sip", "-N", "aeta",
                                "-e", "SELECT 'in'"], capture_output=True, text=True,
                               env={**os.environ, "MYSQL_PWD": password})
        assert found.stdout == "in\n", found.stderr


USERS = ("aeta_sip", "aeta_admin", "aeta_web")
ACCOUNT = """INSERT INTO aeta_account (number, kind) VALUES ('15000', 'other');
    INSERT INTO subscriber (username, domain, ha1, ha1b) VALUES ('15000', 'aeta', MD5('a'), MD5('b'));"""

MAY = [
    ("aeta_admin", "INSERT INTO aeta_operator (login, password) VALUES ('a', 'x'); UPDATE aeta_operator SET role = 'admin', "
                   "password = 'y', totp_secret = NULL, version = version + 1 WHERE login = 'a'; SELECT login, totp FROM aeta_operator;"
                   "DELETE FROM aeta_operator WHERE login = 'a'"),
    ("aeta_admin", "SELECT id, operator_id, seen_at FROM aeta_web_session; DELETE FROM aeta_web_session WHERE id = 1"),
    ("aeta_admin", ACCOUNT + "INSERT INTO aeta_web_login (account, password) VALUES ('15000', 'x');"
                   "UPDATE aeta_web_login SET password = 'y', version = version + 1 WHERE account = '15000'; SELECT account FROM aeta_web_login;"
                   "SELECT * FROM aeta_sip_password; DELETE FROM aeta_account"),
    ("aeta_web", "SELECT password, totp_secret FROM aeta_operator; SELECT * FROM aeta_web_login; SELECT * FROM aeta_web_session"),
    ("aeta_web", "INSERT INTO aeta_web_throttle (subject) VALUES ('x'); UPDATE aeta_web_throttle SET tries = 2; DELETE FROM aeta_web_throttle"),
    ("aeta_web", ACCOUNT + "UPDATE subscriber SET ha1 = MD5('c'), ha1b = MD5('d') WHERE username = '15000'; DELETE FROM aeta_account"),
    ("aeta_web", "SELECT * FROM location; SELECT * FROM dialog; SELECT * FROM acc_cdrs; SELECT * FROM aeta_attempt"),
    ("aeta_web", "INSERT INTO aeta_audit (who, action) VALUES ('somebody', 'test'); SELECT * FROM aeta_audit; CALL aeta_audit_prune()"),
    ("aeta_sip", "SELECT ha1 FROM subscriber"),
    ("aeta_sip", "SELECT * FROM aeta_group; SELECT * FROM aeta_account; SELECT * FROM aeta_exception; SELECT * FROM aeta_domain"),
    ("aeta_sip", "SELECT * FROM aeta_credentials; SELECT accounts FROM aeta_generation"),
    ("aeta_sip", "SELECT * FROM aeta_relay; SELECT * FROM aeta_relay_set; SELECT * FROM aeta_rtpengine"),
    ("aeta_admin", "CALL aeta_relay_set_have('fr'); INSERT INTO aeta_relay (set_number, url) VALUES (1, 'udp:127.0.0.1:2223');"
                   "UPDATE aeta_relay SET enabled = 0; DELETE FROM aeta_relay; DELETE FROM aeta_relay_set WHERE number = 1"),
    ("aeta_sip", "SELECT * FROM version; SELECT * FROM address; SELECT * FROM domain_attrs"),
    ("aeta_sip", "INSERT INTO location (ruid) VALUES ('r'); UPDATE location SET q = 1; DELETE FROM location"),
    ("aeta_sip", "INSERT INTO acc_cdrs (caller) VALUES ('1'); DELETE FROM dialog; DELETE FROM dialog_vars"),
    ("aeta_sip", "INSERT INTO sip_trace (msg) VALUES ('x'); DELETE FROM sip_trace WHERE time_stamp < UTC_TIMESTAMP() LIMIT 9"),
    ("aeta_admin", "SELECT * FROM sip_trace; DELETE FROM sip_trace; SELECT * FROM aeta_audit; CALL aeta_audit_prune()"),
    ("aeta_admin", "INSERT INTO aeta_audit (who, action) VALUES ('somebody', 'test')"),
    ("aeta_sip", "INSERT INTO aeta_attempt (account, bucket, kind, cause, trust, first_at, last_at) VALUES "
                 "('1', 0, 'call', 'busy', 2, UTC_TIMESTAMP(), UTC_TIMESTAMP()) ON DUPLICATE KEY UPDATE times = times + 1;"
                 "DELETE FROM aeta_attempt WHERE last_at < UTC_TIMESTAMP() + INTERVAL 1 DAY ORDER BY last_at LIMIT 10"),
    ("aeta_admin", "SELECT * FROM aeta_attempt; SELECT * FROM aeta_call; SELECT * FROM aeta_in_call; SELECT * FROM aeta_presence"),
    ("aeta_web", "INSERT INTO aeta_audit (who, from_where, action, object, detail, old_values, new_values) "
                 "VALUES ('a', 'web', 'b', 'c', 'd', '{}', '{}'); SELECT * FROM aeta_redial; SELECT * FROM aeta_retention"),
    ("aeta_web", "SELECT * FROM aeta_nat_off; INSERT IGNORE INTO aeta_nat_off (account) VALUES ('15000'); DELETE FROM aeta_nat_off"),
    ("aeta_web", "SELECT * FROM sip_trace; SELECT * FROM aeta_call; SELECT * FROM aeta_in_call; SELECT * FROM aeta_presence"),
    ("aeta_admin", "SELECT * FROM location; SELECT * FROM acc_cdrs; SELECT id, username, domain FROM subscriber"),
    ("aeta_admin", "INSERT INTO aeta_account (number, kind) VALUES ('15000', 'other');"
                   "INSERT INTO subscriber (username, domain, ha1, ha1b) VALUES ('15000', 'aeta', MD5('a'), MD5('b'));"
                   "UPDATE subscriber SET ha1 = MD5('c'), ha1b = MD5('d') WHERE username = '15000';"
                   "DELETE FROM subscriber WHERE username = '15000'; DELETE FROM aeta_account"),
]

MAY_NOT = [
    ("aeta_admin", "SELECT * FROM dialog_vars"),
    ("aeta_admin", "DELETE FROM aeta_call"),
    ("aeta_admin", "SELECT password FROM aeta_operator"),
    ("aeta_admin", "SELECT totp_secret FROM aeta_operator"),
    ("aeta_admin", "SELECT login FROM aeta_operator WHERE password LIKE '$%'"),
    ("aeta_admin", "UPDATE aeta_operator SET name = totp_secret"),
    ("aeta_admin", "SELECT password FROM aeta_web_login"),
    ("aeta_admin", "SELECT token_hash FROM aeta_web_session"),
    ("aeta_admin", "INSERT INTO aeta_web_session (token_hash, ends_at) VALUES ('x', UTC_TIMESTAMP())"),
    ("aeta_admin", "SELECT * FROM aeta_web_throttle"),
    *[("aeta_sip", f"SELECT * FROM {table}") for table in
      ("aeta_operator", "aeta_web_login", "aeta_web_session", "aeta_web_throttle", "aeta_sip_password")],
    ("aeta_web", "SELECT ha1 FROM subscriber"),
    ("aeta_web", "SELECT ha1b FROM subscriber"),
    ("aeta_web", "SELECT username FROM subscriber WHERE ha1 LIKE 'a%'"),
    ("aeta_web", "UPDATE subscriber SET ha1b = ha1"),
    ("aeta_web", "SELECT ha1 FROM aeta_credentials"),
    ("aeta_web", "DELETE FROM sip_trace"),
    ("aeta_web", "UPDATE aeta_audit SET who = 'another'"),
    ("aeta_web", "DELETE FROM aeta_audit"),
    ("aeta_web", "DELETE FROM acc_cdrs"),
    ("aeta_web", "DELETE FROM location"),
    ("aeta_web", "UPDATE aeta_generation SET accounts = 1"),
    ("aeta_web", "UPDATE aeta_sip_password SET changed_at = '2020-01-01'"),
    ("aeta_web", "DROP TRIGGER aeta_account_bi"),
    ("aeta_web", "INSERT INTO aeta_audit (who, action, at) VALUES ('somebody', 'test', '2020-01-01')"),
    ("aeta_web", "INSERT INTO aeta_audit (who, action, via) VALUES ('somebody', 'test', 'aeta_admin')"),
    ("aeta_web", "SELECT * FROM address"),
    ("aeta_web", "INSERT INTO address (ip_addr) VALUES ('192.0.2.1')"),
    ("aeta_web", "DELETE FROM address"),
    ("aeta_web", "DELETE FROM aeta_redial"),
    ("aeta_web", "UPDATE aeta_retention SET months = 12"),
    ("aeta_sip", "UPDATE subscriber SET ha1 = MD5('x')"),
    ("aeta_sip", "INSERT INTO aeta_account (number, kind) VALUES ('15001', 'other')"),
    ("aeta_sip", "UPDATE aeta_group SET hunting = 1"),
    ("aeta_sip", "UPDATE aeta_account SET media = 'never'"),
    ("aeta_sip", "INSERT INTO aeta_relay (set_number, url) VALUES (0, 'udp:127.0.0.1:2223')"),
    ("aeta_sip", "CALL aeta_relay_set_have('fr')"),
    ("aeta_sip", "UPDATE aeta_generation SET accounts = 1"),
    ("aeta_sip", "SELECT * FROM aeta_contact"),
    ("aeta_sip", "SELECT * FROM aeta_customer"),
    ("aeta_sip", "SELECT msg FROM sip_trace"),
    ("aeta_sip", "UPDATE sip_trace SET msg = 'x'"),
    ("aeta_sip", "SELECT * FROM aeta_audit"),
    ("aeta_admin", "INSERT INTO sip_trace (msg) VALUES ('x')"),
    ("aeta_admin", "DELETE FROM aeta_audit"),
    ("aeta_admin", "UPDATE aeta_audit SET who = 'another'"),
    ("aeta_admin", "UPDATE aeta_generation SET accounts = 1"),
    ("aeta_admin", "SELECT ha1 FROM subscriber"),
    ("aeta_admin", "SELECT ha1 FROM aeta_credentials"),
    ("aeta_admin", "SELECT ha1b FROM subscriber"),
    ("aeta_admin", "SELECT * FROM subscriber"),
    ("aeta_admin", "SELECT username FROM subscriber WHERE ha1 LIKE 'a%'"),
    ("aeta_admin", "UPDATE subscriber SET ha1b = ha1"),
    ("aeta_admin", "DELETE FROM acc_cdrs"),
    ("aeta_admin", "INSERT INTO aeta_retention VALUES ('x', 9, 9)"),
    ("aeta_admin", "DELETE FROM aeta_attempt"),
    ("aeta_admin", "DELETE FROM location"),
    ("aeta_admin", "DELETE FROM aeta_retired_prefix"),
    ("aeta_admin", "DROP TRIGGER aeta_account_bi"),
    ("aeta_admin", "ALTER TABLE aeta_account ADD x INT"),
    ("aeta_admin", "INSERT INTO aeta_migration (version, name) VALUES (99, 'x')"),
    *[(user, "SELECT * FROM mysql.user") for user in USERS],
    *[(user, "CREATE DATABASE mine") for user in USERS],
    *[(user, "SELECT LOAD_FILE('/etc/hostname') + 0 FROM mysql.db") for user in USERS],
    *[(user, "SELECT 1 INTO OUTFILE '/tmp/never-written'") for user in USERS],
]


@pytest.mark.parametrize("user,text", MAY)
def test_may(db, user, text):
    db.sql(text, user=user)


@pytest.mark.parametrize("user,text", MAY_NOT)
def test_may_not(db, user, text):
    with pytest.raises(SqlError, match="denied"):
        db.sql(text, user=user)


def test_the_audit_keeps_24_months(db):
    """What is older goes, by the one procedure that may delete; nothing else does."""
    db.sql("DELETE FROM aeta_audit; INSERT INTO aeta_audit (at, who, action) VALUES "
           "(UTC_TIMESTAMP() - INTERVAL 25 MONTH, 'a', 'old'), (UTC_TIMESTAMP() - INTERVAL 23 MONTH, 'a', 'kept')")
    db.sql("CALL aeta_audit_prune()", user="aeta_admin")
    assert db.sql("SELECT action FROM aeta_audit") == [["kept"]]


FORGED = ("SET timestamp = 1000000000, time_zone = '-11:00'; INSERT INTO aeta_audit ({columns}) VALUES ({values})")


@pytest.mark.parametrize("user, columns, values", [
    ("aeta_admin", "at, who, via, action", "'2020-01-01', 'somebody', 'aeta_web', 'test'"), ("aeta_web", "who, action", "'somebody', 'test'")])
def test_when_and_through_whom_is_not_the_writers_to_say(db, user, columns, values):
    db.sql("DELETE FROM aeta_audit")
    db.sql(FORGED.format(columns=columns, values=values), user=user)
    assert db.sql("SELECT who, via, ABS(TIMESTAMPDIFF(SECOND, at, UTC_TIMESTAMP())) < 60 FROM aeta_audit") == [["somebody", user, "1"]]


def test_a_restored_audit_is_as_it_was(db):
    db.sql("DELETE FROM aeta_audit; INSERT INTO aeta_audit (at, who, via, action) VALUES ('2026-01-01', 'ann', 'aeta_web', 'group set')")
    assert db.sql("SELECT at, via FROM aeta_audit") == [["2026-01-01 00:00:00", "aeta_web"]]


@pytest.mark.parametrize("values", ["'ann', '', NULL", "'ann', 'group set', 'Radio'", "'ann', 'group set', '{\"a\": '"])
def test_a_row_of_the_audit_names_its_act_and_has_json(db, values):
    with pytest.raises(SqlError, match="aeta_audit_"):
        db.sql(f"INSERT INTO aeta_audit (who, action, new_values) VALUES ({values})", user="aeta_admin")


def read(path):
    return dict(line.split() for line in path.read_text().splitlines())


def test_demo(empty, tmp_path):
    empty.install()
    file = tmp_path / "credentials"
    done = script("demo.sh", empty, "--credentials", file, "--address", "127.0.0.1", "--address", "[::1]")
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    words = read(file)
    assert len(words) == 59 and len(set(words.values())) == 59
    assert all(len(word) >= 12 and not set(word) & set("0o1liIO") for word in words.values())
    for number in ("45675001", "45676012", "45995033", "902080", "15000"):
        text = f"{number}:aeta:{words[number]}"
        assert empty.sql(f"SELECT ha1 FROM subscriber WHERE username = '{number}'") == [[hashlib.md5(text.encode()).hexdigest()]]
    assert empty.sql("SELECT prefix, hunting, last_seq FROM aeta_group") == [["4567", "1", "5012"], ["4599", "0", "5033"]]
    assert empty.sql("SELECT relay_set FROM aeta_domain WHERE domain = 'sip.example.fr'") == [["fr"]]
    assert empty.sql("SELECT COUNT(*) FROM aeta_domain") == [["5"]]


def rights(server, user):
    """Of the user, table by table, and column by column."""
    tables, columns = "TABLE_PRIVILEGES", "COLUMN_PRIVILEGES"
    return server.sql(f"SELECT table_name, privilege_type FROM information_schema.{tables} WHERE grantee = \"'{user}'@'localhost'\" ORDER BY 1, 2; "
                      f"SELECT table_name, privilege_type, column_name FROM information_schema.{columns} "
                      f"WHERE grantee = \"'{user}'@'localhost'\" ORDER BY 1, 2, 3")


def test_rights_of_an_earlier_version_are_taken_back(empty):
    """What aeta_web could do before is not left to it, and the installer can run again."""
    empty.install()
    new = rights(empty, "aeta_web")
    for given in ("SELECT, INSERT, UPDATE, DELETE ON address", "SELECT, DELETE ON aeta_redial",
                  "SELECT, INSERT ON aeta_audit", "SELECT, UPDATE (months) ON aeta_retention"):
        empty.sql(f"GRANT {given} TO aeta_web@localhost")
    assert rights(empty, "aeta_web") != new
    for _ in range(2):
        empty.install()
        assert rights(empty, "aeta_web") == new


def test_demo_again_changes_nothing(empty, tmp_path):
    empty.install()
    file = tmp_path / "credentials"
    script("demo.sh", empty, "--credentials", file)
    empty.sql("""DELETE FROM aeta_account WHERE number = '45675003'; UPDATE aeta_group SET block_incoming = 1;
        UPDATE subscriber SET ha1 = MD5('changed') WHERE username = '45675001'""")
    everything = "SELECT * FROM aeta_account; SELECT * FROM aeta_group; SELECT * FROM subscriber; SELECT * FROM aeta_contact"
    before, text = empty.sql(everything), file.read_text()
    again = script("demo.sh", empty, "--credentials", file)
    assert again.returncode == 0, again.stderr
    assert empty.sql(everything) == before and file.read_text() == text


def test_demo_with_lost_credentials_makes_new_ones(empty, tmp_path):
    empty.install()
    file = tmp_path / "credentials"
    script("demo.sh", empty, "--credentials", file)
    old = read(file)
    file.unlink()
    script("demo.sh", empty, "--credentials", file, "--realm", "aeta")
    new = read(file)
    assert new.keys() == old.keys() and not set(new.values()) & set(old.values())
    text = f"15000:aeta:{new['15000']}"
    assert empty.sql("SELECT ha1 FROM subscriber WHERE username = '15000'") == [[hashlib.md5(text.encode()).hexdigest()]]


def test_demo_keeps_out_of_real_data(empty, tmp_path):
    empty.install()
    empty.sql("""INSERT INTO aeta_customer (id, name) VALUES (1, 'Real');
        INSERT INTO aeta_contact (customer_id, email) VALUES (1, 'noc@real.example');
        INSERT INTO aeta_group (prefix, customer_id) VALUES (4567, 1)""")
    done = script("demo.sh", empty, "--credentials", tmp_path / "credentials")
    assert done.returncode == 1 and "group 4567 exists and is not demo data" in done.stderr
    assert empty.sql("SELECT COUNT(*) FROM aeta_account") == [["0"]]


def test_no_secret_on_a_command_line(empty, tmp_path):
    """Every program the scripts start is a traced one: none is given a password."""
    empty.install()
    file = tmp_path / "credentials"
    trace = tmp_path / "trace"
    traced = subprocess.run(["strace", "-f", "-s", "4096", "-e", "trace=execve", "-o", trace, ROOT / "sql/demo.sh",
                             "--defaults", empty.options(), "--credentials", file], capture_output=True, text=True) \
        if subprocess.run(["which", "strace"], capture_output=True).returncode == 0 else None
    if traced is None:
        pytest.skip("no strace on this machine")
    assert traced.returncode == 0, traced.stderr
    text = trace.read_text()
    assert "execve" in text and not [word for word in read(file).values() if word in text]


def test_no_question_of_the_sip_server_reads_a_whole_table(empty):
    """Credentials with their account, and a dialog by its Call-ID, go by an index (a stranger can have them asked)."""
    empty.install()
    for question in ("SELECT ha1, kind, state, valid_until FROM aeta_credentials WHERE username = '45675001'",
                     "SELECT callid FROM dialog WHERE callid = 'x@y'",
                     "DELETE dialog, dialog_vars FROM dialog LEFT JOIN dialog_vars USING (hash_entry, hash_id) "
                     "WHERE hash_entry = 1 AND hash_id = 2"):
        plan = empty.sql(f"SET optimizer_use_condition_selectivity = 1; EXPLAIN {question}")
        assert plan and all(row[5] != "NULL" and row[3] in ("ref", "eq_ref", "const") for row in plan), (question, plan)
