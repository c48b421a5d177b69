/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 10
#define TABLE_ROWS 256 /* groups, and exceptions, at most */

struct line {
	const char *path;
	int number;
	char *word[WORDS];
	int words;
};

#define REFUSE(l, what) ck_abort_msg("%s:%d: %s", (l)->path, (l)->number, what)

static void split(struct line *l, char *text)
{
	char *save = NULL;

	text[strcspn(text, "#\n")] = '\0';
	l->words = 0;
	for (char *w = strtok_r(text, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
		if (l->words == WORDS)
			REFUSE(l, "too many words");
		if (strlen(w) >= TABLE_WORD)
			REFUSE(l, "word too long");
		l->word[l->words++] = w;
	}
}

static aeta_number_t number_of(const struct line *l, const char *w, size_t len)
{
	aeta_number_t n = aeta_number_parse(w, len);

	if (!n)
		REFUSE(l, "not a number");
	return n;
}

static void read_option(const struct line *l, struct aeta_group *g, const char *w)
{
	static const struct {
		const char *word;
		uint16_t bit;
	} options[] = {{"block-in", AETA_BLOCK_INCOMING}, {"block-out", AETA_BLOCK_OUTGOING}, {"hunting", AETA_HUNTING},
			{"no-direct", AETA_HUNT_NO_DIRECT}, {"busy-603", AETA_HUNT_BUSY_603},
			{"busy-in-call", AETA_HUNT_BUSY_IN_CALL}, {"next-488", AETA_HUNT_NEXT_488}};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(w, options[i].word) == 0) {
			g->options |= options[i].bit;
			return;
		}
	if (sscanf(w, "no-answer=%hu", &g->no_answer_s) != 1 && sscanf(w, "hunt-max=%hu", &g->hunt_max_s) != 1)
		REFUSE(l, "unknown option");
}

static void read_group(struct table *t, const struct line *l)
{
	struct aeta_group g = {0};
	enum aeta_directory_error e;

	if (l->words < 2)
		REFUSE(l, "group PREFIX [option...]");
	g.prefix = (uint16_t)atoi(l->word[1]);
	for (int i = 2; i < l->words; i++)
		read_option(l, &g, l->word[i]);
	e = aeta_directory_add_group(t->directory, &g);
	if (e != AETA_DIR_OK)
		REFUSE(l, aeta_directory_strerror(e));
}

static void read_account(struct table *t, const struct line *l)
{
	struct aeta_account a = {.state = AETA_STATE_ACTIVE};
	const char *dash;
	aeta_number_t last;

	if (l->words < 3 || l->words > 4)
		REFUSE(l, "account NUMBER[-NUMBER] KIND [STATE]");
	dash = strchr(l->word[1], '-');
	a.number = number_of(l, l->word[1], dash ? (size_t)(dash - l->word[1]) : strlen(l->word[1]));
	last = dash ? number_of(l, dash + 1, strlen(dash + 1)) : a.number;
	a.kind = (uint8_t)aeta_kind_parse(l->word[2], strlen(l->word[2]));
	if (l->words == 4)
		a.state = (uint8_t)aeta_state_parse(l->word[3], strlen(l->word[3]));
	if (a.kind == AETA_KINDS || a.state == AETA_STATES)
		REFUSE(l, "unknown kind or state");
	for (; a.number <= last; a.number++) {
		if (t->account_count == TABLE_ACCOUNTS)
			REFUSE(l, "too many accounts");
		t->accounts[t->account_count++].facts = a;
	}
}

static void read_exception(struct table *t, const struct line *l)
{
	enum aeta_directory_error e;

	if (l->words != 3)
		REFUSE(l, "exception PREFIX NUMBER");
	e = aeta_directory_add_exception(t->directory, (unsigned)atoi(l->word[1]),
			number_of(l, l->word[2], strlen(l->word[2])));
	if (e != AETA_DIR_OK)
		REFUSE(l, aeta_directory_strerror(e));
}

