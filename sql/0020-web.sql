-- SPDX-License-Identifier: GPL-2.0-or-later
-- Who may use the web administration, and who does: operators, subscribers' web logins (E1), sessions, and how often a login was
-- tried. Passwords are argon2id, sessions are stored by the SHA-256 of their token: nothing here lets its reader in.

-- Those who run the service. A login is lower case.
CREATE TABLE IF NOT EXISTS aeta_operator (
	id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	login VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	name VARCHAR(128) NOT NULL DEFAULT '',
	role ENUM('viewer','support','admin') NOT NULL DEFAULT 'viewer',
	enabled TINYINT(1) NOT NULL DEFAULT 1,
	password VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,         -- argon2id, with its parameters
	totp_secret VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,           -- base32; NULL: no second factor
	totp TINYINT(1) GENERATED ALWAYS AS (totp_secret IS NOT NULL) VIRTUAL,        -- for those who may not read it
	totp_step BIGINT UNSIGNED NOT NULL DEFAULT 0,                                 -- of the last code: none is good twice
	created_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	password_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	last_login_at DATETIME NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	CONSTRAINT aeta_operator_login UNIQUE (login),
	CONSTRAINT aeta_operator_login_form CHECK (login REGEXP '^[a-z0-9][a-z0-9._@-]*$')
) ENGINE=InnoDB;

-- The web login of an account whose group has self-management: its number, and a password of its own.
CREATE TABLE IF NOT EXISTS aeta_web_login (
	account VARCHAR(18) NOT NULL PRIMARY KEY,
	password VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	email VARCHAR(190) NOT NULL DEFAULT '',
	created_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	password_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	last_login_at DATETIME NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	CONSTRAINT aeta_web_login_account FOREIGN KEY (account) REFERENCES aeta_account (number) ON DELETE CASCADE
) ENGINE=InnoDB;

-- Sessions are in the database, so they outlive a restart of the server and a switch to the other one.
CREATE TABLE IF NOT EXISTS aeta_web_session (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	token_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	operator_id INT UNSIGNED NULL,                     -- whose it is: an operator's,
	account VARCHAR(18) NULL,                          -- or a subscriber's
	whole TINYINT(1) NOT NULL DEFAULT 1,               -- 0: the second factor is still to come
	created_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	seen_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()), -- renewed once a minute
	ends_at DATETIME NOT NULL,
	address VARCHAR(45) NOT NULL DEFAULT '',
	user_agent VARCHAR(128) NOT NULL DEFAULT '',
	CONSTRAINT aeta_web_session_token UNIQUE (token_hash),
	CONSTRAINT aeta_web_session_operator FOREIGN KEY (operator_id) REFERENCES aeta_operator (id) ON DELETE CASCADE,
	CONSTRAINT aeta_web_session_account FOREIGN KEY (account) REFERENCES aeta_web_login (account) ON DELETE CASCADE,
	INDEX aeta_web_session_seen (seen_at)
) ENGINE=InnoDB;

-- How often a login was tried: one row for each name that was typed, and for each source (an IPv4 address, or 64 bits of IPv6).
CREATE TABLE IF NOT EXISTS aeta_web_throttle (
	subject CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, -- a digest: names may be passwords that slipped
	tries INT UNSIGNED NOT NULL DEFAULT 1,
	last_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	open_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),                         -- no try counts before
	INDEX aeta_web_throttle_age (last_at)
) ENGINE=InnoDB;

-- When the SIP password of an account was changed, whoever did it: a registration after it was made with the new one.
CREATE TABLE IF NOT EXISTS aeta_sip_password (
	account VARCHAR(64) NOT NULL PRIMARY KEY,
	changed_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP())
) ENGINE=InnoDB;

DELIMITER //

DROP TRIGGER IF EXISTS aeta_sip_password_i//
CREATE TRIGGER aeta_sip_password_i AFTER INSERT ON subscriber FOR EACH ROW
	INSERT INTO aeta_sip_password (account) VALUES (NEW.username) ON DUPLICATE KEY UPDATE changed_at = UTC_TIMESTAMP()//
DROP TRIGGER IF EXISTS aeta_sip_password_u//
CREATE TRIGGER aeta_sip_password_u AFTER UPDATE ON subscriber FOR EACH ROW
	IF NOT (NEW.ha1 <=> OLD.ha1) THEN
		INSERT INTO aeta_sip_password (account) VALUES (NEW.username) ON DUPLICATE KEY UPDATE changed_at = UTC_TIMESTAMP();
	END IF//
DROP TRIGGER IF EXISTS aeta_sip_password_d//
CREATE TRIGGER aeta_sip_password_d AFTER DELETE ON subscriber FOR EACH ROW
	DELETE FROM aeta_sip_password WHERE account = OLD.username//

-- What was read before a change is known to be old after it. To log in is no change of what anybody edits.
DROP TRIGGER IF EXISTS aeta_operator_version//
CREATE TRIGGER aeta_operator_version BEFORE UPDATE ON aeta_operator FOR EACH ROW
	SET NEW.version = OLD.version + (NEW.last_login_at <=> OLD.last_login_at AND NEW.totp_step = OLD.totp_step)//
DROP TRIGGER IF EXISTS aeta_web_login_version//
CREATE TRIGGER aeta_web_login_version BEFORE UPDATE ON aeta_web_login FOR EACH ROW
	SET NEW.version = OLD.version + (NEW.last_login_at <=> OLD.last_login_at)//

DELIMITER ;
