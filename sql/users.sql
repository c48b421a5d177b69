-- SPDX-License-Identifier: GPL-2.0-or-later
-- The three database users and what each may do, at least. install.sh sets the variables @sip_user, @sip_password,
-- @admin_user, @admin_password, @web_user, @web_password and @host before it (a password that is NULL leaves its user alone) and
-- runs this in the service's database; safe to run again, a changed password takes effect.
--
-- aeta_sip    Kamailio: reads the plan and the credentials; writes registrations, dialogs, call records, traces,
--             the history of the accounts and what agents are behind only.
-- aeta_admin  aetactl and the operator: the plan; sets credentials, and cannot read them back; reads traces; adds to the
--             audit, and cannot change it; makes operators and the logins of accounts and contacts, and cannot read their passwords.
-- aeta_web    aeta-admin, the web server: the plan; sets credentials, and cannot read them back; checks the passwords of operators,
--             accounts and contacts; reads traces; adds to the audit, by the database's clock. What only aetactl does is not its.

DELIMITER //

DROP PROCEDURE IF EXISTS aeta_user_//
CREATE PROCEDURE aeta_user_(IN account VARCHAR(200), IN secret TEXT)
BEGIN
	SET @aeta_sql = CONCAT('CREATE USER IF NOT EXISTS ', account, ' IDENTIFIED BY ', QUOTE(secret));
	PREPARE s FROM @aeta_sql;
	EXECUTE s;
	SET @aeta_sql = CONCAT('ALTER USER ', account, ' IDENTIFIED BY ', QUOTE(secret));
	PREPARE s FROM @aeta_sql;
	EXECUTE s;
	DEALLOCATE PREPARE s;
	SET @aeta_sql = NULL;
END//

-- What the user may do on each table of a list such as 'location location_attrs'.
DROP PROCEDURE IF EXISTS aeta_grant_//
CREATE PROCEDURE aeta_grant_(IN account VARCHAR(200), IN rights VARCHAR(255), IN tables_ VARCHAR(255))
BEGIN
	DECLARE t VARCHAR(64);
	SET tables_ = TRIM(tables_);
	WHILE tables_ <> '' DO
		SET t = SUBSTRING_INDEX(tables_, ' ', 1);
		SET tables_ = TRIM(SUBSTRING(tables_, CHAR_LENGTH(t) + 1));
		SET @aeta_sql = CONCAT('GRANT ', rights, ' ON `', DATABASE(), '`.`', t, '` TO ', account);
		PREPARE s FROM @aeta_sql;
		EXECUTE s;
		DEALLOCATE PREPARE s;
	END WHILE;
END//

-- GRANT only adds: what the user may do since an earlier version, and no more. Asks first: to take away what nobody has is an error,
-- and what is granted anew by column would be gone for a moment each time.
DROP PROCEDURE IF EXISTS aeta_take_back_//
CREATE PROCEDURE aeta_take_back_(IN account VARCHAR(200), IN right_ VARCHAR(64), IN t VARCHAR(64))
BEGIN
	IF EXISTS (SELECT 1 FROM information_schema.TABLE_PRIVILEGES
			WHERE GRANTEE = account AND TABLE_SCHEMA = DATABASE() AND TABLE_NAME = t AND PRIVILEGE_TYPE = right_)
		OR EXISTS (SELECT 1 FROM information_schema.COLUMN_PRIVILEGES WHERE GRANTEE = account AND TABLE_SCHEMA = DATABASE()
			AND TABLE_NAME = t AND CONCAT(PRIVILEGE_TYPE, ' (', COLUMN_NAME, ')') = right_) THEN
		SET @aeta_sql = CONCAT('REVOKE ', right_, ' ON `', DATABASE(), '`.`', t, '` FROM ', account);
		PREPARE s FROM @aeta_sql;
		EXECUTE s;
		DEALLOCATE PREPARE s;
	END IF;
END//

