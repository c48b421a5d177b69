-- SPDX-License-Identifier: GPL-2.0-or-later
-- The rules of 0002 and 0003 once more, with sentences for whoever meets them: in a page, at a command line, or in SQL. What is
-- checked is as it was. Each statement may be repeated.

DELIMITER //

DROP TRIGGER IF EXISTS aeta_customer_bi//
CREATE TRIGGER aeta_customer_bi BEFORE INSERT ON aeta_customer FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NEW.name IS NULL OR TRIM(NEW.name) = '' THEN
		SET bad = 'a customer needs a name';
	ELSEIF EXISTS (SELECT 1 FROM aeta_customer WHERE name = NEW.name OR id = NEW.id) THEN
		SET bad = 'this customer exists already: choose another name, or change that customer';
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_customer_bd//
CREATE TRIGGER aeta_customer_bd BEFORE DELETE ON aeta_customer FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF EXISTS (SELECT 1 FROM aeta_group WHERE customer_id = OLD.id) THEN
		SET bad = CONCAT('customer ', OLD.id, ' still has groups: delete them, or give them to another customer, first');
	ELSEIF EXISTS (SELECT 1 FROM aeta_account WHERE customer_id = OLD.id) THEN
		SET bad = CONCAT('customer ', OLD.id, ' still has accounts: delete them, or give them to another customer or to none, first');
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_group_bi//
CREATE TRIGGER aeta_group_bi BEFORE INSERT ON aeta_group FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	DECLARE in_the_way VARCHAR(18);
	DECLARE contact INT UNSIGNED;
	DECLARE given SMALLINT UNSIGNED;
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
	IF NEW.prefix IS NOT NULL THEN
		SELECT number INTO in_the_way FROM aeta_account
			WHERE number BETWEEN CONCAT(NEW.prefix, '0000') AND CONCAT(NEW.prefix, '9999') AND CHAR_LENGTH(number) = 8
				AND kind IN ('factory', 'other')
			LIMIT 1 LOCK IN SHARE MODE;
	END IF;
	SELECT id INTO contact FROM aeta_contact WHERE customer_id = NEW.customer_id LIMIT 1 LOCK IN SHARE MODE;
	IF NEW.prefix IS NULL OR NEW.prefix NOT BETWEEN 1000 AND 9999 THEN
		SET bad = 'the prefix of a group is 1000 to 9999';
	ELSEIF EXISTS (SELECT 1 FROM aeta_group WHERE prefix = NEW.prefix) THEN
		SET bad = CONCAT('group ', NEW.prefix, ' exists already: take another prefix, or change that group');
	ELSEIF NOT EXISTS (SELECT 1 FROM aeta_customer WHERE id = NEW.customer_id) THEN
		SET bad = 'no such customer: create the customer before its groups';
	ELSEIF contact IS NULL THEN
		SET bad = 'the customer has no technical contact: add one (e-mail) before the group';
	ELSEIF in_the_way IS NOT NULL THEN
		SET bad = CONCAT('account ', in_the_way, ' is not of a group and begins with ', NEW.prefix, ': take another prefix');
	ELSEIF NEW.block_incoming NOT IN (0, 1) OR NEW.block_outgoing NOT IN (0, 1) OR NEW.hunting NOT IN (0, 1)
			OR NEW.hunt_direct NOT IN (0, 1) OR NEW.hunt_busy_603 NOT IN (0, 1) OR NEW.hunt_busy_in_call NOT IN (0, 1)
			OR NEW.hunt_next_488 NOT IN (0, 1) OR NEW.self_management NOT IN (0, 1) OR NEW.call_log NOT IN (0, 1) THEN
		SET bad = 'an option of a group is 1 (on) or 0 (off)';
	ELSEIF NEW.no_answer_s > 120 THEN
		SET bad = 'the ring time of a member (no_answer_s) is 1 to 120 seconds, or 0: no limit';
	ELSEIF NEW.hunt_max_s NOT BETWEEN 10 AND 600 THEN
		SET bad = 'the longest hunt (hunt_max_s) is 10 to 600 seconds';
	ELSEIF NEW.last_seq NOT BETWEEN 5000 AND 5999 THEN
		SET bad = 'the last number given (last_seq) is 5000 (none yet) to 5999 (the series is full)';
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
	SELECT last_seq INTO given FROM aeta_retired_prefix WHERE prefix = NEW.prefix;
	IF given > NEW.last_seq THEN
		SET NEW.last_seq = given;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_group_bu//
