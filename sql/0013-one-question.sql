-- SPDX-License-Identifier: GPL-2.0-or-later
-- Credentials and account in one question: each registration and each call asks for both, of the same number. `account` is
-- kind|state, with the end of the account counted in; empty where there is no account. Rights are those of who asks.
CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW aeta_credentials AS
	SELECT s.username, s.domain, s.password, s.ha1, s.ha1b,
		IF(a.number IS NULL, '', CONCAT(a.kind, '|',
			IF(a.state = 'active' AND a.valid_until <= UTC_TIMESTAMP(), 'ended', a.state))) AS account
	FROM subscriber s LEFT JOIN aeta_account a ON a.number = s.username;

INSERT IGNORE INTO version (table_name, table_version)
	SELECT 'aeta_credentials', table_version FROM version WHERE table_name = 'subscriber';
