-- SPDX-License-Identifier: GPL-2.0-or-later
-- All that is known of one party of a call is one variable of its dialog (kamailio-cfg/call.cfg), so it may be longer than
-- one of Kamailio's own; and it is bytes, as other columns that a message reaches. The call record gets it whole, and the
-- trigger takes it apart, so that each part still has its column; the two columns themselves hold nothing in the end.
--	caller_leg	number|flow|hop|socket|device|dialled|rule|callid	(a Call-ID may contain a bar: it is all the rest)
--	callee_leg	number|flow|hop|socket|device|path
ALTER TABLE dialog_vars MODIFY COLUMN dialog_value VARBINARY(2048) NOT NULL;

ALTER TABLE acc_cdrs
	ADD COLUMN IF NOT EXISTS caller_leg VARBINARY(2048) NULL,
	ADD COLUMN IF NOT EXISTS callee_leg VARBINARY(2048) NULL;

DELIMITER //

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
		SET NEW.final = SUBSTRING_INDEX(NEW.callee_leg, '|', 1),
			NEW.callee_flow = SUBSTRING_INDEX(SUBSTRING_INDEX(NEW.callee_leg, '|', 2), '|', -1),
			NEW.path = SUBSTRING_INDEX(SUBSTRING_INDEX(NEW.callee_leg, '|', 6), '|', -1),
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
