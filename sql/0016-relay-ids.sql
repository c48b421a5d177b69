-- SPDX-License-Identifier: GPL-2.0-or-later
-- A number for each relay. Kamailio's rtpengine module chooses among the relays of one of its sets by itself, and could neither keep
-- a call on its relay nor ask one after the other; so for it each relay is a set, and the order is ours (kamailio-cfg/media.cfg).
ALTER TABLE aeta_relay ADD COLUMN IF NOT EXISTS id INT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE FIRST;

-- What the rtpengine module reads. A relay that is in two sets is one. One that is switched off serves the calls that it has, so
-- the module knows it all the same.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW aeta_rtpengine AS
	SELECT MIN(id) AS setid, url, 1 AS weight, 0 AS disabled FROM aeta_relay GROUP BY url;

-- What the configuration reads, as rows of an htable: "SET.0", "SET.1", ... -> "number|position|url", in the order in which new calls
-- ask; and url -> number.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW aeta_relay_list AS
	SELECT CONCAT(r.set_number, '.', ROW_NUMBER() OVER (PARTITION BY r.set_number ORDER BY r.position, r.id) - 1) AS key_name,
		0 AS key_type, 0 AS value_type, CONCAT(n.setid, '|', r.position, '|', r.url) AS key_value
	FROM aeta_relay r JOIN aeta_rtpengine n ON n.url = r.url WHERE r.enabled
	UNION ALL SELECT url, 0, 0, CAST(setid AS CHAR) FROM aeta_rtpengine;
