/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One field of a form: label, help, and what is wrong with it. */
#include "view_private.h"

#include <stdio.h>
#include <string.h>

/* Help and problem stand behind the field and are read out with it. */
void view_field_described(struct html *h, const char *name, const char *help, const char *problem)
{
	if (help || problem)
		html_attrf(h, "aria-describedby", "%s%s%s%s%s", problem ? "problem-" : "", problem ? name : "", help && problem ? " " : "",
				help ? "help-" : "", help ? name : "");
	if (problem)
		html_attr(h, "aria-invalid", "true");
}

static void put_words(struct html *h, const char *class_name, const char *what, const char *name, const char *text)
{
	if (!text)
		return;
	html_open(h, "span");
	html_attr(h, "class", class_name);
	html_attrf(h, "id", "%s-%s", what, name);
	html_text(h, text);
	html_close(h);
}

void view_field_begin(struct html *h, const char *name, const char *label, bool needed)
{
	html_open(h, "div");
	html_attr(h, "class", "field");
	html_open(h, "label");
	html_attrf(h, "for", "field-%s", name);
	html_attr(h, "class", needed ? "needed" : NULL);
	html_text(h, label);
	html_close(h);
}

/* `label` NULL: the problem is a sentence. */
void view_field_end(struct html *h, const char *name, const char *label, const char *help, const char *problem)
{
	char sentence[PROBLEM_SIZE + NAME_SIZE];

	if (problem) {
		snprintf(sentence, sizeof(sentence), "%.79s %s.", label ? label : "", problem);
		put_words(h, "error", "problem", name, label ? sentence : problem);
	}
	put_words(h, "help", "help", name, help);
	html_close(h);
}

void view_field_name(struct html *h, const char *name)
{
	html_attrf(h, "id", "field-%s", name);
	html_attr(h, "name", name);
}

void view_option(struct html *h, const char *value, const char *label, const char *chosen)
{
	html_open(h, "option");
	html_attr(h, "value", value);
	html_flag(h, "selected", chosen && !strcmp(value, chosen));
	html_text(h, label);
	html_close(h);
}

void view_select(struct html *h, const struct view_field *f, const char *const *options)
{
	view_field_begin(h, f->name, f->label, f->required);
	html_open(h, "select");
	view_field_name(h, f->name);
	view_field_described(h, f->name, f->help, f->problem);
	for (; *options; options += 2)
		view_option(h, options[0], options[1], f->value ? f->value : "");
	html_close(h);
	view_field_end(h, f->name, f->label, f->help, f->problem);
}

void view_input(struct html *h, const struct view_field *f)
{
	const char *problem = f->sentence ? f->sentence : f->problem;

	view_field_begin(h, f->name, f->label, f->required && !f->plain);
	html_void(h, "input");
	view_field_name(h, f->name);
	html_attr(h, "type", f->type ? f->type : "text");
	html_attr(h, "value", f->value);
	html_flag(h, "required", f->required);
	html_attr(h, "autocomplete", f->autocomplete ? f->autocomplete : "off");
	if (f->max)
		html_attrf(h, "maxlength", "%zu", f->max);
	html_flag(h, "autofocus", f->focus || f->sentence);
	view_field_described(h, f->name, f->help, problem);
	view_field_end(h, f->name, f->sentence ? NULL : f->label, f->help, problem);
}
