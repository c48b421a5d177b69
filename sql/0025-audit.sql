-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a row of the audit says of itself is true: when it was written, by the server's clock, and by which user of the database. So the
-- web server, were it somebody else's, could not write what aetactl has done, nor at another time. Each statement may be repeated.
ALTER TABLE aeta_audit
	ADD COLUMN IF NOT EXISTS via VARCHAR(80) NOT NULL DEFAULT '' AFTER from_where, -- user of the database; '': before there was this column
	ADD CONSTRAINT IF NOT EXISTS aeta_audit_action CHECK (action <> ''),
	ADD CONSTRAINT IF NOT EXISTS aeta_audit_old_values CHECK (old_values IS NULL OR JSON_VALID(old_values)),
	ADD CONSTRAINT IF NOT EXISTS aeta_audit_new_values CHECK (new_values IS NULL OR JSON_VALID(new_values));

DELIMITER //

-- The owner of the tables, who could drop this trigger as well, says both himself: a copy that is restored keeps them. SYSDATE() is what
-- the clock says even where the session has set its own (SET timestamp).
DROP TRIGGER IF EXISTS aeta_audit_bi//
CREATE TRIGGER aeta_audit_bi BEFORE INSERT ON aeta_audit FOR EACH ROW
	IF SUBSTRING_INDEX(USER(), '@', 1) <> SUBSTRING_INDEX(CURRENT_USER(), '@', 1) THEN
		SET NEW.at = CONVERT_TZ(SYSDATE(), @@session.time_zone, '+00:00'), NEW.via = SUBSTRING_INDEX(USER(), '@', 1);
	END IF//

DELIMITER ;
