-- SPDX-License-Identifier: GPL-2.0-or-later
-- A form that is sent twice announces once: it has a mark of its own, made when it was shown. aetactl has none.
ALTER TABLE aeta_announcement
	ADD COLUMN IF NOT EXISTS mark CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
	ADD UNIQUE INDEX IF NOT EXISTS aeta_announcement_mark (mark);
