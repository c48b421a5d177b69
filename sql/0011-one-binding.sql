-- SPDX-License-Identifier: GPL-2.0-or-later
-- One binding a number (A6), in the database too. Kamailio takes the old row away and puts the new one in, in two statements;
-- if the database does not hear the first, a restart would bring back the binding that is gone, beside the new one. With the
-- key the new row takes the place of the old.
DELETE older FROM location older JOIN location newer
	ON newer.username = older.username AND (newer.last_modified, newer.id) > (older.last_modified, older.id);

SET @aeta_sql = IF(EXISTS (SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
		AND table_name = 'location' AND index_name = 'aeta_one_binding'),
	'DO 0', 'ALTER TABLE location ADD UNIQUE KEY aeta_one_binding (username)');
PREPARE s FROM @aeta_sql;
EXECUTE s;
DEALLOCATE PREPARE s;
SET @aeta_sql = NULL;
