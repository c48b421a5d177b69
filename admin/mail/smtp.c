/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smtp.h"

#include "data/utf8.h"

#include <curl/curl.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STOP_WAIT_S    3
#define QUIT_WAIT_S    2
#define CONNECT_WAIT_S 20
#define WORDS_SIZE     200

/* How far a session got, by the last command that was sent. */
enum stage { STAGE_CONNECT, STAGE_HELLO, STAGE_LOGIN, STAGE_SENDER, STAGE_RECIPIENT, STAGE_DATA };

struct session {
	CURL *curl;
	struct curl_slist *recipients;
	const char *mail;
	size_t length, sent;
	enum stage stage;
	const char *secret;     /* that is not repeated */
	char words[WORDS_SIZE]; /* the last line of the server, before QUIT */
	const atomic_bool *stop;
	time_t stop_seen, quit_at; /* 0: not yet */
};

int smtp_init(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -EIO;
}

void smtp_end(void)
{
	curl_global_cleanup();
}

static time_t seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* ---- what libcurl asks and tells ---- */

static size_t read_mail(char *to, size_t size, size_t count, void *arg)
{
	struct session *s = arg;
	size_t n = size * count;

	if (n > s->length - s->sent)
		n = s->length - s->sent;
	memcpy(to, s->mail + s->sent, n);
	s->sent += n;
	return n;
}

/* Only the verb of a command is looked at: what follows AUTH is the password. */
static enum stage stage_of(const char *command, size_t n, enum stage before)
{
	static const struct {
		const char *verb;
		enum stage stage;
	} rows[] = {{"EHLO", STAGE_HELLO}, {"HELO", STAGE_HELLO}, {"STARTTLS", STAGE_HELLO}, {"AUTH", STAGE_LOGIN}, {"MAIL", STAGE_SENDER},
			{"RCPT", STAGE_RECIPIENT}, {"DATA", STAGE_DATA}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (n >= strlen(rows[i].verb) && !strncmp(command, rows[i].verb, strlen(rows[i].verb)))
			return rows[i].stage;
	return before;
}

/* The last line of an answer, as one line of text. */
static void keep_words(struct session *s, const char *line, size_t n)
{
	if (n >= sizeof(s->words))
		n = sizeof(s->words) - 1;
	memcpy(s->words, line, n);
	while (n && (unsigned char)s->words[n - 1] <= ' ')
		n--;
	s->words[n] = '\0';
	for (char *c = s->words; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	utf8_mend(s->words);
	if (*s->secret && strstr(s->words, s->secret))
		s->words[3] = '\0'; /* the number of the answer */
}

static int hear(CURL *curl, curl_infotype type, char *data, size_t size, void *arg)
{
	struct session *s = arg;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT && size >= 4 && !strncmp(data, "QUIT", 4))
		s->quit_at = seconds();
	else if (type == CURLINFO_HEADER_OUT)
		s->stage = stage_of(data, size, s->stage);
	else if (type == CURLINFO_HEADER_IN && !s->quit_at)
		keep_words(s, data, size);
	return 0;
}

static int watch(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct session *s = arg;

	(void)a, (void)b, (void)c, (void)d;
	if (s->quit_at) /* all is said; a server that does not answer this keeps nobody waiting */
		return seconds() - s->quit_at >= QUIT_WAIT_S;
	if (!s->stop || !atomic_load(s->stop))
		return 0;
	if (!s->stop_seen)
		s->stop_seen = seconds();
	return s->stage < STAGE_DATA || seconds() - s->stop_seen >= STOP_WAIT_S;
}

/* ---- the session ---- */

#define SET(option, value) (ok = ok && curl_easy_setopt(s->curl, (option), (value)) == CURLE_OK)

static bool set_server(struct session *s, const struct mail_settings *m)
{
	bool ok = true;

	SET(CURLOPT_URL, m->url);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_PROXY, ""); /* whatever the environment says */
	SET(CURLOPT_USE_SSL, m->tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (*m->ca) {
		SET(CURLOPT_CAINFO, m->ca);
		SET(CURLOPT_CAPATH, NULL);
	}
	if (*m->user) {
		SET(CURLOPT_USERNAME, m->user);
		SET(CURLOPT_PASSWORD, m->password);
	}
	SET(CURLOPT_TIMEOUT, (long)m->timeout_s);
	SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_WAIT_S);
	SET(CURLOPT_FORBID_REUSE, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	return ok;
}

static bool set_mail(struct session *s, const struct mail_settings *m)
{
	bool ok = true;

	SET(CURLOPT_MAIL_FROM, m->from);
	SET(CURLOPT_MAIL_RCPT, s->recipients);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, read_mail);
	SET(CURLOPT_READDATA, s);
	SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->length);
	SET(CURLOPT_VERBOSE, 1L);
	SET(CURLOPT_DEBUGFUNCTION, hear);
	SET(CURLOPT_DEBUGDATA, s);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, watch);
	SET(CURLOPT_XFERINFODATA, s);
	return ok;
}