CREATE TRIGGER aeta_group_bu BEFORE UPDATE ON aeta_group FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	DECLARE contact INT UNSIGNED;
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
	IF NOT (NEW.customer_id <=> OLD.customer_id) THEN
		SELECT id INTO contact FROM aeta_contact WHERE customer_id = NEW.customer_id LIMIT 1 LOCK IN SHARE MODE;
	ELSE
		SET contact = 1;
	END IF;
	IF NOT (NEW.prefix <=> OLD.prefix) THEN
		SET bad = 'the prefix of a group does not change: create a second group';
	ELSEIF contact IS NULL THEN
		SET bad = 'no such customer, or it has no technical contact: add one (e-mail) first';
	ELSEIF NEW.last_seq < OLD.last_seq THEN
		SET bad = CONCAT('group ', OLD.prefix, ' has given ', OLD.last_seq, ' already, and no number is given twice: last_seq never goes down');
	ELSEIF NEW.block_incoming NOT IN (0, 1) OR NEW.block_outgoing NOT IN (0, 1) OR NEW.hunting NOT IN (0, 1)
			OR NEW.hunt_direct NOT IN (0, 1) OR NEW.hunt_busy_603 NOT IN (0, 1) OR NEW.hunt_busy_in_call NOT IN (0, 1)
			OR NEW.hunt_next_488 NOT IN (0, 1) OR NEW.self_management NOT IN (0, 1) OR NEW.call_log NOT IN (0, 1) THEN
		SET bad = 'an option of a group is 1 (on) or 0 (off)';
	ELSEIF NEW.no_answer_s > 120 THEN
		SET bad = 'the ring time of a member (no_answer_s) is 1 to 120 seconds, or 0: no limit';
	ELSEIF NEW.hunt_max_s NOT BETWEEN 10 AND 600 THEN
		SET bad = 'the longest hunt (hunt_max_s) is 10 to 600 seconds';
	ELSEIF NEW.last_seq NOT BETWEEN 5000 AND 5999 THEN
		SET bad = 'the last number given (last_seq) is 5000 (none yet) to 5999 (the series is full)';
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_account_bi//
CREATE TRIGGER aeta_account_bi BEFORE INSERT ON aeta_account FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	DECLARE head SMALLINT UNSIGNED; -- the first four digits of an 8-digit number
	DECLARE tail SMALLINT UNSIGNED; -- its last four
	DECLARE given SMALLINT UNSIGNED; -- highest sequence ever given in the group of `head`; NULL = no such group
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
	IF NEW.number REGEXP '^[0-9]{8}$' THEN
		SET head = LEFT(NEW.number, 4), tail = RIGHT(NEW.number, 4);
		IF NEW.kind = 'premium' THEN -- the next number is taken one session at a time
			SELECT last_seq INTO given FROM aeta_group WHERE prefix = head FOR UPDATE;
		ELSE
			SELECT last_seq INTO given FROM aeta_group WHERE prefix = head LOCK IN SHARE MODE;
		END IF;
	END IF;
	IF NEW.number IS NULL OR NEW.number = '' OR NEW.number REGEXP '[^0-9]' OR CHAR_LENGTH(NEW.number) > 18 THEN
		SET bad = 'a number is 1 to 18 digits and nothing else';
	ELSEIF CHAR_LENGTH(NEW.number) = 4 THEN
		SET bad = CONCAT(NEW.number, ' has 4 digits, which is how members dial inside their group: take another length');
	ELSEIF EXISTS (SELECT 1 FROM aeta_account WHERE number = NEW.number) THEN
		SET bad = CONCAT('number ', NEW.number, ' exists already: take another one, or change that account');
	ELSEIF NEW.kind IS NULL OR NEW.kind NOT IN ('premium', 'hunting', 'factory', 'other') THEN
		SET bad = 'the kind of an account is premium, hunting, factory or other';
	ELSEIF NEW.kind IN ('factory', 'other') THEN
		IF NEW.prefix IS NOT NULL OR NEW.seq IS NOT NULL THEN
			SET bad = CONCAT('a ', NEW.kind, ' account is in no group: leave prefix and seq empty');
		ELSEIF given IS NOT NULL THEN
			SET bad = CONCAT(NEW.number, ' lies inside group ', head, ': a ', NEW.kind, ' account needs a number outside every group');
		END IF;
	ELSEIF head IS NULL OR head < 1000 THEN
		SET bad = CONCAT('a ', NEW.kind, ' number is the prefix of its group (1000 to 9999) and 4 digits, 8 in all');
	ELSEIF given IS NULL THEN
		SET bad = CONCAT('there is no group ', head, ': create it before its numbers');
	ELSEIF NEW.prefix <> head OR NEW.seq <> tail THEN
		SET bad = CONCAT(NEW.number, ' is number ', tail, ' (seq) of the group ', head, ' (prefix): make them agree, or leave both empty');
	ELSEIF NEW.customer_id IS NOT NULL THEN
		SET bad = CONCAT('the customer of ', NEW.number, ' is that of its group: give it none of its own');
	ELSEIF NEW.kind = 'premium' THEN
		IF given >= 5999 THEN
			SET bad = CONCAT('the series of group ', head, ' is full (5999 was given): open another group for the customer');
		ELSEIF tail <> given + 1 THEN
			SET bad = CONCAT('the next premium number of group ', head, ' is ', head, given + 1, ', not ', NEW.number);
		END IF;
	ELSEIF tail = 6000 THEN
		SET bad = CONCAT(NEW.number, ' is the hunting number of group ', head, ' and has no account: the series begins at 6001');
	ELSEIF tail NOT BETWEEN 6001 AND 6999 THEN
		SET bad = CONCAT('a hunting number ends in 6001 to 6999, not ', RIGHT(NEW.number, 4));
	ELSEIF tail - 1000 > given THEN
		SET bad = CONCAT(NEW.number, ' needs its twin: ', head, tail - 1000, ' has not been given yet');
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
	IF NEW.kind IN ('premium', 'hunting') THEN
		SET NEW.prefix = head, NEW.seq = tail;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_account_bu//
