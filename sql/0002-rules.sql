-- SPDX-License-Identifier: GPL-2.0-or-later
-- The number plan as triggers: whoever writes to the tables, a wrong row is refused with a sentence (SQLSTATE 45000).
-- A trigger decides first and signals last, so each has one list of conditions, in the order in which they are told.
-- LOCK IN SHARE MODE on a row that must (not) be there keeps two sessions from each seeing the other's "before".

DELIMITER //

-- ---------------------------------------------------------------------------------------------------- customers

DROP TRIGGER IF EXISTS aeta_customer_bi//
CREATE TRIGGER aeta_customer_bi BEFORE INSERT ON aeta_customer FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NEW.name IS NULL OR TRIM(NEW.name) = '' THEN
		SET bad = 'a customer needs a name';
	ELSEIF EXISTS (SELECT 1 FROM aeta_customer WHERE name = NEW.name OR id = NEW.id) THEN
		SET bad = 'this customer exists already: use another name, or UPDATE its row';
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_customer_bu//
CREATE TRIGGER aeta_customer_bu BEFORE UPDATE ON aeta_customer FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NOT (NEW.id <=> OLD.id) THEN
		SET bad = 'the id of a customer does not change';
	ELSEIF NEW.name IS NULL OR TRIM(NEW.name) = '' THEN
		SET bad = 'a customer needs a name';
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
		SET bad = CONCAT('customer ', OLD.id, ' still has accounts: delete them, or set their customer_id to NULL, first');
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

-- ----------------------------------------------------------------------------------------------------- contacts

-- One address, one "@", a dot in the domain, and nothing that could start a second header or address in a mail.
DROP TRIGGER IF EXISTS aeta_contact_bi//
CREATE TRIGGER aeta_contact_bi BEFORE INSERT ON aeta_contact FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NEW.email IS NULL OR NEW.email REGEXP '[[:space:][:cntrl:],;:<>()"]' OR NEW.email LIKE '%@%@%'
			OR NEW.email NOT REGEXP '^[^@]+@[^@.]+([.][^@.]+)+$' THEN
		SET bad = 'the e-mail of a technical contact must be one address such as name@example.com';
	ELSEIF NOT EXISTS (SELECT 1 FROM aeta_customer WHERE id = NEW.customer_id) THEN
		SET bad = 'no such customer: create the customer before its contacts';
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_contact_bu//
CREATE TRIGGER aeta_contact_bu BEFORE UPDATE ON aeta_contact FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NEW.email IS NULL OR NEW.email REGEXP '[[:space:][:cntrl:],;:<>()"]' OR NEW.email LIKE '%@%@%'
			OR NEW.email NOT REGEXP '^[^@]+@[^@.]+([.][^@.]+)+$' THEN
		SET bad = 'the e-mail of a technical contact must be one address such as name@example.com';
	ELSEIF NOT (NEW.customer_id <=> OLD.customer_id) THEN
		SET bad = 'a contact stays with its customer: add it to the other customer instead';
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_contact_bd//
CREATE TRIGGER aeta_contact_bd BEFORE DELETE ON aeta_contact FOR EACH ROW
BEGIN
	DECLARE others INT;
	-- The lock makes two sessions that delete one of the last two contacts each wait for one another.
	SELECT COUNT(*) INTO others FROM aeta_contact WHERE customer_id = OLD.customer_id AND id <> OLD.id LOCK IN SHARE MODE;
	IF others = 0 THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT =
			'this is the last technical contact of the customer: add another one first, or delete the customer';
	END IF;
END//

