-- SPDX-License-Identifier: GPL-2.0-or-later
-- The two tables that the module aeta reads, for a Kamailio that has its own database (MariaDB, MySQL 8):
--	mysql kamailio < aeta-create.sql
-- The whole service has more of its own (sql/); these are the columns that the module knows. modules/aeta/README
-- describes them.

CREATE TABLE aeta_group (
	prefix SMALLINT UNSIGNED NOT NULL PRIMARY KEY,   -- the first four digits of the group's eight-digit numbers
	block_incoming TINYINT(1) NOT NULL DEFAULT 0,    -- members are reached by members only
	block_outgoing TINYINT(1) NOT NULL DEFAULT 0,    -- members reach members, and the exceptions, only
	hunting TINYINT(1) NOT NULL DEFAULT 0,           -- <prefix>6000 rings 6001, 6002, ... one after the other
	hunt_direct TINYINT(1) NOT NULL DEFAULT 1,       -- 6001, 6002, ... may be called directly
	hunt_busy_603 TINYINT(1) NOT NULL DEFAULT 0,     -- 603 counts as busy
	hunt_busy_in_call TINYINT(1) NOT NULL DEFAULT 0, -- a member in a call counts as busy, whatever it answers
	hunt_next_488 TINYINT(1) NOT NULL DEFAULT 0,     -- 488 moves on to the next member
	no_answer_s SMALLINT UNSIGNED NOT NULL DEFAULT 0,  -- seconds a member may ring before the hunt moves on; 0 = for ever
	hunt_max_s SMALLINT UNSIGNED NOT NULL DEFAULT 150, -- seconds, the whole hunt
	CONSTRAINT aeta_group_prefix CHECK (prefix BETWEEN 1000 AND 9999),
	CONSTRAINT aeta_group_no_answer CHECK (no_answer_s <= 120),
	CONSTRAINT aeta_group_hunt_max CHECK (hunt_max_s BETWEEN 10 AND 600)
);

-- Numbers that members of a group with block_outgoing may call all the same.
CREATE TABLE aeta_exception (
	prefix SMALLINT UNSIGNED NOT NULL DEFAULT 0,     -- 0 = every group
	number VARCHAR(18) NOT NULL,
	PRIMARY KEY (prefix, number)
);
