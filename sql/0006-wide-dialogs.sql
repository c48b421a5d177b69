-- SPDX-License-Identifier: GPL-2.0-or-later
-- An answer cannot be refused for its length as a request can: what a callee may make long in it must fit, or its dialog
-- would be in memory only, and lost with a restart (D2). Longer than this is longer than a UDP answer that arrives.
ALTER TABLE dialog
	MODIFY COLUMN to_tag VARCHAR(1024) NOT NULL,
	MODIFY COLUMN caller_contact VARCHAR(2048) NOT NULL, -- a re-INVITE may bring another one
	MODIFY COLUMN callee_contact VARCHAR(2048) NOT NULL,
	MODIFY COLUMN caller_route_set VARCHAR(2048),
	MODIFY COLUMN callee_route_set VARCHAR(2048);
