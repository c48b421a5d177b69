// SPDX-License-Identifier: GPL-2.0-or-later
// Playwright for another program: it reads calls as lines of JSON and answers each with one.
//	{"id": 1, "on": 0, "call": "newPage", "args": [...]}  ->  {"id": 1, "value": ...} or {"id": 1, "error": "..."}
// Objects of Playwright's stay here; in calls and answers each is {"$object": number}. Number 0 is the browser. The other side: browser.py.
'use strict';
const readline = require('readline');
const { chromium } = require('playwright-core');

const objects = new Map();
const numbers = new Map(); // the same, the other way round
const troubles = new Map(); // page -> what went wrong in it
const waits = new Map(); // what was begun and is waited for later

function number_of(object) {
	if (!numbers.has(object)) {
		numbers.set(object, numbers.size);
		objects.set(numbers.get(object), object);
	}
	return numbers.get(object);
}

function encoded(value) {
	if (value === undefined || value === null || typeof value !== 'object')
		return value === undefined ? null : value;
	if (Buffer.isBuffer(value))
		return { $bytes: value.toString('base64') };
	if (Array.isArray(value))
		return value.map(encoded);
	if (Object.getPrototypeOf(value) === Object.prototype)
		return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, encoded(inner)]));
	return { $object: number_of(value) };
}

function decoded(value) {
	if (value === null || typeof value !== 'object')
		return value;
	if (Array.isArray(value))
		return value.map(decoded);
	if ('$object' in value)
		return objects.get(value.$object);
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decoded(inner)]));
}

// What a page complains of: errors of scripts, and the console's (a refusal by the content security policy is one).
function watch(page) {
	const list = [];
	troubles.set(page, list);
	page.on('pageerror', (error) => list.push(String(error)));
	page.on('console', (message) => { if (message.type() === 'error') list.push(`${message.text()} (${message.location().url})`); });
	page.on('dialog', (dialog) => dialog.accept());
}

const own = {
	newContext: async (browser, options) => {
		const context = await browser.newContext(options);
		context.on('page', watch);
		return context;
	},
	troubles: (page) => troubles.get(page),
	// What follows an act is waited for before the act is made: begin, act, ended.
	begin: (object, call, ...args) => {
		const wait = object[call](...args);
		wait.catch(() => {}); // told by `ended`
		waits.set(waits.size, wait);
		return waits.size - 1;
	},
	ended: (object, wait) => waits.get(wait),
};

async function perform({ on, call, args }) {
	const object = objects.get(on);
	const values = decoded(args);
	if (call in own)
		return own[call](object, ...values);
	if (typeof object[call] !== 'function')
		throw new Error(`${object.constructor.name} has no ${call}()`);
	return object[call](...values);
}

async function answer(line) {
	const request = JSON.parse(line);
	let result;
	try {
		result = { id: request.id, value: encoded(await perform(request)) };
	} catch (error) {
		result = { id: request.id, error: error.message };
	}
	process.stdout.write(JSON.stringify(result) + '\n');
}

(async () => {
	const browser = await chromium.launch({ executablePath: process.argv[2], args: process.argv.slice(3) });
	number_of(browser);
	process.stdout.write('{"ready": true}\n');
	const lines = readline.createInterface({ input: process.stdin });
	lines.on('line', answer);
	lines.on('close', async () => {
		await browser.close();
		process.exit(0);
	});
})();
