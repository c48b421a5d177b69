/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "accounts.h"
#include "core/dprint.h"
#include "core/parser/digest/digest.h"
#include "core/sr_module.h"
#include "facts.h"
#include "generation.h"
#include "modules/auth/api.h"
#include "params.h"
#include "spare.h"
#include "stats.h"

#define NOT_NOW (-1) /* of aeta_spare_worker() */
#define HANGS	(-2)

static auth_api_s_t auth;

int aeta_auth_init(void)
{
	return module_loaded("auth") ? auth_load_api(&auth) : 0;
}

/* Nonce, realm and completeness. DO_AUTHENTICATION in `out` where only the response is left to look at. */
static int before(sip_msg_t *msg, struct hdr_field **h)
{
	hdr_types_t type = msg->REQ_METHOD == METHOD_REGISTER ? HDR_AUTHORIZATION_T : HDR_PROXYAUTH_T;
	str realm = aeta_params.guard_realm;

	switch (auth.pre_auth(msg, &realm, type, h, NULL)) {
	case DO_AUTHENTICATION:
		return AUTH_DROP;
	case AUTHENTICATED:
		return AUTH_OK;
	case NO_CREDENTIALS:
		return AUTH_NO_CREDENTIALS;
	case STALE_NONCE:
		return AUTH_STALE_NONCE;
	case NONCE_REUSED:
		return AUTH_NONCE_REUSED;
	default:
		return AUTH_ERROR;
	}
}

static int judge(sip_msg_t *msg, struct hdr_field *h, const struct aeta_row *row)
{
	char ha1[AETA_HA1_LEN + 1];

	memcpy(ha1, row->ha1, AETA_HA1_LEN);
	ha1[AETA_HA1_LEN] = '\0';
	switch (auth.check_response(&((auth_body_t *)h->parsed)->digest, &msg->first_line.u.request.method, ha1)) {
	case AUTHENTICATED:
		return auth.post_auth(msg, h, ha1) == AUTHENTICATED ? AUTH_OK : AUTH_ERROR;
	case NOT_AUTHENTICATED:
		return AUTH_INVALID_PASSWORD;
	default:
		return AUTH_ERROR;
	}
}

/* What the account is comes with its credentials: the next question for it in this request is answered by that. */
static int tell(const struct aeta_row *row, int result)
{
	struct aeta_account a;

	if (result == AUTH_OK) {
		a = aeta_row_account(row, time(NULL));
		aeta_facts_tell(&a);
	}
	return result;
}

/*
 * The database cannot be asked. A registration goes on all the same, if it would have a moment ago, and what was wrong then is
 * wrong: guesses are counted. A call would need the database in any case.
 */
static int do_without(sip_msg_t *msg, struct hdr_field *h, aeta_number_t number, int result)
{
	struct aeta_row row;

	if (msg->REQ_METHOD != METHOD_REGISTER || !aeta_accounts_before(number, &row) || !row.has_ha1)
		return result;
	result = judge(msg, h, &row);
	if (result == AUTH_OK)
		aeta_count(AETA_COUNT_ACCOUNTS_GRACE);
	return tell(&row, result);
}

static int ask(sip_msg_t *msg, struct hdr_field *h, aeta_number_t number)
{
	bool vain = msg->REQ_METHOD == METHOD_REGISTER && aeta_generation_hangs();
	int may = vain ? HANGS : aeta_spare_worker(msg);
	struct aeta_row row;

	if (may < 0)
		return do_without(msg, h, number, may == NOT_NOW ? AETA_AUTH_BUSY : AETA_AUTH_NOT_ASKED);
	switch (aeta_facts_credentials(number, &row)) {
	case 0:
		return tell(&row, judge(msg, h, &row));
	case -ENOENT:
		return AUTH_USER_UNKNOWN;
	default:
		return do_without(msg, h, number, AETA_AUTH_NOT_ASKED);
	}
}

int aeta_auth_check(sip_msg_t *msg)
{
	struct hdr_field *h = NULL;
	aeta_number_t number;
	struct aeta_row row;
	const str *user;
	int rc;

	if (!auth.pre_auth || !aeta_params.guard_realm.len) {
		LM_ERR("aeta_auth_check() needs the module auth and the parameter guard_realm\n");
		return AUTH_ERROR;
	}
	rc = before(msg, &h);
	if (rc != AUTH_DROP)
		return rc;
	user = &((auth_body_t *)h->parsed)->digest.username.whole;
	number = aeta_number_parse(user->s, user->len > 0 ? (size_t)user->len : 0);
	if (!number)
		return AUTH_USER_UNKNOWN;
	if (aeta_accounts_get(number, &row) && row.has_ha1 && judge(msg, h, &row) == AUTH_OK)
		return tell(&row, AUTH_OK);
	return ask(msg, h, number);
}
