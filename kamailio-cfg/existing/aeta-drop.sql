-- SPDX-License-Identifier: GPL-2.0-or-later
-- Takes away what aeta-create.sql made.
DROP TABLE aeta_exception;
DROP TABLE aeta_group;
