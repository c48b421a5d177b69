-- SPDX-License-Identifier: GPL-2.0-or-later
-- Media: who wants the relay (C3), which relays there are and who is sent to which (C5), and what a call record says of it.

-- always: through the relay whatever is seen (a firewall that lets the agent talk to the service alone); never: directly;
-- auto: where it must. An account's own beats its group's. The triggers of 0014 tell Kamailio of accounts; groups are loaded.
ALTER TABLE aeta_account ADD COLUMN IF NOT EXISTS media ENUM('auto','always','never') NULL AFTER valid_until;
ALTER TABLE aeta_group ADD COLUMN IF NOT EXISTS media ENUM('auto','always','never') NOT NULL DEFAULT 'auto' AFTER hunt_max_s;

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW aeta_credentials AS
	SELECT s.username, s.ha1, a.kind, a.state, a.valid_until, a.media
	FROM subscriber s LEFT JOIN aeta_account a ON a.number = s.username;

-- A name for some relays. The number is what Kamailio's rtpengine module calls a set, and what a registration keeps of its
-- domain (four bits of it); 0 is the set of all who have no other.
CREATE TABLE IF NOT EXISTS aeta_relay_set (
	number TINYINT UNSIGNED NOT NULL PRIMARY KEY,
	name VARCHAR(32) NOT NULL,
	CONSTRAINT aeta_relay_set_name UNIQUE (name),
	CONSTRAINT aeta_relay_set_number CHECK (number <= 15)
) ENGINE=InnoDB;

INSERT IGNORE INTO aeta_relay_set (number, name) VALUES (0, 'default');

-- The control address of a relay, as the rtpengine module writes it. One relay may be in two sets.
CREATE TABLE IF NOT EXISTS aeta_relay (
	set_number TINYINT UNSIGNED NOT NULL,
	url VARCHAR(64) NOT NULL,                  -- udp:127.0.0.1:2223
	position SMALLINT UNSIGNED NOT NULL DEFAULT 1, -- the lower, the sooner it is asked
	enabled TINYINT(1) NOT NULL DEFAULT 1,
	comment VARCHAR(255) NOT NULL DEFAULT '',
	PRIMARY KEY (set_number, url),
	CONSTRAINT aeta_relay_in_set FOREIGN KEY (set_number) REFERENCES aeta_relay_set (number)
) ENGINE=InnoDB;

-- What the rtpengine module reads (table_name = aeta_rtpengine).
CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW aeta_rtpengine AS
	SELECT set_number AS setid, url, 1 AS weight, IF(enabled, 0, 1) AS disabled FROM aeta_relay;

INSERT IGNORE INTO version (table_name, table_version) VALUES ('aeta_rtpengine', 1);

DELIMITER //

DROP PROCEDURE IF EXISTS aeta_relay_set_have//
-- The set of that name exists afterwards: with the lowest number that is free.
CREATE PROCEDURE aeta_relay_set_have(IN wanted VARCHAR(32))
BEGIN
	DECLARE free TINYINT UNSIGNED;
	IF wanted IS NULL OR wanted = '' OR wanted REGEXP '[^A-Za-z0-9._-]' THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a relay set is named with letters, digits, dots, - and _';
	END IF;
	IF NOT EXISTS (SELECT 1 FROM aeta_relay_set WHERE name = wanted) THEN
		SELECT MIN(s.number + 1) INTO free FROM aeta_relay_set s
			WHERE NOT EXISTS (SELECT 1 FROM aeta_relay_set t WHERE t.number = s.number + 1);
		IF free > 15 THEN
			SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there are sixteen relay sets already: delete one that no domain uses';
		END IF;
		INSERT INTO aeta_relay_set (number, name) VALUES (free, wanted);
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_relay_set_bu//
CREATE TRIGGER aeta_relay_set_bu BEFORE UPDATE ON aeta_relay_set FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NEW.number <> OLD.number THEN
		SET bad = 'the number of a relay set does not change: registrations keep it';
	ELSEIF OLD.number = 0 AND NEW.name <> OLD.name THEN
		SET bad = 'relay set 0 is called default';
	ELSEIF NOT (BINARY NEW.name <=> BINARY OLD.name) AND EXISTS (SELECT 1 FROM aeta_domain WHERE relay_set = OLD.name) THEN
		SET bad = CONCAT('domains use the relay set ', OLD.name, ': give them another one first');
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_relay_set_bd//
CREATE TRIGGER aeta_relay_set_bd BEFORE DELETE ON aeta_relay_set FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF OLD.number = 0 THEN
		SET bad = 'relay set 0 is the default one: it stays';
	ELSEIF EXISTS (SELECT 1 FROM aeta_domain WHERE relay_set = OLD.name) THEN
		SET bad = CONCAT('domains use the relay set ', OLD.name, ': give them another one first');
	ELSEIF EXISTS (SELECT 1 FROM aeta_relay WHERE set_number = OLD.number) THEN
		SET bad = CONCAT('there are relays in the set ', OLD.name, ': delete them first');
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

-- A domain may name a set that does not exist yet; its callers get the default one's relays until it has some.
DROP TRIGGER IF EXISTS aeta_domain_set_i//
CREATE TRIGGER aeta_domain_set_i AFTER INSERT ON aeta_domain FOR EACH ROW
	CALL aeta_relay_set_have(NEW.relay_set)//
