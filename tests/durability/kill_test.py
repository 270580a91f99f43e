#!/usr/bin/env python3
"""Kills kmsctl in the midst of everything that changes a keyring, and finds all keys again.

usage: kill_test.py KMSCTL KMIPCTL KEYRING_TOOL [KILL_AT_STEP] [--kills N] [--steps N] [--seed N] [--only CASE]

It kills at N random instants in all; and with the library KILL_AT_STEP before N calls of each command that change
a file, spread over all of them.

After each kill every filesystem opens to the key it had, the views agree with each other, and the command
that was killed can be run again and finishes.
"""
import argparse
import dataclasses
import pathlib
import random
import signal
import sys
import tempfile
import time
from typing import Callable

import ring as rings
from ring import Failure, Kmip, Ring, Tool, Vault, expect

MANY = 20  # filesystems of a keyring
CASES = []


@dataclasses.dataclass
class Case:
    """A command, the state it begins with, and what may be found after it was killed."""
    name: str
    state: str
    prepare: Callable  # gives the arguments of the command
    made: str = ""     # a filesystem that may be there afterwards, and is when the command has finished
    source: str = ""   # whose key that one has
    gone: str = ""     # a filesystem that is not there any more when it has finished
    ends: Callable = lambda test: None      # checks what was achieved; False: nothing was
    is_done: Callable = lambda test: False  # the command has finished: run again it would refuse


def case(state, **more):
    def register(function):
        CASES.append(Case(function.__name__.replace("_", "-"), state, function, **more))
        return function
    return register


