#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the manual as the plain text that Kamailio's modules have as README: readme.py aeta.xml > README.

Knows the part of DocBook that the manual uses, and stops at anything else, so nothing is lost unseen.
"""

import re
import sys
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path

WIDTH = 72
XI = "{http://www.w3.org/2001/XInclude}include"


class Manual:
    def __init__(self, path):
        self.root = self.included(path)
        self.titles = {}  # id -> "3.1. aeta_route(...)"
        self.out = []
        self.number(self.root, [])

    def included(self, path):
        tree = ET.parse(path).getroot()
        for i, child in enumerate(list(tree)):
            if child.tag == XI:
                tree[i] = self.included(path.parent / child.get("href"))
        return tree

    def parts(self, node):
        return [c for c in node if c.tag in ("chapter", "section")]

    def number(self, node, prefix):
        for i, part in enumerate(self.parts(node), 1):
            if part.tag == "chapter":  # chapters are numbered apart, their sections from 1 again
                part.set("label", f"Chapter {i}")
                self.number(part, [])
            else:
                label = ".".join(map(str, prefix + [i]))
                part.set("label", label)
                self.number(part, prefix + [i])
            if part.get("id"):
                self.titles[part.get("id")] = self.heading(part)

    def heading(self, part):
        return f"{part.get('label')}. {self.text(part.find('title'))}"

    def text(self, node):
        """Inline text with white space made one blank."""
        words = node.text or ""
        for child in node:
            if child.tag != "xref":
                raise SystemExit(f"readme.py: <{child.tag}> inside text is not known")
            words += f'"{self.titles[child.get("linkend")]}"' + (child.tail or "")
        return re.sub(r"\s+", " ", words).strip()

    def line(self, text=""):
        self.out.append(text)

    def paragraph(self, text, first, rest):
        self.out += textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False,
                                  break_on_hyphens=False)
        self.line()

    def contents(self, node, depth):
        for part in self.parts(node):
            self.line("   " * (depth + 1) + self.heading(part))
            self.contents(part, depth + 1)

    def block(self, node):
        if node.tag in ("title", "bookinfo", "toc"):
            return
        handler = getattr(self, "do_" + node.tag, None)
        if handler is None:
            raise SystemExit(f"readme.py: <{node.tag}> is not known")
        handler(node)

    def blocks(self, node):
        for child in node:
            self.block(child)

    def do_chapter(self, node):
        self.line(self.heading(node))
        self.line()
        self.blocks(node)

    def do_section(self, node):
        self.line(self.heading(node))
        self.line()
        self.blocks(node)

    def do_para(self, node):
        self.paragraph(self.text(node), "   ", "   ")

    def do_itemizedlist(self, node):
        for item in node:
            self.paragraph(self.text(item.find("para")), "     * ", "       ")

    def do_variablelist(self, node):
        for entry in node:
            self.line("   " + self.text(entry.find("term")))
            self.paragraph(self.text(entry.find("listitem/para")), "          ", "          ")

    def do_example(self, node):
        self.line(f"   Example. {self.text(node.find('title'))}")
        self.line()
        self.out += ["   " + line if line.strip() else "" for line in node.find("programlisting").text.strip("\n").split("\n")]
        self.line()

    def render(self):
        self.line(self.text(self.root.find("bookinfo/title")))
        self.line()
        self.line("   Made from doc/aeta.xml by doc/readme.py; change it there.")
        self.line()
        self.line("   Table of Contents")
        self.line()
        self.contents(self.root, 0)
        self.line()
        self.blocks(self.root)
        return "\n".join(self.out).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(Manual(Path(sys.argv[1])).render())
