#!/usr/bin/env python3
"""Checks that docs/adding-an-operation.md is true of every operation: its model files, its place in the build, and one
typed client function.

usage: check_operations.py SOURCE_ROOT
"""
import pathlib
import re
import sys

THEMES = ["objects", "object_attributes", "cryptography", "server_operations"]
SENT_BY_SERVERS = {"Notify", "Put"}  # a client has no function for them


def main():
    root = pathlib.Path(sys.argv[1])
    listed = (root / "kmip/model/all_operations.h").read_text()
    operations = re.findall(r"\b(\w+)Request\b", listed[listed.index("using AllOperations"):])
    build = (root / "kmip/model/meson.build").read_text()
    clients = {theme: (root / "kmip/client" / (theme + ".h")).read_text() for theme in THEMES}
    headers = {}
    for path in (root / "kmip/model").glob("*.h"):
        for name in re.findall(r"struct (\w+)Request \{\n  static constexpr Operation operation", path.read_text()):
            headers[name] = path.stem
    mistakes = []
    for name in operations:
        stem = headers.pop(name, None)
        if stem is None:
            mistakes.append("%s has no file of its own in kmip/model" % name)
            continue
        if not (root / "kmip/model" / (stem + ".cpp")).exists() or "'%s.cpp'" % stem not in build:
            mistakes.append("kmip/model/%s.cpp is missing, or missing in meson.build" % stem)
        functions = sum(len(re.findall(r"\b%sRequest request\b" % name, text)) for text in clients.values())
        if name == "Poll":
            functions = sum(text.count("PollFor<R>{") for text in clients.values())
        if functions != (0 if name in SENT_BY_SERVERS else 1):
            mistakes.append("%s has %d functions in kmip/client/{%s}.h" % (name, functions, ",".join(THEMES)))
    mistakes += ["kmip/model/%s.h is not in all_operations.h" % stem for stem in headers.values()]
    print("\n".join(mistakes) or "%d operations, each with its model, its row and its client function" % len(operations))
    return 1 if mistakes or len(operations) < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