DROP PROCEDURE IF EXISTS aeta_may_call_//
CREATE PROCEDURE aeta_may_call_(IN account VARCHAR(200), IN name VARCHAR(64))
BEGIN
	SET @aeta_sql = CONCAT('GRANT EXECUTE ON PROCEDURE `', DATABASE(), '`.', name, ' TO ', account);
	PREPARE s FROM @aeta_sql;
	EXECUTE s;
	DEALLOCATE PREPARE s;
END//

DROP PROCEDURE IF EXISTS aeta_users_//
CREATE PROCEDURE aeta_users_()
BEGIN
	DECLARE sip VARCHAR(200) DEFAULT CONCAT(QUOTE(@sip_user), '@', QUOTE(@host));
	DECLARE admin VARCHAR(200) DEFAULT CONCAT(QUOTE(@admin_user), '@', QUOTE(@host));
	DECLARE web VARCHAR(200) DEFAULT CONCAT(QUOTE(@web_user), '@', QUOTE(@host));
	IF @sip_password IS NOT NULL THEN
		CALL aeta_user_(sip, @sip_password);
		CALL aeta_grant_(sip, 'SELECT', 'aeta_group aeta_account aeta_exception aeta_domain aeta_credentials aeta_generation');
		CALL aeta_grant_(sip, 'SELECT', 'aeta_relay_set aeta_relay aeta_rtpengine aeta_relay_list');
		CALL aeta_grant_(sip, 'SELECT', 'version subscriber domain domain_attrs address trusted');
		CALL aeta_grant_(sip, 'SELECT, INSERT, UPDATE, DELETE', 'location location_attrs dialog dialog_vars');
		CALL aeta_grant_(sip, 'SELECT, INSERT, UPDATE, DELETE', 'acc acc_cdrs missed_calls aeta_attempt aeta_nat_class aeta_redial');
		CALL aeta_grant_(sip, 'SELECT', 'aeta_nat_off');
		CALL aeta_grant_(sip, 'INSERT, DELETE, SELECT (time_stamp)', 'sip_trace'); -- writes traces, deletes old ones
	END IF;
	IF @admin_password IS NOT NULL THEN
		CALL aeta_user_(admin, @admin_password);
		CALL aeta_grant_(admin, 'SELECT, INSERT, UPDATE, DELETE', 'aeta_customer aeta_contact aeta_group aeta_account');
		CALL aeta_grant_(admin, 'SELECT, INSERT, UPDATE, DELETE', 'aeta_exception aeta_domain aeta_relay_set aeta_relay address');
		CALL aeta_grant_(admin, 'SELECT', 'aeta_migration aeta_retired_prefix version location dialog acc_cdrs');
		CALL aeta_grant_(admin, 'SELECT', 'aeta_attempt aeta_nat_class aeta_redial');
		CALL aeta_grant_(admin, 'SELECT', 'aeta_call aeta_in_call aeta_presence');
		CALL aeta_grant_(admin, 'SELECT, INSERT, DELETE', 'aeta_nat_off');
		CALL aeta_grant_(admin, 'SELECT (id, username, domain), INSERT, UPDATE (domain, password, ha1, ha1b), DELETE',
			'subscriber');
		CALL aeta_grant_(admin, 'SELECT, DELETE', 'sip_trace');
		CALL aeta_grant_(admin, 'SELECT, INSERT', 'aeta_audit');
		CALL aeta_grant_(admin, 'SELECT, UPDATE (months)', 'aeta_retention');
		CALL aeta_grant_(admin, 'SELECT', 'aeta_kept');
		CALL aeta_may_call_(admin, 'aeta_prune');
		CALL aeta_may_call_(admin, 'aeta_audit_prune');
		CALL aeta_may_call_(admin, 'aeta_relay_set_have');
		CALL aeta_grant_(admin, 'SELECT (id, login, name, role, enabled, totp, created_at, password_at, last_login_at, version), INSERT, UPDATE, DELETE',
			'aeta_operator');
		CALL aeta_grant_(admin, 'SELECT (account, email, created_at, password_at, last_login_at, version), INSERT, UPDATE, DELETE', 'aeta_web_login');
		CALL aeta_grant_(admin, 'SELECT (id, operator_id, account, contact_id, whole, created_at, seen_at, ends_at, address, user_agent), DELETE',
			'aeta_web_session');
		CALL aeta_grant_(admin, 'SELECT (contact_id, login, enabled, totp, created_at, password_at, last_login_at, version), INSERT, UPDATE, DELETE',
			'aeta_contact_login');
		CALL aeta_grant_(admin, 'SELECT', 'aeta_sip_password');
		CALL aeta_grant_(admin, 'SELECT, INSERT', 'aeta_announcement'); -- what was announced, was
		CALL aeta_grant_(admin, 'SELECT, INSERT, DELETE, UPDATE (state, tries, next_at, lease_until, epoch, last_error, sent_at, message_id)',
			'aeta_mail'); -- what is in a mail stays
	END IF;
	IF @web_password IS NOT NULL THEN
		CALL aeta_user_(web, @web_password);
		CALL aeta_grant_(web, 'SELECT, INSERT, UPDATE, DELETE', 'aeta_customer aeta_contact aeta_group aeta_account');
		CALL aeta_take_back_(web, 'SELECT', 'address');
		CALL aeta_take_back_(web, 'INSERT', 'address');
		CALL aeta_take_back_(web, 'UPDATE', 'address');
		CALL aeta_take_back_(web, 'DELETE', 'address');
		CALL aeta_take_back_(web, 'DELETE', 'aeta_redial');
		CALL aeta_take_back_(web, 'UPDATE (months)', 'aeta_retention');
		CALL aeta_take_back_(web, 'INSERT', 'aeta_audit');
		CALL aeta_grant_(web, 'SELECT, INSERT, UPDATE, DELETE', 'aeta_exception aeta_domain aeta_relay_set aeta_relay');
		CALL aeta_grant_(web, 'SELECT, INSERT, UPDATE, DELETE', 'aeta_operator aeta_web_login aeta_web_session aeta_web_throttle');
		CALL aeta_grant_(web, 'SELECT, INSERT (contact_id, login, password), DELETE, '
			'UPDATE (login, enabled, password, password_at, totp_secret, totp_step, last_login_at)', 'aeta_contact_login');
		CALL aeta_grant_(web, 'SELECT', 'aeta_contact_open');
		CALL aeta_grant_(web, 'SELECT', 'aeta_migration aeta_retired_prefix version location dialog acc_cdrs');
		CALL aeta_grant_(web, 'SELECT', 'aeta_attempt aeta_nat_class aeta_sip_password');
		CALL aeta_grant_(web, 'SELECT', 'sip_trace'); -- without passwords' proofs, keys and texts
		CALL aeta_grant_(web, 'SELECT', 'aeta_call aeta_in_call aeta_presence');
		CALL aeta_grant_(web, 'SELECT, INSERT, DELETE', 'aeta_nat_off');
		CALL aeta_grant_(web, 'SELECT', 'aeta_redial');
		CALL aeta_grant_(web, 'SELECT (id, username, domain), INSERT, UPDATE (domain, password, ha1, ha1b), DELETE',
			'subscriber');
		CALL aeta_grant_(web, 'SELECT, INSERT (who, from_where, action, object, detail, old_values, new_values)', 'aeta_audit');
		CALL aeta_grant_(web, 'SELECT', 'aeta_retention aeta_kept');
		CALL aeta_grant_(web, 'SELECT, INSERT', 'aeta_announcement'); -- what was announced, was
		CALL aeta_grant_(web, 'SELECT, INSERT, DELETE, UPDATE (state, tries, next_at, lease_until, epoch, last_error, sent_at, message_id)',
			'aeta_mail'); -- what is in a mail stays
		CALL aeta_may_call_(web, 'aeta_prune');
		CALL aeta_may_call_(web, 'aeta_audit_prune');
		CALL aeta_may_call_(web, 'aeta_relay_set_have');
	END IF;
END//

DELIMITER ;

CALL aeta_users_();
DROP PROCEDURE aeta_users_;
DROP PROCEDURE aeta_may_call_;
DROP PROCEDURE aeta_take_back_;
DROP PROCEDURE aeta_grant_;
DROP PROCEDURE aeta_user_;