-- ------------------------------------------------------------------------------------------------------- groups

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
		SET bad = CONCAT('group ', NEW.prefix, ' exists already: take another prefix, or UPDATE its row');
	ELSEIF NOT EXISTS (SELECT 1 FROM aeta_customer WHERE id = NEW.customer_id) THEN
		SET bad = 'no such customer: create the customer before its groups';
	ELSEIF contact IS NULL THEN
		SET bad = 'the customer has no technical contact: add one (e-mail) before the group';
	ELSEIF in_the_way IS NOT NULL THEN
		SET bad = CONCAT('account ', in_the_way, ' is not of a group and begins with ', NEW.prefix, ': take another prefix');
	ELSEIF NEW.block_incoming NOT IN (0, 1) OR NEW.block_outgoing NOT IN (0, 1) OR NEW.hunting NOT IN (0, 1)
			OR NEW.hunt_direct NOT IN (0, 1) OR NEW.hunt_busy_603 NOT IN (0, 1) OR NEW.hunt_busy_in_call NOT IN (0, 1)
			OR NEW.hunt_next_488 NOT IN (0, 1) OR NEW.self_management NOT IN (0, 1) OR NEW.call_log NOT IN (0, 1) THEN
		SET bad = 'an option of a group is 0 or 1';
	ELSEIF NEW.no_answer_s > 120 THEN
		SET bad = 'no_answer_s is 0 (off) to 120 seconds';
	ELSEIF NEW.hunt_max_s NOT BETWEEN 10 AND 600 THEN
		SET bad = 'hunt_max_s is 10 to 600 seconds';
	ELSEIF NEW.last_seq NOT BETWEEN 5000 AND 5999 THEN
		SET bad = 'last_seq is 5000 (none given yet) to 5999 (series full)';
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
		SET bad = CONCAT('last_seq of group ', OLD.prefix, ' is ', OLD.last_seq, ' and never goes down: numbers are not reused');
	ELSEIF NEW.block_incoming NOT IN (0, 1) OR NEW.block_outgoing NOT IN (0, 1) OR NEW.hunting NOT IN (0, 1)
			OR NEW.hunt_direct NOT IN (0, 1) OR NEW.hunt_busy_603 NOT IN (0, 1) OR NEW.hunt_busy_in_call NOT IN (0, 1)
			OR NEW.hunt_next_488 NOT IN (0, 1) OR NEW.self_management NOT IN (0, 1) OR NEW.call_log NOT IN (0, 1) THEN
		SET bad = 'an option of a group is 0 or 1';
	ELSEIF NEW.no_answer_s > 120 THEN
		SET bad = 'no_answer_s is 0 (off) to 120 seconds';
	ELSEIF NEW.hunt_max_s NOT BETWEEN 10 AND 600 THEN
		SET bad = 'hunt_max_s is 10 to 600 seconds';
	ELSEIF NEW.last_seq NOT BETWEEN 5000 AND 5999 THEN
		SET bad = 'last_seq is 5000 (none given yet) to 5999 (series full)';
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_group_bd//
CREATE TRIGGER aeta_group_bd BEFORE DELETE ON aeta_group FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF EXISTS (SELECT 1 FROM aeta_account WHERE prefix = OLD.prefix) THEN
		SET bad = CONCAT('group ', OLD.prefix, ' still has accounts: delete them first');
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_group_ad//
CREATE TRIGGER aeta_group_ad AFTER DELETE ON aeta_group FOR EACH ROW
BEGIN
	DELETE FROM aeta_exception WHERE prefix = OLD.prefix;
	IF OLD.last_seq > 5000 THEN
		REPLACE INTO aeta_retired_prefix (prefix, last_seq) VALUES (OLD.prefix, OLD.last_seq);
	END IF;
END//

-- ----------------------------------------------------------------------------------------------------- accounts

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
		SET bad = CONCAT('number ', NEW.number, ' exists already: take another one, or UPDATE its row');
	ELSEIF NEW.kind IS NULL OR NEW.kind NOT IN ('premium', 'hunting', 'factory', 'other') THEN
		SET bad = 'the kind of an account is premium, hunting, factory or other';
	ELSEIF NEW.kind IN ('factory', 'other') THEN
		IF NEW.prefix IS NOT NULL OR NEW.seq IS NOT NULL THEN
			SET bad = CONCAT('a ', NEW.kind, ' account is in no group: leave prefix and seq NULL');
		ELSEIF given IS NOT NULL THEN
			SET bad = CONCAT(NEW.number, ' lies inside group ', head, ': a ', NEW.kind, ' account needs a number outside every group');
		END IF;
	ELSEIF head IS NULL OR head < 1000 THEN
		SET bad = CONCAT('a ', NEW.kind, ' number is the prefix of its group (1000 to 9999) and 4 digits, 8 in all');
	ELSEIF given IS NULL THEN
		SET bad = CONCAT('there is no group ', head, ': create it before its numbers');
	ELSEIF NEW.prefix <> head OR NEW.seq <> tail THEN
		SET bad = CONCAT(NEW.number, ' is prefix ', head, ' and seq ', tail, ': make them agree, or leave both out');
	ELSEIF NEW.customer_id IS NOT NULL THEN
		SET bad = CONCAT('the customer of ', NEW.number, ' is that of its group: leave customer_id NULL');
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

