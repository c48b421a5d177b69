-- SPDX-License-Identifier: GPL-2.0-or-later
-- What is going on now, as those who manage the service see it: calls, and whether a number can be reached. Kamailio writes a call
-- when it is answered and takes it out when it ends; what it keeps of the two parties (kamailio-cfg/call.cfg and media.cfg):
--	caller_leg	number|flow|hop|socket|device|dialled|rule|callid
--	callee_leg	number|flow|hop|socket|device|path|reason|relay|...
--	start_time	seconds since 1970 of the ACK, with a fraction
-- The views have the rights of the user who runs the migrations, as the triggers: who may read one needs no right on what is
-- behind it.

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW aeta_call AS
	SELECT CONCAT(d.hash_entry, '-', d.hash_id) AS id, -- as the RPC dlg.end_dlg wants it
		CONVERT(LEFT(SUBSTRING_INDEX(a.dialog_value, '|', 1), 18) USING utf8mb4) COLLATE utf8mb4_general_ci AS caller,
		CONVERT(SUBSTRING_INDEX(SUBSTRING_INDEX(a.dialog_value, '|', 6), '|', -1) USING utf8mb4) AS dialled,
		CONVERT(LEFT(SUBSTRING_INDEX(b.dialog_value, '|', 1), 18) USING utf8mb4) COLLATE utf8mb4_general_ci AS callee, -- who answered
		CAST('1970-01-01' + INTERVAL FLOOR(COALESCE(t.dialog_value, d.start_time)) SECOND AS DATETIME) AS since,
		CONVERT(SUBSTRING_INDEX(SUBSTRING_INDEX(a.dialog_value, '|', 7), '|', -1) USING utf8mb4) AS rule,
		CONVERT(SUBSTRING_INDEX(SUBSTRING_INDEX(CONCAT(b.dialog_value, '|||'), '|', 6), '|', -1) USING utf8mb4) AS path,
		CONVERT(SUBSTRING_INDEX(SUBSTRING_INDEX(CONCAT(b.dialog_value, '|||'), '|', 7), '|', -1) USING utf8mb4) AS path_reason,
		CONVERT(SUBSTRING_INDEX(SUBSTRING_INDEX(CONCAT(b.dialog_value, '|||'), '|', 8), '|', -1) USING utf8mb4) AS relay,
		CONVERT(SUBSTRING_INDEX(SUBSTRING_INDEX(a.dialog_value, '|', 2), '|', -1) USING utf8mb4) AS caller_flow,
		CONVERT(SUBSTRING_INDEX(SUBSTRING_INDEX(b.dialog_value, '|', 2), '|', -1) USING utf8mb4) AS callee_flow,
		d.callid
	FROM dialog d
	LEFT JOIN dialog_vars a ON a.hash_entry = d.hash_entry AND a.hash_id = d.hash_id AND a.dialog_key = 'caller_leg'
	LEFT JOIN dialog_vars b ON b.hash_entry = d.hash_entry AND b.hash_id = d.hash_id AND b.dialog_key = 'callee_leg'
	LEFT JOIN dialog_vars t ON t.hash_entry = d.hash_entry AND t.hash_id = d.hash_id AND t.dialog_key = 'start_time'
	WHERE d.state IN (3, 4);

-- The numbers that are in a call, and since when.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW aeta_in_call AS
	SELECT number, COUNT(*) AS calls, MIN(since) AS since
	FROM (SELECT caller AS number, since FROM aeta_call UNION ALL SELECT callee, since FROM aeta_call) party
	WHERE number IS NOT NULL GROUP BY number;

-- in-call; unreachable: registered, but the latest call to it got no answer at all, and it has not registered anew since; available:
-- registered; offline. `since` is NULL where it is not known: that a registration ran out is noted nowhere.
CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW aeta_presence AS
	SELECT p.number,
		CASE WHEN p.in_call_since IS NOT NULL THEN 'in-call' WHEN p.expires IS NULL THEN 'offline'
			WHEN p.missed_at > p.registered_at THEN 'unreachable' ELSE 'available' END AS presence,
		CASE WHEN p.in_call_since IS NOT NULL THEN p.in_call_since
			WHEN p.expires IS NULL THEN IF(p.left_at >= p.registered_at, p.left_at, NULL)
			WHEN p.missed_at > p.registered_at THEN p.missed_at ELSE p.registered_at END AS since,
		p.user_agent, p.last_seen
	FROM (SELECT a.number, c.since AS in_call_since, l.expires, CONVERT(l.user_agent USING utf8mb4) AS user_agent,
			l.last_modified AS last_seen,
			(SELECT MAX(t.last_at) FROM aeta_attempt t WHERE t.account = a.number AND t.kind = 'register' AND t.cause = 'registered')
				AS registered_at,
			(SELECT MAX(t.last_at) FROM aeta_attempt t WHERE t.account = a.number AND t.kind = 'register' AND t.cause = 'unregistered')
				AS left_at,
			(SELECT IF(t.cause IN ('no-reply', 'flow-gone'), t.last_at, NULL) FROM aeta_attempt t WHERE t.peer = a.number
				AND t.kind = 'call' AND t.cause IN ('no-reply', 'flow-gone', 'answered', 'busy', 'no-answer', 'declined')
				ORDER BY t.last_at DESC LIMIT 1) AS missed_at
		FROM aeta_account a
		LEFT JOIN aeta_in_call c ON c.number = a.number
		LEFT JOIN location l ON l.username = a.number AND l.expires > UTC_TIMESTAMP()) p;
