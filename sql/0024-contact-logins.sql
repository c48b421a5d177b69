-- SPDX-License-Identifier: GPL-2.0-or-later
-- The web login of a technical contact (E3), who sees what belongs to its customer. Each statement may be repeated.

-- A login is the contact's e-mail address, unless the operator gives another: two customers may have the same contact, and each of the two
-- has a login of its own. Never digits only: those are accounts.
CREATE TABLE IF NOT EXISTS aeta_contact_login (
	contact_id INT UNSIGNED NOT NULL PRIMARY KEY,
	login VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	enabled TINYINT(1) NOT NULL DEFAULT 1,
	password VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,   -- argon2id, with its parameters
	totp_secret VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,     -- base32; NULL: no second factor
	totp TINYINT(1) GENERATED ALWAYS AS (totp_secret IS NOT NULL) VIRTUAL,  -- for those who may not read it
	totp_step BIGINT UNSIGNED NOT NULL DEFAULT 0,                           -- of the last code: none is good twice
	created_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	password_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	last_login_at DATETIME NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	CONSTRAINT aeta_contact_login_login UNIQUE (login),
	CONSTRAINT aeta_contact_login_form CHECK (login REGEXP '^[a-z0-9][a-z0-9._@+-]*$' AND login REGEXP '[^0-9]'),
	CONSTRAINT aeta_contact_login_contact FOREIGN KEY (contact_id) REFERENCES aeta_contact (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- Whose a session is: an operator's, an account's, or a contact's. It ends with the login, and that with the contact.
ALTER TABLE aeta_web_session
	ADD COLUMN IF NOT EXISTS contact_id INT UNSIGNED NULL AFTER account,
	ADD CONSTRAINT aeta_web_session_contact FOREIGN KEY IF NOT EXISTS (contact_id) REFERENCES aeta_contact_login (contact_id)
		ON DELETE CASCADE;

DELIMITER //

-- As with operators: to log in is no change of what anybody edits.
DROP TRIGGER IF EXISTS aeta_contact_login_version//
CREATE TRIGGER aeta_contact_login_version BEFORE UPDATE ON aeta_contact_login FOR EACH ROW
	SET NEW.version = OLD.version + (NEW.last_login_at <=> OLD.last_login_at AND NEW.totp_step = OLD.totp_step)//

DELIMITER ;

-- The logins that may be used now. A customer has no state of its own but its accounts': where it has some, and none of them is active any
-- more (each is locked, suspended or has ended), its contacts are out as their logins are. One without any account yet is not.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW aeta_contact_open AS
	SELECT w.contact_id, k.customer_id
	FROM aeta_contact_login w JOIN aeta_contact k ON k.id = w.contact_id
	WHERE w.enabled AND (
		EXISTS (SELECT 1 FROM aeta_group g JOIN aeta_account a ON a.prefix = g.prefix WHERE g.customer_id = k.customer_id
			AND a.state = 'active' AND (a.valid_until IS NULL OR a.valid_until > UTC_TIMESTAMP()))
		OR EXISTS (SELECT 1 FROM aeta_account a WHERE a.customer_id = k.customer_id AND a.prefix IS NULL
			AND a.state = 'active' AND (a.valid_until IS NULL OR a.valid_until > UTC_TIMESTAMP()))
		OR NOT (EXISTS (SELECT 1 FROM aeta_group g JOIN aeta_account a ON a.prefix = g.prefix WHERE g.customer_id = k.customer_id)
			OR EXISTS (SELECT 1 FROM aeta_account a WHERE a.customer_id = k.customer_id AND a.prefix IS NULL)));
