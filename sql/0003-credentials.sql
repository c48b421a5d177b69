-- SPDX-License-Identifier: GPL-2.0-or-later
-- Kamailio's own `subscriber` table holds the credentials: one row per account, HA1 only (A1, A3).

DELIMITER //

DROP TRIGGER IF EXISTS aeta_subscriber_bi//
CREATE TRIGGER aeta_subscriber_bi BEFORE INSERT ON subscriber FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NEW.username IS NULL OR NEW.username = '' OR NEW.username REGEXP '[^0-9]' THEN
		SET bad = 'the username of a subscriber row is the number of an account: digits and nothing else';
	ELSEIF NOT EXISTS (SELECT 1 FROM aeta_account WHERE number = NEW.username) THEN
		SET bad = CONCAT('there is no account ', LEFT(NEW.username, 18), ': create it in aeta_account before its credentials');
	ELSEIF EXISTS (SELECT 1 FROM subscriber WHERE username = NEW.username AND domain <> NEW.domain) THEN
		SET bad = CONCAT('account ', NEW.username, ' has credentials under another realm: UPDATE that row');
	ELSEIF NEW.domain IS NULL OR NEW.domain = '' THEN
		SET bad = 'the domain of a subscriber row is the realm of the service: fill it in';
	ELSEIF NEW.password IS NULL OR NEW.password <> '' THEN
		SET bad = 'no clear password is stored: leave password empty, set ha1 and ha1b';
	ELSEIF NEW.ha1 IS NULL OR NEW.ha1b IS NULL OR CHAR_LENGTH(NEW.ha1) <> 32 OR CHAR_LENGTH(NEW.ha1b) <> 32
			OR CONCAT(NEW.ha1, NEW.ha1b) REGEXP '[^0-9a-f]' THEN
		SET bad = 'ha1 is MD5(number:realm:password), ha1b is MD5(number@realm:realm:password): 32 hex digits each';
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
	SET NEW.ha1 = LOWER(NEW.ha1), NEW.ha1b = LOWER(NEW.ha1b);
END//

DROP TRIGGER IF EXISTS aeta_subscriber_bu//
CREATE TRIGGER aeta_subscriber_bu BEFORE UPDATE ON subscriber FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NOT (BINARY NEW.username <=> BINARY OLD.username) THEN
		SET bad = CONCAT('the username of ', LEFT(OLD.username, 18), ' does not change: delete the row and insert another one');
	ELSEIF NEW.domain IS NULL OR NEW.domain = '' THEN
		SET bad = 'the domain of a subscriber row is the realm of the service: fill it in';
	ELSEIF NEW.password IS NULL OR NEW.password <> '' THEN
		SET bad = 'no clear password is stored: leave password empty, set ha1 and ha1b';
	ELSEIF NEW.ha1 IS NULL OR NEW.ha1b IS NULL OR CHAR_LENGTH(NEW.ha1) <> 32 OR CHAR_LENGTH(NEW.ha1b) <> 32
			OR CONCAT(NEW.ha1, NEW.ha1b) REGEXP '[^0-9a-f]' THEN
		SET bad = 'ha1 is MD5(number:realm:password), ha1b is MD5(number@realm:realm:password): 32 hex digits each';
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
	SET NEW.ha1 = LOWER(NEW.ha1), NEW.ha1b = LOWER(NEW.ha1b);
END//

DELIMITER ;
