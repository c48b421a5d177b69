-- SPDX-License-Identifier: GPL-2.0-or-later
-- Mails: those that wait to be sent, and those that were. And announcements, which are mailed to technical contacts and kept for
-- their subscribers to read. Each statement may be repeated.

-- What those who run the service announce to all customers, or to one. Nobody changes it: it was mailed.
CREATE TABLE IF NOT EXISTS aeta_announcement (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	kind ENUM('evolution','event','intervention') NOT NULL,
	subject VARCHAR(150) NOT NULL,
	body TEXT NOT NULL,
	who VARCHAR(64) NOT NULL,                          -- the operator
	at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	to_all TINYINT(1) NOT NULL,                        -- 1: all customers, also those that come later
	customer_id INT UNSIGNED NULL,                     -- 0: this one; once it is deleted, operators alone see the announcement
	CONSTRAINT aeta_announcement_customer FOREIGN KEY (customer_id) REFERENCES aeta_customer (id) ON DELETE SET NULL,
	INDEX aeta_announcement_at (at)
) ENGINE=InnoDB;

-- A mail to one recipient. Many programs on many machines may send at the same time, so one that wants to send a mail takes it first:
--
--	UPDATE aeta_mail SET state = 'sending', epoch = epoch + 1, lease_until = …
--	WHERE id = … AND epoch = (as it was read) AND (state is 'waiting' or 'failed', or is 'sending' and lease_until is past)
--
-- Of two that try, on whatever nodes of a cluster, one changes a row. It may send the mail once, must be done before the lease ends, and
-- may write down what came of it only while the epoch is its own. One that dies leaves the mail 'sending', and the next one takes it
-- when the lease has ended. If it died between the mail server's 250 and the UPDATE that says 'sent', the mail is sent twice: nobody
-- can know whether the server had it, and a mail too many is better than none. Both copies have the same Message-ID, by which mail
-- programs know them for one.
CREATE TABLE IF NOT EXISTS aeta_mail (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,      -- what it is about: 'announcement', 'test'
	recipient VARCHAR(190) NOT NULL,
	recipient_name VARCHAR(128) NOT NULL DEFAULT '',
	subject VARCHAR(150) NOT NULL,
	body MEDIUMTEXT NOT NULL,
	created_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
	state ENUM('waiting','sending','sent','failed','given-up') NOT NULL DEFAULT 'waiting', -- failed: will be tried again
	tries SMALLINT UNSIGNED NOT NULL DEFAULT 0,
	next_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),                  -- not tried before
	lease_until DATETIME NULL,
	epoch INT UNSIGNED NOT NULL DEFAULT 0,
	last_error VARCHAR(1000) NOT NULL DEFAULT '',
	sent_at DATETIME NULL,
	message_id VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NULL,   -- without < >; from the first try on
	customer_id INT UNSIGNED NULL,                                        -- whom it concerns
	announcement_id BIGINT UNSIGNED NULL,
	CONSTRAINT aeta_mail_message UNIQUE (message_id),
	CONSTRAINT aeta_mail_customer FOREIGN KEY (customer_id) REFERENCES aeta_customer (id) ON DELETE SET NULL,
	CONSTRAINT aeta_mail_announcement FOREIGN KEY (announcement_id) REFERENCES aeta_announcement (id),
	INDEX aeta_mail_due (state, next_at),
	INDEX aeta_mail_age (created_at)
) ENGINE=InnoDB;

-- Mails that were sent or given up are kept as long as the rest. The procedure is that of 0021, with one branch more.
INSERT IGNORE INTO aeta_retention (subject, months, least) VALUES ('mail', 24, 1);

DELIMITER //

DROP PROCEDURE IF EXISTS aeta_prune//
CREATE PROCEDURE aeta_prune(IN what VARCHAR(16), IN most INT UNSIGNED, OUT deleted INT UNSIGNED)
	MODIFIES SQL DATA
	SQL SECURITY DEFINER
BEGIN
	DECLARE kept_since DATETIME;
	DECLARE rows_ INT UNSIGNED DEFAULT LEAST(most, 10000);
	SELECT LEAST(since, CONVERT_TZ(SYSDATE(), @@session.time_zone, '+00:00') - INTERVAL months MONTH) INTO kept_since
		FROM aeta_kept WHERE subject = what;
	IF what = 'cdr' THEN
		DELETE FROM acc_cdrs WHERE end_time < kept_since ORDER BY end_time, id LIMIT rows_;
	ELSEIF what = 'audit' THEN
		DELETE FROM aeta_audit WHERE at < kept_since ORDER BY at, id LIMIT rows_;
	ELSEIF what = 'mail' THEN
		DELETE FROM aeta_mail WHERE created_at < kept_since AND state IN ('sent', 'given-up') ORDER BY created_at, id LIMIT rows_;
	ELSE
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is no retention of that name';
	END IF;
	SET deleted = ROW_COUNT();
END//

DELIMITER ;
