-- SPDX-License-Identifier: GPL-2.0-or-later
-- Pairs that are relayed since a direct call between them ended soon and was dialled again (C7): numbers (the lower one first) and the
-- public addresses that they had. Kept in Kamailio's memory; this is what it takes up at a start.
CREATE TABLE IF NOT EXISTS aeta_redial (
	low VARCHAR(32) CHARACTER SET ascii NOT NULL,
	high VARCHAR(32) CHARACTER SET ascii NOT NULL,
	low_address VARCHAR(45) CHARACTER SET ascii NOT NULL,
	high_address VARCHAR(45) CHARACTER SET ascii NOT NULL,
	relayed_until BIGINT NOT NULL,	-- seconds since 1970
	PRIMARY KEY (low, high),
	KEY aeta_redial_until (relayed_until)
) ENGINE=InnoDB;
