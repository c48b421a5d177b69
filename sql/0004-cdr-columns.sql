-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a call record says beyond Kamailio's begin, end and duration (B10, C2, E2). One statement: all of it or nothing.
-- Flows are "proto:address:port" of the agent as the server saw it. last_alive is set only for a call that vanished (B11).
ALTER TABLE acc_cdrs
	ADD COLUMN caller VARCHAR(64) NOT NULL DEFAULT '',      -- the authenticated number
	ADD COLUMN dialled VARCHAR(64) NOT NULL DEFAULT '',     -- what it dialled
	ADD COLUMN final VARCHAR(64) NOT NULL DEFAULT '',       -- the number that answered
	ADD COLUMN rule VARCHAR(32) NOT NULL DEFAULT '',        -- the rule that routed it
	ADD COLUMN path VARCHAR(16) NOT NULL DEFAULT '',        -- direct or relayed
	ADD COLUMN path_reason VARCHAR(64) NOT NULL DEFAULT '',
	ADD COLUMN relay VARCHAR(64) NOT NULL DEFAULT '',
	ADD COLUMN callid VARCHAR(255) NOT NULL DEFAULT '',
	ADD COLUMN caller_flow VARCHAR(128) NOT NULL DEFAULT '',
	ADD COLUMN callee_flow VARCHAR(128) NOT NULL DEFAULT '',
	ADD COLUMN last_alive DATETIME NULL,
	ADD INDEX aeta_cdr_caller (caller, start_time),
	ADD INDEX aeta_cdr_final (final, start_time),
	ADD INDEX aeta_cdr_end (end_time),
	ADD INDEX aeta_cdr_callid (callid);
