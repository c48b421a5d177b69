// SPDX-License-Identifier: GPL-2.0-or-later
// Small comforts; every page works without. Nothing here makes HTML.
"use strict";

document.addEventListener("click", (event) => {
	const button = event.target.closest("[data-print], [data-copy]");
	if (!button)
		return;
	if (button.hasAttribute("data-print")) {
		window.print();
		return;
	}
	const source = document.getElementById(button.dataset.copy);
	if (source && navigator.clipboard)
		navigator.clipboard.writeText(source.textContent).then(() => { button.textContent = "Copied"; }, () => {});
});

// Buttons that do nothing without this file are hidden until it has come.
document.documentElement.classList.add("with-js");

// A session that has ended answers a part of a page with the login page: show that one whole.
document.addEventListener("htmx:beforeSwap", (event) => {
	const answer = event.detail.xhr;
	if (answer.status === 401 || (answer.responseURL && /\/login(\?|$)/.test(answer.responseURL))) {
		event.detail.shouldSwap = false;
		window.location.reload();
	}
	// Whoever is in the middle of it is not moved.
	const part = event.detail.target;
	if (part.hasAttribute("data-still") && part.contains(document.activeElement))
		event.detail.shouldSwap = false;
});
