#!/usr/bin/env python3
"""Prints the project's public headers, one a line, relative to its root.

usage: list_headers.py ROOT
"""
import pathlib
import sys

PUBLIC = ("core", "kmip")

root = pathlib.Path(sys.argv[1])
print("\n".join(sorted(str(path.relative_to(root)) for folder in PUBLIC for path in (root / folder).rglob("*.h"))))
