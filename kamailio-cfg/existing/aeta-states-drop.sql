-- SPDX-License-Identifier: GPL-2.0-or-later
-- Takes away what aeta-states.sql added.
ALTER TABLE subscriber DROP COLUMN aeta_state, DROP COLUMN aeta_until;
