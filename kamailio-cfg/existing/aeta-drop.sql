-- SPDX-License-Identifier: GPL-2.0-or-later
-- Takes away what aeta-create.sql and aeta-states.sql made.
DROP TABLE IF EXISTS aeta_exception;
DROP TABLE IF EXISTS aeta_group;
ALTER TABLE subscriber DROP COLUMN IF EXISTS aeta_state, DROP COLUMN IF EXISTS aeta_until;
