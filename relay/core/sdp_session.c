/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The session's part of an SDP, written again: o=, s=, c=, and the attributes of all. */
#include "sdp_write.h"

/* ---- which address the session's c= gets ---- */

static bool relies(const struct sdp_media *m)
{
	return !m->connection.n;
}

/*
 * The address of the first m-line that has no c= of its own, so that as few lines as can be are added; the other ones get
 * theirs where it differs (sdp_media.c). Ours where none relies on it, lest it tell a private address.
 */
static struct text session_connection(struct sdp_writer *w)
{
	const struct sdp *in = w->in;

	if (!in->connection.n)
		return in->connection;
	for (unsigned i = 0; i < in->count; i++) {
		const struct sdp_media_edit *e = &w->edit->media[i];

		if (!relies(&in->media[i]) || in->media[i].rejected || (e->relay && !e->port))
			continue;
		if (!e->relay || !e->address.family)
			return in->connection;
		return sdp_connection(w->connection_text, &e->address, e->hold_zero);
	}
	if (!w->edit->address.family)
		return in->connection;
	return sdp_connection(w->connection_text, &w->edit->address, false);
}

/* There is one c=; what stands in others (RFC 8866 allows none) must not tell a private address. */
static void write_connection(struct sdp_writer *w, const struct sdp_line *l)
{
	if (w->connection.s == w->in->connection.s)
		sdp_write_line(w, l);
	else if (!w->in->connection.n || l->value.s == w->in->connection.s)
		sdp_write_value(w, l, w->connection);
}

/* ---- o= ---- */

#define ORIGIN (NG_REPLACE_ORIGIN | NG_REPLACE_ORIGIN_FULL | NG_REPLACE_USERNAME | NG_REPLACE_SDP_VERSION | NG_REPLACE_FORCE_SDP_VERSION)

static struct text chosen(bool replace, struct text by, struct text own)
{
	return replace && by.n ? by : own;
}

static void write_origin(struct sdp_writer *w, const struct sdp_line *l)
{
	const struct sdp_edit *e = w->edit;
	const struct sdp *in = w->in;
	bool full = e->replace & NG_REPLACE_ORIGIN_FULL, address = full || e->replace & NG_REPLACE_ORIGIN;
	bool version = full || e->replace & (NG_REPLACE_SDP_VERSION | NG_REPLACE_FORCE_SDP_VERSION);
	char text[16 + ADDRESS_TEXT_MAX];
	struct text user = chosen(full || e->replace & NG_REPLACE_USERNAME, e->origin_username, in->origin_username);
	struct text id = chosen(full, e->origin_id, in->origin_id);

	if (!in->origin_address.n || l->value.s != in->origin.s) {
		sdp_write_line(w, l);
		return;
	}
	out_string(w->to, "o=");
	out_add(w->to, user);
	out_char(w->to, ' ');
	out_add(w->to, id);
	out_char(w->to, ' ');
	if (version)
		out_format(w->to, "%llu", (unsigned long long)e->origin_version);
	else
		out_add(w->to, in->origin_version);
	out_char(w->to, ' ');
	if (address && e->address.family) {
		out_add(w->to, sdp_connection(text, &e->address, false));
	} else { /* "IN IP4 address", as it stands behind the version */
		const char *behind = in->origin_version.s + in->origin_version.n;

		out_add(w->to, text_trimmed((struct text){behind, (size_t)(in->origin.s + in->origin.n - behind)}));
	}
	out_add(w->to, (struct text){l->value.s + l->value.n, l->whole.n - l->value.n - 2});
	w->ended = l->ended;
}

/* ---- all of it ---- */

static void write_line(struct sdp_writer *w, const struct sdp_line *l)
{
	const struct sdp_edit *e = w->edit;

	if (l->type == 'o' && (e->replace & ORIGIN))
		write_origin(w, l);
	else if (l->type == 's' && (e->replace & NG_REPLACE_SESSION_NAME) && e->session_name.n)
		sdp_write_value(w, l, e->session_name);
	else if (l->type == 'c')
		write_connection(w, l);
	else if (l->type != 'a' || !sdp_attribute_done(w, l))
		sdp_write_line(w, l);
}

static void write_added(struct sdp_writer *w)
{
	struct text mark = w->edit->loop_mark;

	sdp_add_attributes(w, w->in->session);
	if (mark.n && !sdp_has_mark(w->in, mark))
		sdp_write_own(w, "a=aeta-relay:", mark);
}

void sdp_write_session(struct sdp_writer *w)
{
	struct text rest = w->in->session;
	struct sdp_line l;

	w->connection = session_connection(w);
	while (sdp_line_next(&rest, &l))
		write_line(w, &l);
	write_added(w);
}