DROP TRIGGER IF EXISTS aeta_account_ai//
CREATE TRIGGER aeta_account_ai AFTER INSERT ON aeta_account FOR EACH ROW
BEGIN
	IF NEW.kind = 'premium' THEN
		UPDATE aeta_group SET last_seq = NEW.seq WHERE prefix = NEW.prefix;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_account_bu//
CREATE TRIGGER aeta_account_bu BEFORE UPDATE ON aeta_account FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NOT (BINARY NEW.number <=> BINARY OLD.number) OR NOT (NEW.kind <=> OLD.kind)
			OR NOT (NEW.prefix <=> OLD.prefix) OR NOT (NEW.seq <=> OLD.seq) THEN
		SET bad = CONCAT('number, kind, prefix and seq of ', OLD.number, ' do not change: delete it and create another one');
	ELSEIF NEW.customer_id IS NOT NULL AND NEW.kind IN ('premium', 'hunting') THEN
		SET bad = CONCAT('the customer of ', OLD.number, ' is that of its group: leave customer_id NULL');
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_account_ad//
CREATE TRIGGER aeta_account_ad AFTER DELETE ON aeta_account FOR EACH ROW
BEGIN
	DELETE FROM subscriber WHERE username = OLD.number;
END//

-- --------------------------------------------------------------------------------------------------- exceptions

DROP TRIGGER IF EXISTS aeta_exception_bi//
CREATE TRIGGER aeta_exception_bi BEFORE INSERT ON aeta_exception FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NEW.number IS NULL OR NEW.number = '' OR NEW.number REGEXP '[^0-9]' OR CHAR_LENGTH(NEW.number) > 18 THEN
		SET bad = 'the number of an exception is 1 to 18 digits and nothing else';
	ELSEIF CHAR_LENGTH(NEW.number) = 4 THEN
		SET bad = CONCAT(NEW.number, ' has 4 digits: give the whole number, short ones stay inside the group anyway');
	ELSEIF NEW.prefix IS NULL OR (NEW.prefix <> 0 AND NOT EXISTS (SELECT 1 FROM aeta_group WHERE prefix = NEW.prefix)) THEN
		SET bad = 'there is no such group: an exception names an existing prefix, or 0 for every group';
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

DROP TRIGGER IF EXISTS aeta_exception_bu//
CREATE TRIGGER aeta_exception_bu BEFORE UPDATE ON aeta_exception FOR EACH ROW
BEGIN
	SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an exception does not change: delete it and add another one';
END//

-- ------------------------------------------------------------------------------------------------------ domains

DROP TRIGGER IF EXISTS aeta_domain_bi//
CREATE TRIGGER aeta_domain_bi BEFORE INSERT ON aeta_domain FOR EACH ROW
BEGIN
	IF NEW.domain IS NULL OR NEW.domain IN ('', '[]') OR REPLACE(REPLACE(NEW.domain, '[', ''), ']', '') REGEXP '[^a-zA-Z0-9.:-]' THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT =
			'a domain is a host name or a bare address, such as sip.example.com, 192.0.2.7 or [2001:db8::7]';
	END IF;
	SET NEW.domain = LOWER(NEW.domain);
END//

DROP TRIGGER IF EXISTS aeta_domain_bu//
CREATE TRIGGER aeta_domain_bu BEFORE UPDATE ON aeta_domain FOR EACH ROW
BEGIN
	IF NEW.domain IS NULL OR NEW.domain IN ('', '[]') OR REPLACE(REPLACE(NEW.domain, '[', ''), ']', '') REGEXP '[^a-zA-Z0-9.:-]' THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT =
			'a domain is a host name or a bare address, such as sip.example.com, 192.0.2.7 or [2001:db8::7]';
	END IF;
	SET NEW.domain = LOWER(NEW.domain);
END//

DELIMITER ;
