#!/usr/bin/env python3
"""Checks that every public header compiles alone, and twice in a row.

usage: run_headers.py COMPILER ROOT BUILD [-- FLAGS]
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

PUBLIC = ("core", "kmip")


def compile_alone(compiler, flags, header):
    text = "#include <%s>\n#include <%s>\n" % (header, header)
    command = [compiler, "-std=c++23", "-fsyntax-only", "-x", "c++", *flags, "-"]
    return header, subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)


def main():
    compiler, root, build = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    flags = ["-I", str(root), "-I", build, *sys.argv[5:]]
    headers = sorted(str(p.relative_to(root)) for folder in PUBLIC for p in (root / folder).rglob("*.h"))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for header, result in pool.map(lambda one: compile_alone(compiler, flags, one), headers):
            if result.returncode != 0:
                failed += 1
                print("%s does not compile alone:\n%s" % (header, result.stderr))
    print("%d headers, %d do not compile alone" % (len(headers), failed))
    return 1 if failed or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