static struct table_account *account(const struct table *t, aeta_number_t n)
{
	for (size_t i = 0; i < t->account_count; i++)
		if (t->accounts[i].facts.number == n)
			return (struct table_account *)&t->accounts[i];
	return NULL;
}

static void read_absent(struct table *t, const struct line *l)
{
	struct table_account *a = l->words == 2 ? account(t, number_of(l, l->word[1], strlen(l->word[1]))) : NULL;

	if (!a)
		REFUSE(l, "absent NUMBER, of an account above");
	a->absent = true;
}

/* What stands behind the arrow: CODE RULE [FINAL]. */
static void read_expectation(const struct line *l, struct table_case *c, int arrow)
{
	int rest = l->words - arrow - 1;

	if (arrow >= l->words || strcmp(l->word[arrow], "->") != 0 || rest < 2 || rest > 3)
		REFUSE(l, "expected: -> CODE RULE [FINAL]");
	c->code = (unsigned)atoi(l->word[arrow + 1]);
	strcpy(c->rule, l->word[arrow + 2]);
	if (rest == 3)
		strcpy(c->final, l->word[arrow + 3]);
}

static void read_case(struct table *t, const struct line *l, enum table_case_kind kind, int words)
{
	struct table_case *c = &t->cases[t->case_count];

	if (t->case_count == TABLE_CASES)
		REFUSE(l, "too many cases");
	read_expectation(l, c, 1 + words);
	c->kind = kind;
	strcpy(c->id, l->word[1]);
	strcpy(c->caller, l->word[2]);
	if (words >= 3)
		strcpy(c->dialled, l->word[3]);
	if (words >= 4)
		strcpy(c->members, l->word[4]);
	t->case_count++;
}

static void read_line(struct table *t, const struct line *l)
{
	if (l->words == 0)
		return;
	if (strcmp(l->word[0], "group") == 0)
		read_group(t, l);
	else if (strcmp(l->word[0], "account") == 0)
		read_account(t, l);
	else if (strcmp(l->word[0], "exception") == 0)
		read_exception(t, l);
	else if (strcmp(l->word[0], "absent") == 0)
		read_absent(t, l);
	else if (strcmp(l->word[0], "call") == 0)
		read_case(t, l, TABLE_CALL, 3);
	else if (strcmp(l->word[0], "method") == 0)
		read_case(t, l, TABLE_METHOD, 4);
	else if (strcmp(l->word[0], "hunt") == 0)
		read_case(t, l, TABLE_HUNT, 4);
	else if (strcmp(l->word[0], "register") == 0)
		read_case(t, l, TABLE_REGISTER, 2);
	else
		REFUSE(l, "unknown keyword");
}

struct table *table_read(const char *path)
{
	struct table *t = calloc(1, sizeof(*t));
	size_t size = aeta_directory_size(TABLE_ROWS, TABLE_ROWS);
	struct line l = {.path = path};
	FILE *f = fopen(path, "r");
	char text[512];

	ck_assert_msg(t && f, "cannot read %s", path);
	t->directory = aeta_directory_init(malloc(size), size, TABLE_ROWS, TABLE_ROWS);
	ck_assert_ptr_nonnull(t->directory);
	while (fgets(text, sizeof(text), f)) {
		l.number++;
		split(&l, text);
		read_line(t, &l);
	}
	fclose(f);
	aeta_directory_seal(t->directory);
	return t;
}

void table_free(struct table *t)
{
	free(t->directory);
	free(t);
}

struct aeta_account table_facts(const struct table *t, aeta_number_t number)
{
	const struct table_account *a = account(t, number);

	return a ? a->facts : (struct aeta_account){.number = number, .kind = AETA_KIND_NONE};
}

bool table_absent(const struct table *t, aeta_number_t number)
{
	const struct table_account *a = account(t, number);

	return a && a->absent;
}
