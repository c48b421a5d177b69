# SPDX-License-Identifier: GPL-2.0-or-later
"""The data layer against a real MariaDB. Two customers, who have one of everything, and know nothing of each other."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from data_shell import Data  # noqa: E402
from db import Server  # noqa: E402

# Customer 1 has group 4567 (hunting) and the factory account 902080, customer 2 has group 4599; 15000 is nobody's.
SCENE = """
INSERT INTO aeta_customer (id, name, comment) VALUES (1, 'Radio', 'pays late'), (2, 'TV', '');
INSERT INTO aeta_contact (id, customer_id, email, name) VALUES (1, 1, 'noc@radio.example', 'Ann'), (2, 2, 'noc@tv.example', '');
INSERT INTO aeta_group (prefix, customer_id, name, hunting, self_management) VALUES (4567, 1, 'Studios', 1, 1), (4599, 2, '', 0, 1);
INSERT INTO aeta_account (number, kind) VALUES ('45675001', 'premium'), ('45675002', 'premium'), ('45995001', 'premium'),
    ('45676001', 'hunting'), ('15000', 'other');
INSERT INTO aeta_account (number, kind, customer_id, product, serial) VALUES ('902080', 'factory', 1, 'Scoop5 S', 'A-0042');
INSERT INTO subscriber (username, domain, ha1, ha1b) SELECT number, 'aeta', MD5(CONCAT(number, ':aeta:secret')),
    MD5(CONCAT(number, '@aeta:aeta:secret')) FROM aeta_account;
INSERT INTO aeta_exception VALUES (4567, '902080'), (4599, '45675001');
INSERT INTO aeta_domain (domain, relay_set) VALUES ('sip.example.com', 'default'), ('sip.example.fr', 'fr');
INSERT INTO aeta_relay (id, set_number, url) VALUES (1, 0, 'udp:192.0.2.50:2223'), (2, 1, 'udp:192.0.2.60:2223');
INSERT INTO location (ruid, username, contact, received, expires, user_agent, last_modified) VALUES
    ('a', '45675001', 'sip:45675001@10.0.0.1', 'sip:192.0.2.1:5060', UTC_TIMESTAMP() + INTERVAL 1 HOUR, x'436f646563e9', UTC_TIMESTAMP()),
    ('b', '45995001', 'sip:45995001@192.0.2.2', NULL, UTC_TIMESTAMP() - INTERVAL 1 HOUR, '<script>alert(1)</script>', UTC_TIMESTAMP());
INSERT INTO acc_cdrs (id, start_time, end_time, duration, caller, dialled, final, path, caller_flow) VALUES
    (1, '2026-01-01 10:00:00', '2026-01-01 10:01:00', 60, '45675001', '5002', '45675002', 'direct', 'udp:192.0.2.1:5060'),
    (2, '2026-01-02 10:00:00', '2026-01-02 10:01:00', 60, '45675001', '45995001', '45995001', 'relayed', 'udp:192.0.2.1:5060'),
    (3, '2026-01-03 10:00:00', '2026-01-03 10:01:00', 60.4, '45995001', '15000', '15000', 'relayed', 'udp:192.0.2.2:5060'),
    (4, '2026-01-04 10:00:00', '2026-01-04 10:01:00', 60, '902080', '15000', '15000', '', '');
INSERT INTO dialog (hash_entry, hash_id, callid, from_uri, from_tag, to_uri, to_tag, caller_cseq, callee_cseq, caller_contact,
    callee_contact, caller_sock, callee_sock, state, start_time, req_uri) VALUES
    (7, 1, 'c@x', 'sip:45675001@x', 'f', 'sip:45995001@x', 't', '1', '1', '', '', '', '', 4, 1767261600, 'sip:45995001@x');
INSERT INTO dialog_vars (hash_entry, hash_id, dialog_key, dialog_value) VALUES
    (7, 1, 'caller_leg', '45675001|udp:192.0.2.1:5060|||a|45995001|group|c@x'),
    (7, 1, 'callee_leg', '45995001|udp:192.0.2.2:5060|||b|direct|both open|');
INSERT INTO aeta_attempt (id, account, bucket, kind, cause, trust, first_at, last_at) VALUES
    (1, '45675001', 1, 'call', 'busy', 2, '2026-01-01', '2026-01-01'), (2, '45995001', 1, 'register', 'wrong-password', 1,
    '2026-01-01', '2026-01-02'), (3, '45995001', 1, 'register', 'no-answer', 0, '2026-01-01', '2026-01-03');
INSERT INTO aeta_nat_class (account, address, class, changed_at) VALUES ('45675001', '192.0.2.1', 'open', '2026-01-01'),
    ('45995001', '192.0.2.2', 'walled', '2026-01-01');
INSERT INTO aeta_redial VALUES ('45675001', '45995001', '192.0.2.1', '192.0.2.2', 2000000000);
INSERT INTO aeta_announcement (id, kind, subject, body, who, to_all, customer_id) VALUES (1, 'evolution', 'New', 'To all', 'ann', 1, NULL),
    (2, 'event', 'Works', 'To one', 'ann', 0, 1), (3, 'event', 'Old', 'To one that was deleted', 'ann', 0, NULL);
INSERT INTO aeta_mail (id, kind, recipient, subject, body, customer_id, announcement_id) VALUES
    (1, 'announcement', 'noc@radio.example', 'Works', 'To one', 1, 2), (2, 'test', 'ann@example.com', 'Test', 'Test', NULL, NULL);
INSERT INTO aeta_operator (login, role, password) VALUES ('ann', 'admin', 'x'), ('bob', 'viewer', 'x');
INSERT INTO aeta_web_login (account, password) VALUES ('45675001', 'x'), ('45995001', 'x');
INSERT INTO aeta_contact_login (contact_id, login, password) VALUES (1, 'noc@radio.example', 'x'), (2, 'noc@tv.example', 'x');
INSERT INTO aeta_web_session (id, token_hash, operator_id, account, contact_id, ends_at) VALUES
    (1, REPEAT('a', 64), 1, NULL, NULL, '2030-01-01'), (2, REPEAT('b', 64), NULL, '45675001', NULL, '2030-01-01'),
    (3, REPEAT('c', 64), NULL, NULL, 1, '2030-01-01'), (4, REPEAT('d', 64), NULL, NULL, 2, '2030-01-01');
INSERT INTO aeta_audit (id, who, action, object) VALUES (1, 'ann', 'trace start', '45675001');
"""

EMPTY = """
DELETE FROM dialog_vars; DELETE FROM aeta_web_session; DELETE FROM aeta_web_login; DELETE FROM aeta_operator; DELETE FROM aeta_redial;
DELETE FROM aeta_nat_class; DELETE FROM aeta_audit; ALTER TABLE aeta_operator AUTO_INCREMENT = 1;
"""


@pytest.fixture(scope="session")
def server():
    with Server() as running:
        running.install()
        yield running


@pytest.fixture
def scene(server):
    server.clean(EMPTY)
    server.sql(SCENE)
    return server


@pytest.fixture
def data(scene, tmp_path):
    with Data(tmp_path, scene) as running:
        yield running
