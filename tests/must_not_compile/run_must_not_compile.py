"""Proves that the compiler refuses what must not be done with secrets.

usage: run_must_not_compile.py COMPILER INCLUDE_DIR CASES_DIR [-- FLAG...]

Each case is compiled twice: as it is, which must fail, and with keyway::Text in the place of its subject,
which must succeed: a case that fails because of a typing error would prove nothing. compiles.cpp must compile.
Prints one line per case; exit status 1 when a case does not do what it must, 2 for wrong arguments.
"""
import concurrent.futures
import pathlib
import subprocess
import sys

CONTROL = "compiles.cpp"
MARK = "// must not compile: "


def compiles(command, case, subject=None):
    define = [f"-DSUBJECT={subject}"] if subject else []
    run = subprocess.run([*command, *define, str(case)], capture_output=True, text=True, check=False)
    return run.returncode == 0, run.stderr


def judge(command, case):
    """Returns whether the case did what it must, a line to print, and the compiler's words when it did not."""
    if case.name == CONTROL:
        ok, words = compiles(command, case)
        return ok, f"{case.name}: " + ("compiles, as it must" if ok else "does not compile"), words
    first = case.read_text(encoding="utf-8").split("\n", 1)[0]
    if not first.startswith(MARK):
        return False, f"{case.name}: its first line does not start with '{MARK}'", ""
    allowed, words = compiles(command, case, "keyway::Text")
    if not allowed:
        return False, f"{case.name}: does not compile with an innocent subject either", words
    if compiles(command, case)[0]:
        return False, f"{case.name}: compiles, and must not: {first[len(MARK):]}", ""
    return True, f"{case.name}: does not compile, as it must not: {first[len(MARK):]}", ""


def main(arguments):
    end = arguments.index("--") if "--" in arguments else len(arguments)
    if end != 3:
        print(__doc__, file=sys.stderr)
        return 2
    compiler, include, folder = arguments[:end]
    command = [compiler, "-fsyntax-only", "-std=c++23", f"-I{include}", *arguments[end + 1:]]
    cases = sorted(pathlib.Path(folder).glob("*.cpp"))
    if not any(case.name == CONTROL for case in cases) or len(cases) < 2:
        print(f"{folder}: no cases, or no {CONTROL}", file=sys.stderr)
        return 1
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for ok, line, words in pool.map(lambda case: judge(command, case), cases):
            print(("ok    " if ok else "WRONG ") + line)
            print(words, end="", file=sys.stderr)
            failed += not ok
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
