# SPDX-License-Identifier: GPL-2.0-or-later
"""SQL with nothing around it: the C client library itself, for a time to compare with."""
import ctypes
import ctypes.util
import time


class Bare:
	"""A connection by a UNIX socket; run() sends a text and takes in all rows, as any client must."""

	def __init__(self, socket, user, password, database):
		name = ctypes.util.find_library("mariadb")
		if not name:
			raise RuntimeError("libmariadb is missing: ./dev build installs it")
		self.lib = ctypes.CDLL(name)
		for function, result in (("mysql_init", ctypes.c_void_p), ("mysql_real_connect", ctypes.c_void_p), ("mysql_error", ctypes.c_char_p),
				("mysql_store_result", ctypes.c_void_p), ("mysql_fetch_row", ctypes.POINTER(ctypes.c_char_p)),
				("mysql_num_rows", ctypes.c_ulonglong)):
			getattr(self.lib, function).restype = result
		self.mysql = ctypes.c_void_p(self.lib.mysql_init(None))
		if not self.lib.mysql_real_connect(self.mysql, None, user.encode(), password.encode(), database.encode(), 0, str(socket).encode(),
				ctypes.c_ulong(0)):
			raise RuntimeError(self.error())
		self.rows_of("SET NAMES utf8mb4")

	def error(self):
		return self.lib.mysql_error(self.mysql).decode(errors="replace")

	def rows_of(self, text):
		"""How many rows a statement has."""
		sent = text.encode()
		if self.lib.mysql_real_query(self.mysql, sent, ctypes.c_ulong(len(sent))):
			raise RuntimeError(f"{self.error()}: {text}")
		result = ctypes.c_void_p(self.lib.mysql_store_result(self.mysql))
		if not result:
			return 0
		count = self.lib.mysql_num_rows(result)
		while self.lib.mysql_fetch_row(result):
			pass
		self.lib.mysql_free_result(result)
		return count

	def seconds(self, *texts):
		"""What these statements take, one after the other."""
		began = time.perf_counter()
		for text in texts:
			self.rows_of(text)
		return time.perf_counter() - began

	def close(self):
		self.lib.mysql_close(self.mysql)
