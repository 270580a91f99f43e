#!/usr/bin/env python3
"""Checks that every public header compiles alone, and twice in a row, and that the README's code compiles.

usage: run_headers.py COMPILER ROOT BUILD [-- FLAGS]
       run_headers.py --list ROOT               prints the public headers, one a line
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

PUBLIC = ("core", "keyring", "kmip", "vault")
INTERNAL = ("keyring/keyring_impl.h", "keyring/mover.h", "keyring/parallel.h", "keyring/sessions.h",
            "keyring/spread_wrapper.h", "keyring/store/database.h", "keyring/store/files.h", "keyring/store/impl.h",
            "keyring/store/keyring_file.h", "keyring/store/restore.h", "keyring/store/rows.h", "keyring/store/schema.h",
            "kmip/server", "kmip/spec/tables.h", "core/net/openssl.h", "core/net/pem.h", "core/net/resolve.h",
            "core/net/tls_context.h", "core/net/tls_errors.h", "core/openssl_bytes.h", "core/openssl_error.h", "core/evp_hash.h", "core/file_steps.h",
            "kmip/client/tries.h", "kmip/text/names.h", "kmip/text/number.h", "kmip/text/place.h", "kmip/text/visit.h",
            "vault/body.h", "vault/client/connections.h", "vault/client/sender.h", "vault/client/session.h", "vault/client/waits.h",
            "vault/http/parser.h", "vault/no_answer.h")


def public_headers(root):
    found = (str(path.relative_to(root)) for folder in PUBLIC for path in (root / folder).rglob("*.h"))
    return sorted(header for header in found if not header.startswith(INTERNAL))


def readme_program(root):
    """The README's C++ as a program: its includes, then the rest inside a function."""
    blocks = re.findall(r"```cpp\n(.*?)```", (root / "README.md").read_text(), re.DOTALL)
    lines = "".join(blocks).splitlines()
    includes = [line for line in lines if line.startswith("#")]
    body = [line for line in lines if not line.startswith("#")]
    return "\n".join([*includes, "void use(keyway::Secret data_key, keyway::Bytes context, keyway::Bytes document) {", *body, "}", ""])


def compile_text(compiler, flags, name, text):
    command = [compiler, "-std=c++23", "-fsyntax-only", "-x", "c++", *flags, "-"]
    return name, subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)


def main():
    if sys.argv[1] == "--list":
        print("\n".join(public_headers(pathlib.Path(sys.argv[2]))))
        return 0
    compiler, root, build = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    flags = ["-I", str(root), "-I", build, *sys.argv[5:]]
    texts = [(header, "#include <%s>\n#include <%s>\n" % (header, header)) for header in public_headers(root)]
    texts.append(("the README's code", readme_program(root)))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, result in pool.map(lambda one: compile_text(compiler, flags, *one), texts):
            if result.returncode != 0:
                failed += 1
                print("%s does not compile alone:\n%s" % (name, result.stderr))
    print("%d headers and the README, %d do not compile alone" % (len(texts) - 1, failed))
    return 1 if failed or len(texts) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
