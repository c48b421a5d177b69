-- SPDX-License-Identifier: GPL-2.0-or-later
-- B11: the record of a call that vanished ends at its last sign of life, never before its begin nor after its end.
-- acc writes NULL for a value that it does not have (cdr_extra_nullable=1); a NULL text is an empty one.

DELIMITER //

DROP TRIGGER IF EXISTS aeta_cdr_bi//
CREATE TRIGGER aeta_cdr_bi BEFORE INSERT ON acc_cdrs FOR EACH ROW
BEGIN
	SET NEW.caller = COALESCE(NEW.caller, ''), NEW.dialled = COALESCE(NEW.dialled, ''), NEW.final = COALESCE(NEW.final, ''),
		NEW.rule = COALESCE(NEW.rule, ''), NEW.path = COALESCE(NEW.path, ''), NEW.path_reason = COALESCE(NEW.path_reason, ''),
		NEW.relay = COALESCE(NEW.relay, ''), NEW.callid = COALESCE(NEW.callid, ''),
		NEW.caller_flow = COALESCE(NEW.caller_flow, ''), NEW.callee_flow = COALESCE(NEW.callee_flow, '');
	IF NEW.last_alive IS NOT NULL THEN
		SET NEW.end_time = GREATEST(NEW.start_time, LEAST(NEW.end_time, NEW.last_alive)),
			NEW.duration = TIMESTAMPDIFF(SECOND, NEW.start_time, NEW.end_time);
	END IF;
END//

DELIMITER ;
