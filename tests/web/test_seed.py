# SPDX-License-Identifier: GPL-2.0-or-later
"""The seeded database is what the other tests take it for."""
import datetime
import hashlib

import traps
from seeding import ACCOUNTS, CUSTOMERS, Seed

NOW = datetime.datetime(2026, 3, 29, 12)


def digest(*arguments):
	return hashlib.sha256("\n".join(Seed(*arguments).statements()).encode()).hexdigest()


def test_the_same_arguments_give_the_same_data():
	assert digest(NOW, 500) == digest(NOW, 500)
	assert digest(NOW, 500) != digest(NOW, 501)
	assert digest(NOW, 500) != digest(NOW + datetime.timedelta(days=1), 500)


def test_it_is_as_large_as_it_says(service):
	db, seed = service.db, service.seed
	def count(table):
		return int(db.sql(f"SELECT COUNT(*) FROM {table}")[0][0])
	assert (count("aeta_customer"), count("aeta_account"),
		count("acc_cdrs WHERE callid LIKE 'seed-%' OR callid LIKE '%<script>%'")) == (CUSTOMERS, ACCOUNTS, seed.cdrs)
	assert count("aeta_attempt") >= 2000 and count("aeta_nat_class") > 50 and count("location") > 50
	assert int(db.sql("SELECT TIMESTAMPDIFF(MONTH, MIN(start_time), MAX(end_time)) FROM acc_cdrs")[0][0]) >= 23


def test_every_option_of_a_group_is_on_and_off(service):
	db, seed = service.db, service.seed
	for option in ("hunting", *seed.groups[0].options):
		assert len(db.sql(f"SELECT DISTINCT {option} FROM aeta_group")) > 1, option


def test_the_traps_are_set(service):
	db = service.db
	for table, column in (("aeta_customer", "name"), ("aeta_customer", "comment"), ("aeta_contact", "name"), ("aeta_group", "name"),
			("aeta_account", "comment"), ("aeta_account", "product"), ("location", "contact"), ("location", "user_agent"),
			("aeta_attempt", "user_agent"), ("aeta_attempt", "reason"), ("acc_cdrs", "path_reason"), ("acc_cdrs", "callid"),
			("aeta_audit", "who"), ("aeta_domain", "comment"), ("aeta_announcement", "subject"),
			("aeta_announcement", "body"), ("aeta_mail", "subject"), ("aeta_mail", "last_error")):
		assert db.sql(f"SELECT 1 FROM {table} WHERE {column} LIKE '%<script>%' LIMIT 1"), (table, column)
	for table, column in (("aeta_account", "product"), ("aeta_account", "serial"), ("aeta_account", "customer_id"),
			("aeta_account", "valid_until"), ("location", "received"), ("location", "instance"), ("acc_cdrs", "last_alive"),
			("aeta_nat_class", "checked_at")):
		assert db.sql(f"SELECT 1 FROM {table} WHERE {column} IS NULL LIMIT 1"), (table, column)
		assert db.sql(f"SELECT 1 FROM {table} WHERE {column} IS NOT NULL LIMIT 1"), (table, column)
	hexes = ",".join(f"x'{name.encode().hex()}'" for name in (traps.RIGHT_TO_LEFT, traps.LONG_WORD, traps.FORMULAS[0]))
	assert len(db.sql(f"SELECT 1 FROM aeta_customer WHERE CAST(name AS BINARY) IN ({hexes})")) == 3
	assert db.sql(f"SELECT 1 FROM aeta_attempt WHERE user_agent = x'{traps.LATIN1.hex()}' LIMIT 1")
