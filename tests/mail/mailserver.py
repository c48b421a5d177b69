# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail server on loopback, as good or as bad as a test wants, by Debian's aiosmtpd.

	with MailServer(folder, "starttls") as server:      # "clear", "tls" (from the first byte), "starttls"; the last two with AUTH
		server.url
		server.mails                                       # what was taken: Mail

What it does with a mail depends on its recipient: later@ 451, never@ 550 and echo@ 550 with our password at RCPT; later-data@ 451 and never-data@ 554 after the text;
drop@ goes away after the text without an answer; hang@ does not answer RCPT, hold@ not the text, taken@ neither though it takes the mail, before `go` is set. `arrived` tells of
each that it holds. Anybody else's mail is taken."""

import asyncio
import email
import email.policy
import ssl
import subprocess
import threading

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = "service", "a-password-that-nobody-may-see"


class Mail:
	def __init__(self, envelope, user):
		self.sender, self.recipients, self.user = envelope.mail_from, envelope.rcpt_tos, user
		self.bytes = envelope.content
		self.parsed = email.message_from_bytes(self.bytes, policy=email.policy.default)

	def __getitem__(self, header):
		return self.parsed[header]

	@property
	def text(self):
		return self.parsed.get_content()


class Handler:
	def __init__(self, server):
		self.server = server

	async def handle_RCPT(self, _server, _session, envelope, address, _options):
		name = address.split("@")[0]
		if name in ("later", "never"):
			return "451 4.7.1 greylisted, come later" if name == "later" else "550 5.1.1 no such user here"
		if name == "echo":
			return f"550 5.1.1 {PASSWORD} is nobody here"
		if name == "hang":
			await self.held()
		envelope.rcpt_tos.append(address)
		return "250 OK"

	async def handle_DATA(self, server, session, envelope):
		name = envelope.rcpt_tos[0].split("@")[0]
		if name.endswith("-data"):
			return "451 4.3.0 no room now" if name.startswith("later") else "554 5.6.0 no such mail here"
		if name == "hold":
			await self.held()
		if name == "taken":
			self.server.mails.append(Mail(envelope, session.auth_data))
			await self.held()
			return "250 2.0.0 taken"
		if self.server.meet:
			await self.meet()
		self.server.mails.append(Mail(envelope, session.auth_data))
		if name == "drop":
			server.transport.abort()
		return "250 2.0.0 taken"

	async def held(self):
		self.server.arrived.set()
		while not self.server.go.is_set():
			await asyncio.sleep(0.01)

	async def meet(self):
		"""Nobody goes on before two are here."""
		self.server.here += 1
		while self.server.here < 2:
			await asyncio.sleep(0.01)


class QuietSMTP(SMTP):
	"""QUIT is not answered where the test says so."""
	deaf = None

	async def smtp_QUIT(self, arg):
		if self.deaf is not None:
			self.deaf.set()
			await asyncio.sleep(3600)
		await super().smtp_QUIT(arg)


class MailServer:
	def __init__(self, folder, kind="clear", deaf_at_quit=False):
		self.kind, self.folder = kind, folder
		self.mails, self.meet, self.here = [], False, 0
		self.arrived, self.go, self.quits = threading.Event(), threading.Event(), threading.Event()
		self.deaf = self.quits if deaf_at_quit else None
		self.context = self.make_context() if kind != "clear" else None
		self.loop = asyncio.new_event_loop()

	def protocol(self):
		options = {}
		if self.context:
			options = {"auth_required": True, "auth_require_tls": self.kind == "starttls", "authenticator": self.authenticate}
		if self.kind == "starttls":
			options.update(tls_context=self.context, require_starttls=True)
		made = QuietSMTP(Handler(self), loop=self.loop, **options)
		made.deaf = self.deaf
		return made

	def make_context(self):
		"""A certificate of its own for localhost; `ca` is what a client has to know."""
		self.ca = self.folder / "server.crt"
		key = self.folder / "server.key"
		if not self.ca.exists():
			subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
				"-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", self.ca], check=True,
				capture_output=True)
		context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		context.load_cert_chain(self.ca, key)
		return context

	@staticmethod
	def authenticate(_server, _session, _envelope, _mechanism, data):
		right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
		return AuthResult(success=right, handled=right, auth_data=USER)

	def __enter__(self):
		begin = self.loop.create_server(self.protocol, "127.0.0.1", 0, ssl=self.context if self.kind == "tls" else None)
		self.server = self.loop.run_until_complete(begin)
		self.port = self.server.sockets[0].getsockname()[1]
		self.thread = threading.Thread(target=self.loop.run_forever)
		self.thread.start()
		return self

	def __exit__(self, *_):
		self.go.set()
		asyncio.run_coroutine_threadsafe(self.end(), self.loop).result()
		self.loop.call_soon_threadsafe(self.loop.stop)
		self.thread.join()
		self.loop.close()

	async def end(self):
		self.server.close()
		tasks = asyncio.all_tasks() - {asyncio.current_task()}
		for task in tasks:
			task.cancel()
		await asyncio.gather(*tasks, return_exceptions=True)

	@property
	def url(self):
		return f"{'smtps' if self.kind == 'tls' else 'smtp'}://localhost:{self.port}"

	def keys(self, **more):
		"""Of the configuration."""
		keys = {"smtp_url": self.url, "mail_from": "Dépôt <noc@radio.example>", "smtp_timeout_s": "20"}
		if self.kind == "clear":
			keys["smtp_tls"] = "no"
		else:
			keys.update(smtp_user=USER, smtp_password=PASSWORD, smtp_ca=str(self.ca))
		return {**keys, **more}
