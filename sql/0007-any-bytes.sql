-- SPDX-License-Identifier: GPL-2.0-or-later
-- What an agent writes of itself is bytes, not always UTF-8 (a User-Agent in Latin-1). A registration or a dialog that the
-- database refuses for it would be in memory only, and lost with a restart (D2). So columns that a message reaches hold
-- bytes; and an instance, which Kamailio does not limit, may be long.
-- Two statements; each may be repeated.
ALTER TABLE location
	MODIFY COLUMN contact VARBINARY(512) NOT NULL DEFAULT '',
	MODIFY COLUMN path VARBINARY(512) DEFAULT NULL,
	MODIFY COLUMN callid VARBINARY(255) NOT NULL DEFAULT 'Default-Call-ID',
	MODIFY COLUMN user_agent VARBINARY(255) NOT NULL DEFAULT '',
	MODIFY COLUMN instance VARBINARY(2048) DEFAULT NULL;

ALTER TABLE dialog
	MODIFY COLUMN callid VARBINARY(255) NOT NULL,
	MODIFY COLUMN from_uri VARBINARY(255) NOT NULL,
	MODIFY COLUMN from_tag VARBINARY(128) NOT NULL,
	MODIFY COLUMN to_uri VARBINARY(255) NOT NULL,
	MODIFY COLUMN to_tag VARBINARY(1024) NOT NULL,
	MODIFY COLUMN req_uri VARBINARY(255) NOT NULL,
	MODIFY COLUMN caller_contact VARBINARY(2048) NOT NULL,
	MODIFY COLUMN callee_contact VARBINARY(2048) NOT NULL,
	MODIFY COLUMN caller_route_set VARBINARY(2048),
	MODIFY COLUMN callee_route_set VARBINARY(2048);
