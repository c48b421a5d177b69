-- SPDX-License-Identifier: GPL-2.0-or-later
-- SIP traces of single numbers (stock table sip_trace: what an agent writes is bytes), and the audit of operators' acts.
-- Each statement may be repeated.
ALTER TABLE sip_trace
	MODIFY COLUMN callid VARBINARY(255) NOT NULL DEFAULT '',
	MODIFY COLUMN msg MEDIUMBLOB NOT NULL,
	MODIFY COLUMN method VARBINARY(50) NOT NULL DEFAULT '',
	MODIFY COLUMN fromtag VARBINARY(128) NOT NULL DEFAULT '',
	MODIFY COLUMN totag VARBINARY(128) NOT NULL DEFAULT '';

-- Who did what, and when. Rows are added and read, never changed; after 24 months they go.
CREATE TABLE IF NOT EXISTS aeta_audit (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	who VARCHAR(64) NOT NULL,                   -- login of the person
	from_where VARCHAR(128) NOT NULL DEFAULT '', -- the machine it was done on, and where the person sat
	action VARCHAR(64) NOT NULL,                -- what was done: "trace start"
	object VARCHAR(128) NOT NULL DEFAULT '',    -- to what: a number, a prefix
	detail VARCHAR(1024) NOT NULL DEFAULT '',
	INDEX aeta_audit_at (at),
	INDEX aeta_audit_object (object, at)
) ENGINE=InnoDB;

DELIMITER //

-- Who adds rows may not delete any, but for this: old ones, some at a time.
DROP PROCEDURE IF EXISTS aeta_audit_prune//
CREATE PROCEDURE aeta_audit_prune()
	MODIFIES SQL DATA
	SQL SECURITY DEFINER
BEGIN
	DELETE FROM aeta_audit WHERE at < UTC_TIMESTAMP() - INTERVAL 24 MONTH ORDER BY at LIMIT 500;
END//

DELIMITER ;
