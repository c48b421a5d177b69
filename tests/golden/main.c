/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Golden cases: what the relay answers to ng requests, in files that people can read (see README.md beside). Each case is played
 * in bencode, in JSON, and with another relay taking over before each line; each request is sent cut off at every byte first. Prints one
 * line for each file, and what is wrong.
 *
 *      golden_tests FOLDER [FILE...]
 *      golden_tests --sweep FOLDER...      takes each *.sdp there through a call's life (sweep.c)
 *      golden_tests --fill FOLDER FILE     prints the file with the replies as they are: to be read before it is believed
 */
#include "script.h"
#include "sweep.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static struct world world;
static unsigned cases, replies, failed;
static bool fill;

static bool play_line(struct script *s, struct text line)
{
	char what = line.s[0];
	struct text words = text_trimmed(text_from(line, 1));

	if (what == '!')
		return script_event(s, words);
	if (what == '=')
		return script_state(s, words);
	if (what != '>')
		return script_fail(s, "a line begins with '>', '!' or '='");
	if (!s->started && !script_event(s, TEXT("wait 0")))
		return false;
	return script_request(s, words);
}

static bool restart(struct script *s)
{
	const char *wrong = s->restarts && s->started ? world_restart(s->world) : NULL;

	return !wrong || script_fail(s, "after a restart %s", wrong);
}

static bool play(struct script *s)
{
	const char *wrong;
	struct text line;
	bool good = true;

	world_configure(&world);
	s->world = &world;
	while (good && script_line(s, &line))
		good = (restart(s) && play_line(s, line)) || s->fill;
	if (!s->started)
		return good && script_fail(s, "nothing is in it");
	wrong = world_stop(&world);
	return good && (!wrong || script_fail(s, "at the end %s", wrong));
}

/* One case, from behind its title: in bencode, in JSON, and with restarts. */
static void play_case(const char *folder, const char *file, unsigned line, struct text title, struct text body)
{
	bool good = true;

	cases++;
	for (unsigned way = 0; way < 3; way++) {
		struct script s = {.file = file, .folder = folder, .line = line, .title = title, .rest = body, .json = way == 1,
			.restarts = way == 2, .fill = fill};

		if (fill && way)
			break;
		if (fill)
			printf("case: %.*s\n", TEXT_ARGS(title));

		good = play(&s) && good;
		if (way == 0)
			replies += s.replies;
		node_forget();
	}
	failed += !good;
}

/* Cases begin with a line "case: TITLE". */
static void play_cases(const char *folder, const char *file, struct text all)
{
	struct text title = {0}, body = {0}, rest = all, line;
	unsigned number = 0, begins = 0;

	while (rest.n) {
		const char *at = rest.s;

		line = text_until(&rest, '\n');
		number++;
		if (!text_starts(line, TEXT("case: "))) {
			if (fill && !title.n)
				printf("%.*s\n", TEXT_ARGS(line));
			continue;
		}
		if (title.n)
			play_case(folder, file, begins, title, (struct text){body.s, (size_t)(at - body.s)});
		title = text_from(line, 6);
		begins = number;
		body = rest;
	}
	if (title.n)
		play_case(folder, file, begins, title, body);
}

static void play_file(const char *folder, const char *name)
{
	static char bytes[1 << 20];
	unsigned before = cases, bad = failed;
	char path[512];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (!f) {
		printf("%s: cannot be read\n", path);
		failed++;
		return;
	}
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	play_cases(folder, name, (struct text){bytes, n});
	if (fill)
		return;
	if (cases == before) {
		printf("%s: has no case\n", name);
		failed++;
	}
	printf("%-24s %3u cases, %u failed\n", name, cases - before, failed - bad);
}

static int is_case(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 5 && strcmp(e->d_name + n - 5, ".case") == 0;
}

static int sweep_folders(int count, char **folders)
{
	unsigned all = 0, wrong = 0, files;

	for (int i = 0; i < count; i++) {
		wrong += sweep(folders[i], &files);
		if (files == 0) {
			printf("%s: has no SDP\n", folders[i]);
			wrong++;
		}
		all += files;
	}
	printf("%u SDPs, %u failures\n", all, wrong);
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int count, char **arguments)
{
	struct dirent **found;
	int n = 0;

	if (count > 2 && strcmp(arguments[1], "--sweep") == 0)
		return sweep_folders(count - 2, arguments + 2);
	fill = count == 4 && strcmp(arguments[1], "--fill") == 0;
	if (fill) {
		play_file(arguments[2], arguments[3]);
		return failed ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	if (count < 2) {
		fprintf(stderr, "usage: golden_tests FOLDER [FILE...] | --fill FOLDER FILE\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 2; i < count; i++)
		play_file(arguments[1], arguments[i]);
	if (count == 2)
		n = scandir(arguments[1], &found, is_case, alphasort);
	for (int i = 0; i < n; i++) {
		play_file(arguments[1], found[i]->d_name);
		free(found[i]);
	}
	if (n > 0)
		free(found);
	printf("%u cases, %u request and reply pairs, %u failed\n", cases, replies, failed);
	return failed || cases == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
