-- SPDX-License-Identifier: GPL-2.0-or-later
-- The history of the accounts (B10): what was tried with a number, and what came of it, for `aetactl why`. Written by
-- Kamailio, a few seconds late; kept for some days (SITE_ATTEMPT_DAYS).
--
-- One row is one kind of attempt within ten minutes: `times` says how often it was made, between first_at and last_at. What
-- an agent wrote is bytes, in whatever character set. What proves who it was is `trust`: 2 = valid credentials; 1 = the
-- source answered a challenge, but wrongly; 0 = nothing, anybody may have sent it. How many rows of the last two there can
-- be is bounded where they are made (modules/aeta/policy/attempt.h): 17,280 a day.
CREATE TABLE IF NOT EXISTS aeta_attempt (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	account VARBINARY(18) NOT NULL,                  -- who tried; only as sure as `trust`
	bucket INT UNSIGNED NOT NULL,                    -- the ten minutes: their first second since 1970
	kind VARBINARY(9) NOT NULL,                      -- register, call, message, subscribe, refer, options
	cause VARBINARY(32) NOT NULL,                    -- what came of it: answered, busy, wrong-password, ...
	dialled VARBINARY(32) NOT NULL DEFAULT '',       -- as it came; of a REGISTER the number in To, if another one
	peer VARBINARY(18) NOT NULL DEFAULT '',          -- the number that it means; of a hunt the hunting number
	final VARBINARY(18) NOT NULL DEFAULT '',         -- of a hunt: the member that it ended with
	address VARBINARY(45) NOT NULL DEFAULT '',       -- of the source
	trust TINYINT UNSIGNED NOT NULL,
	source VARBINARY(63) NOT NULL DEFAULT '',        -- proto:address:port, of the latest
	user_agent VARBINARY(64) NOT NULL DEFAULT '',    -- its first bytes, of the latest
	code SMALLINT UNSIGNED NOT NULL DEFAULT 0,       -- SIP status, 0 = none
	reason VARBINARY(48) NOT NULL DEFAULT '',        -- what an agent answered, in its words
	callid VARBINARY(128) NOT NULL DEFAULT '',       -- its first bytes, of the latest
	times INT UNSIGNED NOT NULL DEFAULT 1,
	first_at DATETIME NOT NULL,
	last_at DATETIME NOT NULL,
	batch BIGINT UNSIGNED NOT NULL DEFAULT 0,        -- of Kamailio's writer: what it wrote last, to count nothing twice
	CONSTRAINT aeta_attempt_one UNIQUE (account, bucket, kind, cause, dialled, final, address, trust),
	INDEX aeta_attempt_peer (peer, last_at),
	INDEX aeta_attempt_final (final, last_at),
	INDEX aeta_attempt_age (last_at)
) ENGINE=InnoDB;
