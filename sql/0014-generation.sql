-- SPDX-License-Identifier: GPL-2.0-or-later
-- Kamailio keeps accounts and credentials in memory as long as nothing has changed here: each change of either makes
-- aeta_generation.accounts another number, which it asks for every second. (A row that is counted up, not a new one each time:
-- what it says is visible exactly when the change is. TRUNCATE runs no trigger; such a change counts after five minutes.)
CREATE TABLE IF NOT EXISTS aeta_generation (
	id TINYINT UNSIGNED NOT NULL PRIMARY KEY DEFAULT 1,
	accounts BIGINT NOT NULL DEFAULT 1,
	CONSTRAINT aeta_generation_one CHECK (id = 1)
) ENGINE=InnoDB;

INSERT IGNORE INTO aeta_generation (id) VALUES (1);

DELIMITER //

DROP TRIGGER IF EXISTS aeta_account_changed_i//
CREATE TRIGGER aeta_account_changed_i AFTER INSERT ON aeta_account FOR EACH ROW
	UPDATE aeta_generation SET accounts = accounts + 1//
DROP TRIGGER IF EXISTS aeta_account_changed_u//
CREATE TRIGGER aeta_account_changed_u AFTER UPDATE ON aeta_account FOR EACH ROW
	UPDATE aeta_generation SET accounts = accounts + 1//
DROP TRIGGER IF EXISTS aeta_account_changed_d//
CREATE TRIGGER aeta_account_changed_d AFTER DELETE ON aeta_account FOR EACH ROW
	UPDATE aeta_generation SET accounts = accounts + 1//

DROP TRIGGER IF EXISTS aeta_subscriber_changed_i//
CREATE TRIGGER aeta_subscriber_changed_i AFTER INSERT ON subscriber FOR EACH ROW
	UPDATE aeta_generation SET accounts = accounts + 1//
DROP TRIGGER IF EXISTS aeta_subscriber_changed_u//
CREATE TRIGGER aeta_subscriber_changed_u AFTER UPDATE ON subscriber FOR EACH ROW
	UPDATE aeta_generation SET accounts = accounts + 1//
DROP TRIGGER IF EXISTS aeta_subscriber_changed_d//
CREATE TRIGGER aeta_subscriber_changed_d AFTER DELETE ON subscriber FOR EACH ROW
	UPDATE aeta_generation SET accounts = accounts + 1//

DELIMITER ;

-- What a registration or a call asks for, in one question; the columns of the account are NULL where there is none.
CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW aeta_credentials AS
	SELECT s.username, s.ha1, a.kind, a.state, a.valid_until
	FROM subscriber s LEFT JOIN aeta_account a ON a.number = s.username;

DELETE FROM version WHERE table_name = 'aeta_credentials';
