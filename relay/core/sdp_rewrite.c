/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An SDP written again, with what an edit changes and else the same bytes (C6). */
#include "sdp_write.h"

#include <errno.h>

/* ---- lines ---- */

/* An SDP may end without a line end, or with half of one: nothing can stand behind it then. */
static void end_line(struct sdp_writer *w)
{
	bool half = w->to->n && w->to->s[w->to->n - 1] == '\r';

	if (!w->ended)
		out_string(w->to, w->in->crlf && !half ? "\r\n" : "\n");
	w->ended = true;
}

void sdp_write_line(struct sdp_writer *w, const struct sdp_line *line)
{
	end_line(w);
	out_add(w->to, line->whole);
	w->ended = line->ended;
}

void sdp_write_own(struct sdp_writer *w, const char *begin, struct text rest)
{
	end_line(w);
	out_string(w->to, begin);
	out_add(w->to, rest);
	w->ended = false;
	end_line(w);
}

void sdp_write_value(struct sdp_writer *w, const struct sdp_line *line, struct text value)
{
	const char *behind = line->value.s + line->value.n;

	end_line(w);
	out_add(w->to, (struct text){line->whole.s, 2});
	out_add(w->to, value);
	out_add(w->to, (struct text){behind, (size_t)(line->whole.s + line->whole.n - behind)});
	w->ended = line->ended;
}

struct text sdp_connection(char *out, const struct address *a, bool zero)
{
	size_t n = 7;

	memcpy(out, a->family == 6 ? "IN IP6 " : "IN IP4 ", n);
	if (zero)
		n += (size_t)(stpcpy(out + n, a->family == 6 ? "::" : "0.0.0.0") - (out + n));
	else
		n += address_format(a, out + n);
	return (struct text){out, n};
}

/* ---- attributes of either part ---- */

static bool is_ice(struct text name)
{
	static const char *const names[] = {"candidate", "remote-candidates", "end-of-candidates"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_is(name, names[i]))
			return true;
	return text_starts(name, TEXT("ice-"));
}

static bool is_bundle(const struct sdp_line *l)
{
	return sdp_line_is(l, "bundle-only") || (sdp_line_is(l, "group") && text_starts(l->rest, TEXT("BUNDLE")));
}

static bool unwanted(const struct sdp_edit *e, const struct sdp_line *l)
{
	if (e->ice_remove && is_ice(l->name))
		return true;
	if (e->bundle_remove && is_bundle(l))
		return true;
	return e->strip_extmap && (sdp_line_is(l, "extmap") || sdp_line_is(l, "extmap-allow-mixed"));
}

/* A text of sdp-attr means "foo:bar baz" by "foo", by "foo:bar", and by all of it. */
static bool means(struct text said, struct text attribute)
{
	struct text name = attribute, tag = attribute;

	return text_equal(said, attribute) || text_equal(said, text_until(&name, ':')) || text_equal(said, text_until(&tag, ' '));
}

static bool told_to_remove(const struct sdp_writer *w, struct text attribute)
{
	for (unsigned i = 0; w->attributes && i < w->attributes->remove.n; i++)
		if (means(w->attributes->remove.at[i], attribute))
			return true;
	return false;
}

/* What holds a line end would be more than an attribute. */
static bool is_one_line(struct text t)
{
	return t.n && !memchr(t.s, '\n', t.n) && !memchr(t.s, '\r', t.n);
}

/* The attribute, or what sdp-attr puts in its place. */
static struct text substituted(const struct sdp_writer *w, struct text attribute)
{
	for (unsigned i = 0; w->attributes && i + 1 < w->attributes->substitute.n; i += 2)
		if (means(w->attributes->substitute.at[i], attribute) && is_one_line(w->attributes->substitute.at[i + 1]))
			return w->attributes->substitute.at[i + 1];
	return attribute;
}

bool sdp_attribute_done(struct sdp_writer *w, const struct sdp_line *line)
{
	struct text by;

	if (unwanted(w->edit, line) || told_to_remove(w, line->value))
		return true;
	by = substituted(w, line->value);
	if (by.s == line->value.s)
		return false;
	sdp_write_value(w, line, by);
	return true;
}

void sdp_write_attribute(struct sdp_writer *w, const struct sdp_line *l, struct text attribute)
{
	if (told_to_remove(w, attribute))
		return;
	attribute = substituted(w, attribute);
	if (l)
		sdp_write_value(w, l, attribute);
	else
		sdp_write_own(w, "a=", attribute);
}

static bool has_attribute(struct text section, struct text attribute)
{
	struct sdp_line l;

	while (sdp_line_next(&section, &l))
		if (l.type == 'a' && text_equal(l.value, attribute))
			return true;
	return false;
}

void sdp_add_attributes(struct sdp_writer *w, struct text section)
{
	for (unsigned i = 0; w->attributes && i < w->attributes->add.n; i++) {
		struct text attribute = w->attributes->add.at[i];

		if (is_one_line(attribute) && !has_attribute(section, attribute))
			sdp_write_own(w, "a=", attribute);
	}
}

/* ---- all of it ---- */

void sdp_edit_init(struct sdp_edit *edit, const struct sdp *in)
{
	memset(edit, 0, offsetof(struct sdp_edit, media));
	for (unsigned i = 0; i < in->count; i++) {
		const struct sdp_media *m = &in->media[i];

		edit->media[i] = (struct sdp_media_edit){
				.relay = m->transport != SDP_OTHER,
				.port = m->rtp.port,
				.ports = m->ports,
				.rtcp_port = m->rtcp_said ? m->rtcp.port : 0,
				.fec_port = m->fec.port,
				.mux_attribute_keep = true,
				.rtcp_attribute_keep = true,
		};
	}
}

bool sdp_media_removed(const struct ng_request *request, const struct sdp_media *media)
{
	for (unsigned i = 0; request && i < request->media_remove.n; i++) {
		struct text type = request->media_remove.at[i];

		if (text_equal(type, media->type))
			return true;
	}
	return false;
}

int sdp_rewrite(const struct sdp *in, struct sdp_edit *edit, struct out *to)
{
	struct sdp_writer w = {.in = in, .edit = edit, .to = to, .ended = true};

	edit->foreign_addresses = 0;
	w.attributes = edit->request ? &edit->request->attributes_session : NULL;
	sdp_write_session(&w);
	for (unsigned i = 0; i < in->count; i++) {
		if (edit->media[i].before.n) {
			end_line(&w);
			out_add(to, edit->media[i].before);
		}
		if (!edit->media[i].omit)
			sdp_write_media(&w, i);
	}
	if (edit->after.n) {
		end_line(&w);
		out_add(to, edit->after);
	}
	return to->failed ? -ENOBUFS : 0;
}
