/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long call records and the audit are kept, and taking out the older rows. */
#include "ctl.h"

#include "data/retention.h"

#include <errno.h>
#include <string.h>

/* The rows of all retentions into `out`; an exit status. */
static int read_all(struct ctl *ctl, struct retention out[RETENTIONS_MAX], size_t *count)
{
	return ctl_done(ctl, retention_list(ctl->db, &ctl->scope, out, count));
}

static int list_retentions(struct ctl *ctl)
{
	struct retention all[RETENTIONS_MAX];
	json_t *array = json_array();
	size_t count;
	int rc = read_all(ctl, all, &count);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_pack("{s:s, s:i, s:i, s:s, s:I}", "subject", all[i].subject, "months", (int)all[i].months,
											 "least", (int)all[i].least, "since", all[i].since, "due", (json_int_t)all[i].due));
	ctl_say(ctl, "retention", array);
	return rc;
}

static int retention_list_command(struct ctl *ctl, const struct args *args)
{
	(void)args;
	return list_retentions(ctl);
}

static int retention_set_command(struct ctl *ctl, const struct args *args)
{
	int rc = retention_set(ctl->db, &ctl->scope, arg_text(args, "SUBJECT"), arg_number(args, "MONTHS", 0));

	rc = ctl_done(ctl, rc);
	return rc ? rc : list_retentions(ctl);
}

static int command_prune(struct ctl *ctl, const struct args *args)
{
	const char *only = arg_text(args, "SUBJECT");
	struct retention all[RETENTIONS_MAX];
	json_t *pruned = json_array();
	unsigned long long deleted;
	size_t count, of_it = 0;
	int rc = read_all(ctl, all, &count);

	for (size_t i = 0; rc == CTL_OK && i < count; i++) {
		if (only && strcmp(only, all[i].subject) != 0)
			continue;
		of_it++;
		deleted = all[i].due;
		if (!arg_given(args, "--dry-run"))
			rc = ctl_done(ctl, retention_prune(ctl->db, &ctl->scope, all[i].subject, 0, &deleted));
		json_array_append_new(pruned, json_pack("{s:s, s:s, s:I}", "subject", all[i].subject, "older_than", all[i].since, "rows",
											  (json_int_t)deleted));
	}
	if (rc == CTL_OK && of_it == 0)
		rc = refuse("there is no retention \"%s\": see aetactl retention list", only);
	ctl_say(ctl, arg_given(args, "--dry-run") ? "would_go" : "gone", pruned);
	return rc;
}

static const struct arg no_args[] = {{0}};
static const struct arg set_args[] = {{.name = "SUBJECT", .required = true, .help = "cdr (call records), audit or mail (mails that were sent)"},
		{.name = "MONTHS", .type = ARG_NUMBER, .required = true, .help = "how many are kept", .min = 1, .max = 1200}, {0}};
static const struct arg prune_args[] = {{.name = "SUBJECT", .help = "cdr, audit or mail; all without"},
		{.name = "--dry-run", .type = ARG_FLAG, .help = "say how many rows would go, and leave them"}, {0}};

const struct command retention_commands[] = {
		{"retention", "list", no_args, retention_list_command, NEEDS_DB, "how long rows are kept, and how many are older"},
		{"retention", "set", set_args, retention_set_command, NEEDS_DB, "keep rows for so many months"},
		{"prune", NULL, prune_args, command_prune, NEEDS_DB, "delete the rows that are older than their retention"},
		{0},
};