CREATE TRIGGER aeta_account_bu BEFORE UPDATE ON aeta_account FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NOT (BINARY NEW.number <=> BINARY OLD.number) OR NOT (NEW.kind <=> OLD.kind)
			OR NOT (NEW.prefix <=> OLD.prefix) OR NOT (NEW.seq <=> OLD.seq) THEN
		SET bad = CONCAT('the number, kind and group of ', OLD.number, ' do not change: delete it and add another account');
	ELSEIF NEW.customer_id IS NOT NULL AND NEW.kind IN ('premium', 'hunting') THEN
		SET bad = CONCAT('the customer of ', OLD.number, ' is that of its group: give it none of its own');
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_subscriber_bi//
CREATE TRIGGER aeta_subscriber_bi BEFORE INSERT ON subscriber FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NEW.username IS NULL OR NEW.username = '' OR NEW.username REGEXP '[^0-9]' THEN
		SET bad = 'credentials are those of a number: digits and nothing else';
	ELSEIF NOT EXISTS (SELECT 1 FROM aeta_account WHERE number = NEW.username) THEN
		SET bad = CONCAT('there is no account ', LEFT(NEW.username, 18), ': add it before its password');
	ELSEIF EXISTS (SELECT 1 FROM subscriber WHERE username = NEW.username AND domain <> NEW.domain) THEN
		SET bad = CONCAT('account ', NEW.username, ' has its password under another realm: mend the realm in the configuration');
	ELSEIF NEW.domain IS NULL OR NEW.domain = '' THEN
		SET bad = 'the realm of the service (domain) is missing';
	ELSEIF NEW.password IS NULL OR NEW.password <> '' THEN
		SET bad = 'no clear password is stored: leave it empty, and give its digests ha1 and ha1b';
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
		SET bad = CONCAT('the number of credentials does not change: delete those of ', LEFT(OLD.username, 18), ', and add others');
	ELSEIF NEW.domain IS NULL OR NEW.domain = '' THEN
		SET bad = 'the realm of the service (domain) is missing';
	ELSEIF NEW.password IS NULL OR NEW.password <> '' THEN
		SET bad = 'no clear password is stored: leave it empty, and give its digests ha1 and ha1b';
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
