-- SPDX-License-Identifier: GPL-2.0-or-later
-- How long finished rows are kept, and taking out older ones a few at a time (aetactl prune; aeta-admin does it by itself). What is
-- not here is pruned by Kamailio: attempts, classes of NATs, pairs of the redial net, traces. Each statement may be repeated.
--
-- A month back from a day that the month does not have is its last day: 24 months before 2028-02-29 is 2026-02-28.
CREATE TABLE IF NOT EXISTS aeta_retention (
	subject VARCHAR(16) NOT NULL PRIMARY KEY, -- 'cdr': acc_cdrs by its end; 'audit': aeta_audit
	months SMALLINT UNSIGNED NOT NULL,
	least SMALLINT UNSIGNED NOT NULL,         -- months: nobody makes the audit of last year go, nor records that a call log still needs
	CONSTRAINT aeta_retention_months CHECK (months BETWEEN least AND 1200)
) ENGINE=InnoDB;

INSERT IGNORE INTO aeta_retention (subject, months, least) VALUES ('cdr', 24, 6), ('audit', 24, 12);

CREATE OR REPLACE SQL SECURITY INVOKER VIEW aeta_kept AS
	SELECT subject, months, least, UTC_TIMESTAMP() - INTERVAL months MONTH AS since FROM aeta_retention;

DELIMITER //

DROP TRIGGER IF EXISTS aeta_retention_bu//
CREATE TRIGGER aeta_retention_bu BEFORE UPDATE ON aeta_retention FOR EACH ROW
BEGIN
	DECLARE bad VARCHAR(255);
	IF NEW.subject <> OLD.subject THEN
		SET bad = 'the subject of a retention does not change';
	ELSEIF NEW.months NOT BETWEEN NEW.least AND 1200 THEN
		SET bad = CONCAT(OLD.subject, ' is kept for ', NEW.least, ' to 1200 months');
	END IF;
	IF bad IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = bad;
	END IF;
END//

-- Deletes what is older than its retention, the oldest first, at most `most` rows (and 10,000): a short lock each time.
-- SYSDATE() is what the clock says even where the session has set its own (SET timestamp) to make more rows old.
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
	ELSE
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is no retention of that name';
	END IF;
	SET deleted = ROW_COUNT();
END//

-- Who adds rows to the audit takes some old ones out with it.
DROP PROCEDURE IF EXISTS aeta_audit_prune//
CREATE PROCEDURE aeta_audit_prune()
	MODIFIES SQL DATA
	SQL SECURITY DEFINER
BEGIN
	DECLARE deleted INT UNSIGNED;
	CALL aeta_prune('audit', 500, deleted);
END//

DELIMITER ;
