-- SPDX-License-Identifier: GPL-2.0-or-later
-- Customers, groups, accounts, exceptions, domains. What must hold between the rows is in 0002 (triggers, so that a
-- refusal says what is wrong and what to do); the CHECKs here are the second line.
-- Every DATETIME is UTC.

-- A subscriber of the service: a company, a radio station.
CREATE TABLE IF NOT EXISTS aeta_customer (
	id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name VARCHAR(128) NOT NULL,
	comment VARCHAR(255) NOT NULL DEFAULT '',
	created_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	CONSTRAINT aeta_customer_name UNIQUE (name)
) ENGINE=InnoDB;

-- Technical contacts (E3): who gets the mails about the service.
CREATE TABLE IF NOT EXISTS aeta_contact (
	id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	customer_id INT UNSIGNED NOT NULL,
	email VARCHAR(190) NOT NULL,
	name VARCHAR(128) NOT NULL DEFAULT '',
	phone VARCHAR(32) NOT NULL DEFAULT '',
	CONSTRAINT aeta_contact_email UNIQUE (customer_id, email),
	CONSTRAINT aeta_contact_customer FOREIGN KEY (customer_id) REFERENCES aeta_customer (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- Groups (B1): the premium accounts that share a 4-digit prefix, and their options (B4 to B8, E1, E2).
CREATE TABLE IF NOT EXISTS aeta_group (
	prefix SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
	customer_id INT UNSIGNED NOT NULL,
	name VARCHAR(128) NOT NULL DEFAULT '',
	block_incoming TINYINT(1) NOT NULL DEFAULT 0,
	block_outgoing TINYINT(1) NOT NULL DEFAULT 0,
	hunting TINYINT(1) NOT NULL DEFAULT 0,
	hunt_direct TINYINT(1) NOT NULL DEFAULT 1,       -- 6002 may be called directly (B8)
	hunt_busy_603 TINYINT(1) NOT NULL DEFAULT 0,     -- 603 counts as busy
	hunt_busy_in_call TINYINT(1) NOT NULL DEFAULT 0, -- a member in a call counts as busy, whatever it answers
	hunt_next_488 TINYINT(1) NOT NULL DEFAULT 0,     -- 488 moves on to the next member
	no_answer_s SMALLINT UNSIGNED NOT NULL DEFAULT 0,  -- seconds a member may ring before the hunt moves on; 0 = for ever
	hunt_max_s SMALLINT UNSIGNED NOT NULL DEFAULT 150, -- seconds, the whole hunt
	self_management TINYINT(1) NOT NULL DEFAULT 0,   -- web login for each account (E1)
	call_log TINYINT(1) NOT NULL DEFAULT 0,          -- quarterly call log (E2)
	last_seq SMALLINT UNSIGNED NOT NULL DEFAULT 5000, -- highest sequence ever given; the next number is this + 1
	created_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	CONSTRAINT aeta_group_customer FOREIGN KEY (customer_id) REFERENCES aeta_customer (id),
	CONSTRAINT aeta_group_prefix CHECK (prefix BETWEEN 1000 AND 9999),
	CONSTRAINT aeta_group_last_seq CHECK (last_seq BETWEEN 5000 AND 5999),
	CONSTRAINT aeta_group_no_answer CHECK (no_answer_s <= 120),
	CONSTRAINT aeta_group_hunt_max CHECK (hunt_max_s BETWEEN 10 AND 600)
) ENGINE=InnoDB;

-- What a deleted group leaves behind: its numbers are not given a second time when the prefix is allotted again (B1).
CREATE TABLE IF NOT EXISTS aeta_retired_prefix (
	prefix SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
	last_seq SMALLINT UNSIGNED NOT NULL,
	retired_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP())
) ENGINE=InnoDB;

-- Accounts (A2). The kind is stored, never guessed from the digits. The credentials are in Kamailio's `subscriber`.
CREATE TABLE IF NOT EXISTS aeta_account (
	number VARCHAR(18) NOT NULL PRIMARY KEY,
	kind ENUM('premium','hunting','factory','other') NOT NULL,
	state ENUM('active','locked','suspended') NOT NULL DEFAULT 'active',
	valid_until DATETIME NULL,                 -- UTC; NULL = no end; past = ended (A7)
	prefix SMALLINT UNSIGNED NULL,             -- premium, hunting: the group; set by itself where left out
	seq SMALLINT UNSIGNED NULL,                -- premium 5001..5999, hunting 6001..6999; likewise
	customer_id INT UNSIGNED NULL,             -- factory, other: who has it, if known
	product VARCHAR(64) NULL,                  -- factory: the product it is burnt into
	serial VARCHAR(64) NULL,
	comment VARCHAR(255) NOT NULL DEFAULT '',
	created_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	CONSTRAINT aeta_account_seq UNIQUE (prefix, seq),
	CONSTRAINT aeta_account_group FOREIGN KEY (prefix) REFERENCES aeta_group (prefix),
	CONSTRAINT aeta_account_customer FOREIGN KEY (customer_id) REFERENCES aeta_customer (id)
) ENGINE=InnoDB;

-- Numbers that members of a group with outgoing blocking may call all the same (B5).
CREATE TABLE IF NOT EXISTS aeta_exception (
	prefix SMALLINT UNSIGNED NOT NULL DEFAULT 0, -- 0 = every group
	number VARCHAR(18) NOT NULL,
	PRIMARY KEY (prefix, number)
) ENGINE=InnoDB;

INSERT IGNORE INTO aeta_exception (prefix, number) VALUES (0, '15000');

-- The domains of the service (A3), read by Kamailio's stock `domain` module (domain_table = aeta_domain).
CREATE TABLE IF NOT EXISTS aeta_domain (
	domain VARCHAR(64) NOT NULL PRIMARY KEY,
	did VARCHAR(64) NULL,                            -- Kamailio's domain id; NULL = the domain itself
	relay_set VARCHAR(32) NOT NULL DEFAULT 'default', -- relays for callers registered under this domain (C5)
	comment VARCHAR(255) NOT NULL DEFAULT ''
) ENGINE=InnoDB;

INSERT IGNORE INTO version (table_name, table_version)
	SELECT 'aeta_domain', table_version FROM version WHERE table_name = 'domain';
