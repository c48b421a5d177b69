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
	if (!rules)
		return faults;
	const result = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] });
	for (const violation of result.violations)
		faults.push(`${violation.id}: ${violation.help}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
	return faults;
}
