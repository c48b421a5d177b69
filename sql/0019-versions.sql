-- SPDX-License-Identifier: GPL-2.0-or-later
-- What two people who change the same row need, and what the audit says of a change. Each statement may be repeated.
--
-- version: counted up by each UPDATE, whoever makes it. Who shows a row, and writes it later, says which version was shown; if it is
-- another one by then, somebody else has written, and is not overwritten. (That a group gives its next number is no change of it.)
ALTER TABLE aeta_customer ADD COLUMN IF NOT EXISTS version INT UNSIGNED NOT NULL DEFAULT 1;
ALTER TABLE aeta_contact ADD COLUMN IF NOT EXISTS version INT UNSIGNED NOT NULL DEFAULT 1;
ALTER TABLE aeta_group ADD COLUMN IF NOT EXISTS version INT UNSIGNED NOT NULL DEFAULT 1;
ALTER TABLE aeta_account ADD COLUMN IF NOT EXISTS version INT UNSIGNED NOT NULL DEFAULT 1;
ALTER TABLE aeta_domain ADD COLUMN IF NOT EXISTS version INT UNSIGNED NOT NULL DEFAULT 1;
ALTER TABLE aeta_relay_set ADD COLUMN IF NOT EXISTS version INT UNSIGNED NOT NULL DEFAULT 1;
ALTER TABLE aeta_relay ADD COLUMN IF NOT EXISTS version INT UNSIGNED NOT NULL DEFAULT 1;

-- What changed, as JSON objects of the columns: as they were, and as they are now. No secrets: the table is read by operators.
ALTER TABLE aeta_audit
	ADD COLUMN IF NOT EXISTS old_values TEXT NULL,
	ADD COLUMN IF NOT EXISTS new_values TEXT NULL;

DELIMITER //

DROP TRIGGER IF EXISTS aeta_customer_version//
CREATE TRIGGER aeta_customer_version BEFORE UPDATE ON aeta_customer FOR EACH ROW SET NEW.version = OLD.version + 1//
DROP TRIGGER IF EXISTS aeta_contact_version//
CREATE TRIGGER aeta_contact_version BEFORE UPDATE ON aeta_contact FOR EACH ROW SET NEW.version = OLD.version + 1//
DROP TRIGGER IF EXISTS aeta_group_version//
CREATE TRIGGER aeta_group_version BEFORE UPDATE ON aeta_group FOR EACH ROW
	SET NEW.version = OLD.version + IF(NEW.last_seq = OLD.last_seq, 1, 0)//
DROP TRIGGER IF EXISTS aeta_account_version//
CREATE TRIGGER aeta_account_version BEFORE UPDATE ON aeta_account FOR EACH ROW SET NEW.version = OLD.version + 1//
DROP TRIGGER IF EXISTS aeta_domain_version//
CREATE TRIGGER aeta_domain_version BEFORE UPDATE ON aeta_domain FOR EACH ROW SET NEW.version = OLD.version + 1//
DROP TRIGGER IF EXISTS aeta_relay_set_version//
CREATE TRIGGER aeta_relay_set_version BEFORE UPDATE ON aeta_relay_set FOR EACH ROW SET NEW.version = OLD.version + 1//
DROP TRIGGER IF EXISTS aeta_relay_version//
CREATE TRIGGER aeta_relay_version BEFORE UPDATE ON aeta_relay FOR EACH ROW SET NEW.version = OLD.version + 1//

DELIMITER ;