static enum smtp_result no_memory(char error[SMTP_ERROR_SIZE])
{
	snprintf(error, SMTP_ERROR_SIZE, "the mail could not be handed to libcurl: no memory; it is tried again");
	return SMTP_AWAY;
}

/* What came of a session, and all that can be said about it. */
struct outcome {
	const struct mail_settings *m;
	const struct session *s;
	const char *to;
	CURLcode rc;
	const char *detail; /* libcurl's words */
	long code;          /* the server's last answer where it is a refusal, else 0 */
};

/* The server, TLS, the login, the sender: so it is with all mails. */
static void explain_away(const struct outcome *o, char error[SMTP_ERROR_SIZE])
{
	const char *url = o->m->url;

	if (o->rc == CURLE_ABORTED_BY_CALLBACK)
		snprintf(error, SMTP_ERROR_SIZE, "the sender was stopped before the mail server %s had it; it is tried again", url);
	else if (o->rc == CURLE_LOGIN_DENIED || (o->s->stage == STAGE_LOGIN && o->code))
		snprintf(error, SMTP_ERROR_SIZE, "the mail server %s refuses the login of %s (%s): check smtp_user and smtp_password", url, o->m->user,
				o->detail);
	else if (o->rc == CURLE_USE_SSL_FAILED)
		snprintf(error, SMTP_ERROR_SIZE, "the mail server %s offers no STARTTLS: use smtps://, or the port that has it", url);
	else if (o->rc == CURLE_PEER_FAILED_VERIFICATION || o->rc == CURLE_SSL_CACERT_BADFILE)
		snprintf(error, SMTP_ERROR_SIZE, "the certificate of the mail server %s is not good (%s): check the name in smtp_url, and smtp_ca", url,
				o->detail);
	else if (o->s->stage == STAGE_SENDER && o->code)
		snprintf(error, SMTP_ERROR_SIZE, "the mail server %s does not take mails from %s: %s; check mail_from, and whether it wants a login", url,
				o->m->from, o->s->words);
	else if (o->s->stage == STAGE_CONNECT)
		snprintf(error, SMTP_ERROR_SIZE, "the mail server %s cannot be reached: %s; check smtp_url, and that it runs", url, o->detail);
	else
		snprintf(error, SMTP_ERROR_SIZE, "the mail server %s does not answer as one does: %s; check that it is well", url, o->detail);
}

static enum smtp_result explain(const struct outcome *o, char error[SMTP_ERROR_SIZE])
{
	const char *url = o->m->url;

	if (o->s->stage <= STAGE_SENDER || (o->s->stage == STAGE_RECIPIENT && !o->code)) {
		explain_away(o, error);
		return SMTP_AWAY;
	}
	if (!o->code) {
		snprintf(error, SMTP_ERROR_SIZE, "the mail server %s did not say whether it took the mail (%s): it is tried again, with the same "
				"Message-ID", url, o->detail);
		return SMTP_LATER;
	}
	if (o->code < 500) {
		snprintf(error, SMTP_ERROR_SIZE, "the mail server %s does not take it for %s now: %s; it is tried again", url, o->to, o->s->words);
		return SMTP_LATER;
	}
	snprintf(error, SMTP_ERROR_SIZE, "the mail server %s refuses it for %s: %s; correct the address, or ask who runs that server", url, o->to,
			o->s->words);
	return SMTP_REFUSED;
}

/* A refusal: 4xx and 5xx. */
static long refusal(const char *words)
{
	long code = strtol(words, NULL, 10);

	return code >= 400 && code <= 599 ? code : 0;
}

static enum smtp_result run(struct session *s, const struct mail_settings *m, const char *to, char error[SMTP_ERROR_SIZE])
{
	char detail[CURL_ERROR_SIZE] = "";
	CURLcode rc;

	if (!set_server(s, m) || !set_mail(s, m) || curl_easy_setopt(s->curl, CURLOPT_ERRORBUFFER, detail) != CURLE_OK)
		return no_memory(error);
	rc = curl_easy_perform(s->curl);
	if (rc == CURLE_OK)
		return SMTP_SENT;
	return explain(&(struct outcome){m, s, to, rc, *detail ? detail : curl_easy_strerror(rc), refusal(s->words)}, error);
}

enum smtp_result smtp_send(const struct mail_settings *m, const char *to, const char *mail, size_t length, const atomic_bool *stop,
		char error[SMTP_ERROR_SIZE])
{
	struct session s = {.curl = curl_easy_init(), .recipients = curl_slist_append(NULL, to), .mail = mail, .length = length,
			.secret = m->password, .stop = stop};
	enum smtp_result result = s.curl && s.recipients ? run(&s, m, to, error) : no_memory(error);

	curl_easy_cleanup(s.curl);
	curl_slist_free_all(s.recipients);
	return result;
}
