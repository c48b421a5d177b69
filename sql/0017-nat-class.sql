-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the agents are behind (C7), as Kamailio has found out by asking them: one row for an account at a public address. Kamailio
-- writes it a second late and reads it at its start, so that a restart or a switchover loses none of it. Rows that nothing has
-- changed for 90 days go. `aetactl nat NUMBER` says it in words.
CREATE TABLE IF NOT EXISTS aeta_nat_class (
	account VARBINARY(18) NOT NULL,
	address VARBINARY(45) NOT NULL,                     -- that its SIP comes from
	class ENUM('unknown','open','eim','changed','walled','leaky') NOT NULL DEFAULT 'unknown', -- follows from the evidence
	evidence INT UNSIGNED NOT NULL DEFAULT 0,           -- bits of modules/aeta/policy/nat_class.h, in their order
	stun ENUM('unknown','yes','no') NOT NULL DEFAULT 'unknown', -- does it use STUN? Learned from its SDPs,
	binding BIGINT UNSIGNED NOT NULL DEFAULT 0,         -- ... and true of this registration only
	checked_at DATETIME NULL,                           -- when it was last asked, UTC; NULL: never
	changed_at DATETIME NOT NULL,
	PRIMARY KEY (account, address),
	INDEX aeta_nat_class_age (changed_at)
) ENGINE=InnoDB;

-- Accounts whose agents are never asked (`aetactl nat off NUMBER`). Their calls are relayed where nothing else tells.
CREATE TABLE IF NOT EXISTS aeta_nat_off (
	account VARCHAR(18) NOT NULL PRIMARY KEY,
	since DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE=InnoDB;