class Test:
    """The servers, and the states that the cases begin with."""

    def __init__(self, tools, folder):
        kmsctl, kmipctl, keyring_tool = tools
        self.tool = Tool(keyring_tool)
        self.folder = pathlib.Path(folder)
        self.ring = Ring(kmsctl, self.folder / "ring")
        self.snapshot = self.folder / "snapshot"
        self.backup = self.folder / "backup"
        self.before = {}  # the keys of each state
        self.vault = Vault()
        self.kmip = Kmip(kmipctl, self.folder / "kmip")
        self.kmip_keys = [self.kmip.create_key(), self.kmip.create_key()]

    def stop(self):
        self.vault.stop()
        self.kmip.stop()

    def keep(self, state):
        self.ring.save(state)
        self.before[state] = self.ring.check() if self.ring.database.exists() else {}

    def make_states(self):
        run = self.ring.run
        self.keep("empty")
        run("kms", "set", *self.vault.set_options())
        self.tool.make(self.ring, "a-", MANY // 2)
        run("fs", "create", "own", "--encrypted", *self.vault.own_options())
        run("fs", "create", "own-by-cluster", "--encrypted", "--kms-key-identifier", "own")
        run("fs", "create", "plain")
        run("fs", "snapshot", "a-0001", "--out", self.snapshot)
        run("backup", self.backup)
        self.tool.make(self.ring, "b-", MANY // 2)
        self.vault.rotate("fs")
        self.vault.rotate("own")
        self.keep("vault")
        self.before["backup"] = {n: k for n, k in self.before["vault"].items() if not n.startswith("b-")}
        run("kms", "set", *self.kmip.set_options(self.kmip_keys[0]), "--convert-to-cluster-key-on-fs")
        self.keep("moving")
        run("kms", "rewrap", "--new-key-uid", self.kmip_keys[0])
        self.keep("kmip")

    def status(self):
        return self.ring.run("kms", "status", "--json").json()


# ---- the cases

def nothing_left(test):
    status = test.status()
    expect(status["left"] == 0 and len(status["kms"]) == 1, "nothing is left under another key", status)


def all_newest(test):
    nothing_left(test)
    rows = [row for row in test.ring.filesystems().values() if row["encrypted"]]
    expect(all(row["key_version"] == "2" for row in rows), "all are at the newest version", rows)


def is_local(test):
    status = test.status()
    return not status["configured"] and status["local"] == status["encrypted"]


def only_local(test):
    expect(is_local(test), "all are under the local key", test.status())


def has(name):
    return lambda test: name in test.ring.filesystems()


@case("empty")
def set_first_vault(test):
    return ["kms", "set", *test.vault.set_options()]


@case("empty")
def set_first_kmip(test):
    return ["kms", "set", *test.kmip.set_options(test.kmip_keys[0])]


@case("vault")
def set_another_kms(test):
    return ["kms", "set", *test.kmip.set_options(test.kmip_keys[0]), "--convert-to-cluster-key-on-fs"]


@case("vault")
def set_another_login(test):
    return ["kms", "set", *test.vault.set_options(role="tenant")]


@case("vault", made="new", is_done=has("new"))
def create_under_the_cluster_key(test):
    return ["fs", "create", "new", "--encrypted"]


@case("vault", made="new", is_done=has("new"))
def create_with_a_key_of_its_own(test):
    return ["fs", "create", "new", "--encrypted", *test.vault.own_options()]


@case("kmip", made="new", is_done=has("new"))
def create_at_a_kmip_server(test):
    return ["fs", "create", "new", "--encrypted"]


@case("empty", made="new", is_done=has("new"))
def create_without_a_kms(test):
    return ["fs", "create", "new", "--encrypted", "--allow-no-kms"]


@case("vault", ends=all_newest)
def rewrap_inside_the_vault(test):
    return ["kms", "rewrap", "--all"]


@case("moving", ends=nothing_left)
def rewrap_from_vault_to_kmip(test):
    return ["kms", "rewrap", "--new-key-uid", test.kmip_keys[0]]


@case("kmip", ends=nothing_left)
def rewrap_to_a_new_kmip_key(test):
    return ["kms", "rewrap", "--new-key-uid", test.kmip_keys[1]]


@case("vault")
def rewrap_one(test):
    return ["fs", "kms-rewrap", "a-0002"]


@case("vault")
def update_the_key(test):
    return ["fs", "update", "a-0003", *test.vault.own_options()]


@case("vault", made="renamed", source="a-0004", gone="a-0004", is_done=has("renamed"))
def update_the_name(test):
    return ["fs", "update", "a-0004", "--new-name", "renamed", *test.vault.own_options()]


@case("vault", ends=only_local, is_done=is_local)
def unset_a_vault(test):
    return ["kms", "unset", "--allow-downgrade"]


@case("kmip", ends=only_local, is_done=is_local)
def unset_a_kmip_server(test):
    return ["kms", "unset", "--allow-downgrade"]


@case("vault", gone="a-0005", is_done=lambda test: "a-0005" not in test.ring.filesystems())
def remove(test):
    return ["fs", "remove", "a-0005", "--force"]


@case("vault", ends=all_newest)
def convert_to_the_cluster_key(test):
    return ["kms", "rewrap", "--convert-to-cluster-key-on-fs"]


@case("vault", made="new", source="a-0001", is_done=has("new"))
def download(test):
    return ["fs", "download", "new", "--from", test.snapshot]


def snapshot_opens(test):
    """What was killed left no file of that name, or a whole one."""
    copy = test.folder / "snapshot-copy"
    if not copy.exists():
        return False
    test.ring.save("with-snapshot")
    test.ring.run("fs", "download", "new", "--from", copy)
    expect(test.ring.keys()["new"] == test.before["vault"]["a-0006"], "the snapshot opens to the same key")
    test.ring.put_back("with-snapshot")
    return True


@case("vault", is_done=snapshot_opens, ends=snapshot_opens)
def snapshot(test):
    (test.folder / "snapshot-copy").unlink(missing_ok=True)
    return ["fs", "snapshot", "a-0006", "--out", test.folder / "snapshot-copy"]


def copy_opens(test):
    """What was killed left no file of that name, or a whole one."""
    copy = test.folder / "copy"
    if not copy.exists():
        return False
    test.ring.save("with-copy")
    test.ring.run("restore", copy)
    expect(test.ring.check() == test.before["vault"], "the copy opens to the same keys")
    test.ring.put_back("with-copy")
    return True


@case("vault", is_done=copy_opens, ends=copy_opens)
def backup(test):
    (test.folder / "copy").unlink(missing_ok=True)
    return ["backup", test.folder / "copy"]


def is_restored(test):
    expect(test.ring.check() == test.before["backup"], "the keys of the copy are back")


@case("vault", ends=is_restored)
def restore(test):
    return ["restore", test.backup]


# ---- killing

def check_found(test, a_case):
    """Opens everything after a kill: whatever the instant was, these keys are there and no others."""
    before = test.before[a_case.state]
    if a_case.name == "restore":
        verified = test.ring.run("verify", "--all", expect=(0, 5))
        if verified.code == 5:  # between two names of the database: that is said, with the way out
            expect("restore of it was interrupted" in verified.err, "the interrupted restore is named", verified.err)
            return
        keys = test.ring.check()
        expect(keys in (before, test.before["backup"]), "the keys before, or those of the copy", keys)
        return
    if not test.ring.database.exists():
        expect(not before, "the database is there")
        test.ring.run("verify", "--all", expect=6)
        return
    check_keys(a_case, before, test.ring.check())


def check_keys(a_case, before, keys):
    new = keys.pop(a_case.made, None) if a_case.made else None
    if new and a_case.source:
        expect(new == before[a_case.source], "the new name has the same key")
    left = dict(before)
    if a_case.gone and (new or not a_case.made) and a_case.gone not in keys:
        del left[a_case.gone]
    expect(keys == left, "every key is what it was", set(keys) ^ set(left))


def finish(test, a_case, arguments):
    """Runs the command again, unless it had come to its end."""
    if test.ring.database.exists() and a_case.is_done(test):
        return
    test.ring.run(*arguments)


def check_end(test, a_case):
    """The command has finished: what it was for is there."""
    keys = test.ring.keys()
    expect(not a_case.made or a_case.made in keys, "the filesystem is there")
    expect(a_case.gone not in keys, "the former name is not there")
    if a_case.name != "restore":
        check_keys(a_case, test.before[a_case.state], keys)
    expect(a_case.ends(test) is not False, "what was to be made is there")


def undisturbed(test, a_case):
    """How long the command takes, in seconds; and that it does its work."""
    test.ring.put_back(a_case.state)
    arguments = a_case.prepare(test)
    begin = time.monotonic()
    test.ring.run(*arguments)
    length = time.monotonic() - begin
    check_end(test, a_case)
    return length


def kill(test, a_case, run):
    """`run` runs the command to its end by a signal. Tells whether that came before its own end."""
    test.ring.put_back(a_case.state)
    arguments = a_case.prepare(test)
    was_killed = run(arguments).code == -signal.SIGKILL
    check_found(test, a_case)
    finish(test, a_case, arguments)
    check_end(test, a_case)
    return was_killed


def kill_at_instants(test, a_case, kills, chance):
    length = undisturbed(test, a_case)
    hits = 0
    for _ in range(kills):
        delay = chance.uniform(0, length)

        def run(arguments):
            process = test.ring.start(*arguments)
            time.sleep(delay)
            process.kill()
            return test.ring.end(process)
        try:
            hits += kill(test, a_case, run)
        except Failure as failure:
            raise Failure("%s, killed after %.4f s: %s" % (a_case.name, delay, failure)) from None
    print("%-30s %3d kills, %3d of them before its end (%.3f s)" % (a_case.name, kills, hits, length), flush=True)


def run_with(test, library, step, arguments):
    environment = {**test.ring.environment, "LD_PRELOAD": library, "KILL_AT_STEP": str(step),
                   "STEPS_TO": str(test.folder / "steps")}
    return test.ring.run(*arguments, env=environment, expect=None)


def kill_at_steps(test, a_case, library, limit, chance):
    test.ring.put_back(a_case.state)
    run_with(test, library, 0, a_case.prepare(test)).expect(0)
    count = int((test.folder / "steps").read_text())
    steps = range(1, count + 1) if count <= limit else sorted(chance.sample(range(1, count + 1), limit))
    for step in steps:
        try:
            # The number of steps may vary by a few, so the last ones may not be reached.
            kill(test, a_case, lambda arguments: run_with(test, library, step, arguments))
        except Failure as failure:
            raise Failure("%s, killed before step %d of %d: %s" % (a_case.name, step, count, failure)) from None
    print("%-30s killed before %d of %d steps" % (a_case.name, len(steps), count), flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Kills kmsctl at random instants.")
    parser.add_argument("tools", nargs=3, metavar="PROGRAM", help="kmsctl, kmipctl, keyring-tool")
    parser.add_argument("library", nargs="?", metavar="KILL_AT_STEP")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--only", metavar="CASE")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    rings.vault_server.use_system_python()
    print("seed %d" % arguments.seed, flush=True)
    chance = random.Random(arguments.seed)
    cases = [a_case for a_case in CASES if arguments.only in (None, a_case.name)]
    with tempfile.TemporaryDirectory(prefix="keyway-kill-") as folder:
        test = Test(arguments.tools, folder)
        try:
            test.make_states()
            for number, a_case in enumerate(cases):
                kills = arguments.kills * (number + 1) // len(cases) - arguments.kills * number // len(cases)
                kill_at_instants(test, a_case, kills, chance)
                if arguments.library:
                    kill_at_steps(test, a_case, arguments.library, arguments.steps, chance)
        finally:
            test.stop()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
