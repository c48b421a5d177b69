-- SPDX-License-Identifier: GPL-2.0-or-later
-- A request that claims to be in a call which this Kamailio does not know is looked for here by its Call-ID; anybody can send
-- such requests, so the question must not read the whole table (F1).
ALTER TABLE dialog ADD INDEX IF NOT EXISTS aeta_dialog_callid (callid);