DROP TRIGGER IF EXISTS aeta_domain_set_u//
CREATE TRIGGER aeta_domain_set_u AFTER UPDATE ON aeta_domain FOR EACH ROW
	CALL aeta_relay_set_have(NEW.relay_set)//

DROP TRIGGER IF EXISTS aeta_relay_bi//
CREATE TRIGGER aeta_relay_bi BEFORE INSERT ON aeta_relay FOR EACH ROW
BEGIN
	IF NEW.url IS NULL OR NEW.url REGEXP '[[:space:]]'
			OR NEW.url NOT REGEXP '^(udp:[^:]+:[0-9]+|udp6:.+:[0-9]+|unix:/.+|wss?://.+)$' THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a relay is udp:ADDRESS:PORT, udp6:[ADDRESS]:PORT, unix:/PATH, ws:// or wss://';
	END IF;
END//
DROP TRIGGER IF EXISTS aeta_relay_bu//
CREATE TRIGGER aeta_relay_bu BEFORE UPDATE ON aeta_relay FOR EACH ROW
BEGIN
	IF NEW.url <> OLD.url OR NEW.set_number <> OLD.set_number THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the set and the address of a relay do not change: delete it and add another';
	END IF;
END//

DELIMITER ;

-- Sets that domains name already.
INSERT INTO aeta_relay_set (number, name)
	SELECT (SELECT MAX(number) FROM aeta_relay_set) + ROW_NUMBER() OVER (ORDER BY relay_set), relay_set
	FROM (SELECT DISTINCT relay_set FROM aeta_domain WHERE relay_set NOT IN (SELECT name FROM aeta_relay_set)) named;

-- The call record: why the media went as it did, and by which relay. (path_reason had 64 characters; it lists all that was seen.)
ALTER TABLE acc_cdrs MODIFY COLUMN path_reason VARCHAR(512) NOT NULL DEFAULT '';

DELIMITER //

--	caller_leg	number|flow|hop|socket|device|dialled|rule|callid	(a Call-ID may contain a bar: it is all the rest)
--	callee_leg	number|flow|hop|socket|device|path|path_reason|relay	(calls from before this migration end at the path)
DROP TRIGGER IF EXISTS aeta_cdr_bi//
CREATE TRIGGER aeta_cdr_bi BEFORE INSERT ON acc_cdrs FOR EACH ROW
BEGIN
	IF NEW.caller_leg IS NOT NULL THEN
		SET NEW.caller = SUBSTRING_INDEX(NEW.caller_leg, '|', 1),
			NEW.caller_flow = SUBSTRING_INDEX(SUBSTRING_INDEX(NEW.caller_leg, '|', 2), '|', -1),
			NEW.dialled = SUBSTRING_INDEX(SUBSTRING_INDEX(NEW.caller_leg, '|', 6), '|', -1),
			NEW.rule = SUBSTRING_INDEX(SUBSTRING_INDEX(NEW.caller_leg, '|', 7), '|', -1),
			NEW.callid = SUBSTRING(NEW.caller_leg, LENGTH(SUBSTRING_INDEX(NEW.caller_leg, '|', 7)) + 2),
			NEW.caller_leg = NULL;
	END IF;
	IF NEW.callee_leg IS NOT NULL THEN
		SET NEW.callee_leg = CONCAT(NEW.callee_leg, '||'); -- so that the last parts are there, if only as nothing
		SET NEW.final = SUBSTRING_INDEX(NEW.callee_leg, '|', 1),
			NEW.callee_flow = SUBSTRING_INDEX(SUBSTRING_INDEX(NEW.callee_leg, '|', 2), '|', -1),
			NEW.path = SUBSTRING_INDEX(SUBSTRING_INDEX(NEW.callee_leg, '|', 6), '|', -1),
			NEW.path_reason = SUBSTRING_INDEX(SUBSTRING_INDEX(NEW.callee_leg, '|', 7), '|', -1),
			NEW.relay = SUBSTRING_INDEX(SUBSTRING_INDEX(NEW.callee_leg, '|', 8), '|', -1),
			NEW.callee_leg = NULL;
	END IF;
	-- acc writes NULL for a value that it does not have (cdr_extra_nullable=1); a NULL text is an empty one
	SET NEW.caller = COALESCE(NEW.caller, ''), NEW.dialled = COALESCE(NEW.dialled, ''), NEW.final = COALESCE(NEW.final, ''),
		NEW.rule = COALESCE(NEW.rule, ''), NEW.path = COALESCE(NEW.path, ''), NEW.path_reason = COALESCE(NEW.path_reason, ''),
		NEW.relay = COALESCE(NEW.relay, ''), NEW.callid = COALESCE(NEW.callid, ''),
		NEW.caller_flow = COALESCE(NEW.caller_flow, ''), NEW.callee_flow = COALESCE(NEW.callee_flow, '');
	-- B11: the record of a call that vanished ends at its last sign of life, never before its begin nor after its end
	IF NEW.last_alive IS NOT NULL THEN
		SET NEW.end_time = GREATEST(NEW.start_time, LEAST(NEW.end_time, NEW.last_alive)),
			NEW.duration = TIMESTAMPDIFF(SECOND, NEW.start_time, NEW.end_time);
	END IF;
END//

DELIMITER ;
