# SPDX-License-Identifier: GPL-2.0-or-later
"""The data layer is the only code with SQL in it, or that knows the database's client library."""

import re

from db import ROOT

ADMIN = ROOT / "admin"
SQL = re.compile(r'"[^"\n]*\b(SELECT [\w(*?]|INSERT (IGNORE )?INTO|UPDATE \w+ (\w+ )?SET\b|DELETE (\w+ )?FROM|REPLACE INTO|START TRANSACTION'
                 r'|(?:^|")CALL \w)')
PRIVATE = re.compile(r'#\s*include\s+["<](data/)?(db|db_private|statement|where|write|mysql\w*|mysqld_error|errmsg)\.h[">]')
CALLS = re.compile(r"\b(db_\w+|st_\w+|mysql_\w+)\(")


def lines(*folders):
    for folder in folders:
        for file in sorted((ADMIN / folder).glob("**/*.[ch]")):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                yield f"{file.relative_to(ROOT)}:{number}", line


def found(pattern, *folders):
    return [f"{where}: {line.strip()}" for where, line in lines(*folders) if pattern.search(line)]


def test_no_sql_outside_the_data_layer():
    assert not found(SQL, "ctl", "live", "web")
    assert len(found(SQL, "data")) > 50  # it would be seen


def test_no_client_library_outside_the_data_layer():
    assert not found(PRIVATE, "ctl", "live", "web") and not found(CALLS, "ctl", "live", "web")
    assert len(found(CALLS, "data")) > 100


def test_only_the_files_of_db_know_the_client_library():
    mysql = re.compile(r"\bmysql_\w+\(|<mysql|\bMYSQL\b|<errmsg")
    files = {"db.c", "db_failed.c", "db_private.h", "db_rows.c"}
    assert {entry.split(":")[0] for entry in found(mysql, "data")} == {f"admin/data/{file}" for file in files}


def test_public_headers_show_nothing_of_the_database():
    private = {"statement.h", "accounts_row.h", "db_private.h", "login_act.h", "where.h", "write.h"}
    shown = [entry for entry in found(PRIVATE, "data") if re.match(r"admin/data/(\w+\.h):", entry)]
    assert {re.match(r"admin/data/(\w+\.h)", entry)[1] for entry in shown} <= private


def test_every_function_with_the_database_takes_a_scope():
    """... but those that make or end the connection, log somebody in (there is no scope yet), or are the data layer's own."""
    free = {"data.h": {"data_open", "data_close", "data_ping", "data_error", "data_refuse", "data_begin_reading", "data_end_reading"},
            "audit.h": {"audit_prune"}, "rows.h": {"db_json"}, "operators.h": {"web_login_store"}, "sip_password.h": {"sip_password_store"},
            "logins.h": None, "sessions.h": None, "throttle.h": None, "pool.h": None, "db.h": None, "statement.h": None,
            "accounts_row.h": None, "db_private.h": None, "login_act.h": None, "where.h": None, "write.h": None}
    takes = re.compile(r"^[\w ]+?\*?(\w+)\((?:const )?struct db \*db(, const struct scope \*)?", re.M)
    for file in sorted((ADMIN / "data").glob("*.h")):
        allowed = free.get(file.name, set())
        if allowed is None:
            continue
        without = {name for name, scope in takes.findall(file.read_text()) if not scope}
        assert without <= allowed, (file.name, without - allowed)
