/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "page_sip_password.h"

#include "login.h"
#include "view.h"

#include "data/password_mark.h"
#include "data/sip_password.h"
#include "live/binding.h"
#include "live/reload.h"

#include <errno.h>
#include <string.h>

/* ---- what a form was answered ---- */

void form_said_input(struct html *h, const struct form_said *said, const char *name, const char *label, const char *type,
		const char *complete, const char *value)
{
	const struct view_field f = {.name = name, .label = label, .type = type, .value = value, .autocomplete = complete,
			.sentence = said->field && !strcmp(said->field, name) ? said->fault : NULL};

	view_input(h, &f);
}

void form_said_show(struct html *h, const struct form_said *said)
{
	if (said->sentence)
		page_message(h, said->kind, said->sentence);
	if (!said->made[0])
		return;
	html_open(h, "p");
	html_attr(h, "class", "secret");
	html_text(h, "The new SIP password: ");
	html_element(h, "code", NULL, said->made);
	html_text(h, " – it is shown this once: enter it in the device now.");
	html_close(h);
}

void form_said_refuse(struct form_said *said, unsigned status, const char *field, const char *fault)
{
	said->status = status;
	said->kind = MESSAGE_BAD;
	said->sentence = "Nothing was changed: see what is marked below.";
	said->field = field;
	said->fault = fault;
}

/* ---- the page ---- */

/* Does the agent follow the last change? In one sentence. */
static void show_status(struct html *h, const struct sip_password_status *s)
{
	if (!s->changed_at[0])
		return;
	html_open(h, "p");
	html_attr(h, "id", "password-status");
	html_attr(h, "role", "status");
	html_textf(h, "Changed at %s UTC. ", s->changed_at);
	if (s->failed_at[0]) {
		page_badge(h, "bad", "failed");
		html_textf(h, " Failed since the change, last try %s UTC from %s: the device still has another password.", s->failed_at,
				s->failed_from);
	} else if (s->registered_at[0]) {
		page_badge(h, "good", "taken over"); /* whether it is registered now says the presence */
		html_textf(h, " Registered with the new password at %s UTC.", s->registered_at);
	} else {
		page_badge(h, "quiet", "waiting");
		html_text(h, " The device has not registered since.");
	}
	html_close(h);
}

static int password_status(struct request *r, const char *number, struct sip_password_status *out)
{
	struct live live = {.socket = r->web->settings.config.rpc_socket};
	struct live_binding binding;
	long seen = 0;

	if (live_binding(&live, number, &binding) == 0 && binding.modified > 0)
		seen = binding.modified;
	return sip_password_status(r->db, &r->scope, number, seen, out);
}

static void radio(struct html *h, const char *value, const char *label, bool chosen)
{
	html_open(h, "label");
	html_attr(h, "class", "choice");
	html_void(h, "input");
	html_attr(h, "type", "radio");
	html_attr(h, "name", "how");
	html_attr(h, "value", value);
	html_flag(h, "checked", chosen);
	html_text(h, label);
	html_close(h);
}

static void put_form(struct html *h, const struct page *page, const char *path, const char *mark, const struct form_said *said)
{
	html_open(h, "form");
	html_attr(h, "method", "post");
	html_url_made(h, "action", path);
	form_token(h, page);
	form_hidden(h, "mark", mark);
	html_open(h, "fieldset");
	html_element(h, "legend", NULL, "New SIP password");
	radio(h, "generated", "Make one for me: 12 characters that every codec can type", !said->typed);
	radio(h, "typed", "I type one: at least 10 letters, digits or . - _ * #", said->typed);
	form_said_input(h, said, "new", "New password", "password", "off", NULL);
	form_said_input(h, said, "again", "New password again", "password", "off", NULL);
	html_close(h);
	form_button(h, "danger", "Change the SIP password");
	html_close(h);
}

int sip_password_show(struct request *r, const struct page *page, const char *number, const char *path, const struct form_said *said)
{
	struct sip_password_status status;
	char mark[PASSWORD_MARK_SIZE];
	int rc = password_status(r, number, &status);

	if (rc == 0)
		rc = password_mark(r->db, &r->scope, number, mark);
	if (rc)
		return rc;
	html_element(&r->body, "h2", NULL, "SIP password");
	show_status(&r->body, &status);
	html_element(&r->body, "p", NULL,
			"The old password stops at once: the device drops out at its next registration, within minutes, and stays off until it has the "
			"new one. Do not change it before a programme.");
	put_form(&r->body, page, path, mark, said);
	return 0;
}

/* ---- what was sent ---- */

/* What is wrong with the fields of the form, a sentence, and at which; NULL: they will do. */
static const char *fault_of(struct request *r, bool typed, const char **field, char room[160])
{
	const char *words;

	*field = "new";
	if (!typed)
		return *param(r, "new") || *param(r, "again") ? "To have this password, choose to type one; to have one made, leave both fields empty." : NULL;
	words = sip_password_fault(param(r, "new"));
	if (words) {
		login_fault(words, room);
		return room;
	}
	*field = "again";
	return strcmp(param(r, "new"), param(r, "again")) != 0 ? "The two passwords differ." : NULL;
}

/* Makes one, or takes the one that was typed. */
static int set(struct request *r, const char *number, struct form_said *said)
{
	const char *password = said->typed ? param(r, "new") : said->made;
	int rc = said->typed ? 0 : secret_generate(said->made);

	if (rc == 0)
		rc = sip_password_set(r->db, &r->scope, number, r->web->settings.config.realm, password, param(r, "mark"));
	if (rc)
		explicit_bzero(said->made, sizeof(said->made));
	return rc;
}

int sip_password_post(struct request *r, const char *number, struct form_said *said)
{
	struct live live = {.socket = r->web->settings.config.rpc_socket};
	const char *field, *fault;
	int rc;

	*said = (struct form_said){.status = 200, .kind = MESSAGE_GOOD,
			.sentence = "The SIP password is changed. It counts at the device's next registration.",
			.typed = strcmp(param(r, "how"), "typed") == 0};
	if (!said->typed && strcmp(param(r, "how"), "generated") != 0)
		return -EINVAL;
	fault = fault_of(r, said->typed, &field, said->room);
	if (fault) {
		form_said_refuse(said, 400, field, fault);
		return 0;
	}
	rc = set(r, number, said);
	if (rc == 0)
		live_accounts_changed(&live);
	if (rc != -ESTALE)
		return rc;
	said->status = 409;
	said->kind = MESSAGE_BAD;
	said->sentence = "Nothing was changed: this form has been sent already, or a password was changed since the page was loaded. "
					 "If you have missed the password that was shown then, make another one.";
	return 0;
}
