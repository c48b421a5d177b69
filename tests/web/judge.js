// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong with the page that is shown, as a list of sentences. Run in the page, after axe-core where there are rules of its.
async (rules) => {
	const faults = [];
	if (window.trapped !== undefined)
		faults.push(`a stored script ran: ${window.trapped}`);
	if (document.documentElement.scrollWidth > window.innerWidth)
		faults.push(`wider than the window: ${document.documentElement.scrollWidth} of ${window.innerWidth} pixels`);
	for (const inside of document.querySelectorAll('[style]:not([style=""]), style, script:not([src])'))
		faults.push(`a style or script inside the page: ${inside.outerHTML.slice(0, 160)}`);
	for (const element of document.querySelectorAll('*'))
		for (const attribute of element.attributes)
			if (attribute.name.startsWith('on'))
				faults.push(`a handler in an attribute: ${attribute.name}=${attribute.value}`);
	const text = (element) => (element?.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 60);
	const shown = (element) => element.checkVisibility() && element.getBoundingClientRect().height > 0;
	if (document.querySelectorAll('h1').length !== 1)
		faults.push(`not one h1: ${document.querySelectorAll('h1').length}`);
	for (const legend of document.querySelectorAll('legend, main h2'))
		if (text(legend) === text(document.querySelector('h1')))
			faults.push(`the heading again: ${text(legend)}`);
	for (const one of document.querySelectorAll('button, .button, .badge, nav li a'))
		if (shown(one) && one.getBoundingClientRect().height > 3 * parseFloat(getComputedStyle(one).fontSize))
			faults.push(`more than one line: ${text(one)}`);
	for (const who of document.querySelectorAll('header bdi'))
		if (/^[0-9]+$/.test(text(who)) && who.scrollWidth > who.clientWidth + 1)
			faults.push(`cut off: ${text(who)}`);
	for (const field of document.querySelectorAll('.field')) {
		const a = field.querySelector('label')?.getBoundingClientRect();
		const b = field.querySelector('input, select, textarea')?.getBoundingClientRect();
		if (a && b && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
			faults.push(`a field over its label: ${text(field)}`);
	}
	for (const cell of document.querySelectorAll('td.number'))
		if (getComputedStyle(cell).display === 'table-cell' && getComputedStyle(cell).textAlign !== 'end')
			faults.push(`a quantity that is not at the right: ${text(cell)}`);
	for (const box of document.querySelectorAll('.scroll'))
		if (window.innerWidth >= 1280 && box.scrollWidth > box.clientWidth)
			faults.push(`a table that does not fit: ${box.scrollWidth} of ${box.clientWidth} pixels`);
	if (!rules)
		return faults;
	const result = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] });
	for (const violation of result.violations)
		faults.push(`${violation.id}: ${violation.help}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
	return faults;
}
