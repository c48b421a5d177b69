-- SPDX-License-Identifier: GPL-2.0-or-later
-- Optional: accounts that can be locked, suspended or ended (WITH_AETA_STATES, see README.md).
--	mysql kamailio < aeta-states.sql
-- Kamailio's own modules ignore the two columns.

ALTER TABLE subscriber
	ADD COLUMN aeta_state ENUM('active','locked','suspended') NOT NULL DEFAULT 'active',
	ADD COLUMN aeta_until DATETIME NULL; -- UTC; NULL = no end; past = ended
