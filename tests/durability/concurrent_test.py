#!/usr/bin/env python3
"""Several kmsctl at once: none is corrupted, each ends soon, and each error says what was in the way.

usage: concurrent_test.py KMSCTL KMIPCTL KEYRING_TOOL [--rounds N] [--only CASE]
"""
import argparse
import pathlib
import re
import sqlite3
import sys
import tempfile

from ring import Failure, Kmip, Ring, Tool, Vault, expect, vault_server

MANY = 20
AT_ONCE = 8
CASES = {}

# What one may be told because of another; each is a clear reason, and a second try helps or is pointless.
CHANGED = r"another process changed .*meanwhile.*try again"
GONE_ON = {
    2: r"there is a filesystem (named )?\S+ already|no KMS is configured to encrypt with",
    4: CHANGED + r"|another process made filesystems under the KMS meanwhile|was replaced by another process",
    6: r"no KMS is configured|there is no filesystem",
    7: CHANGED,
}


def case(state):
    def register(function):
        CASES[function.__name__.replace("_", "-")] = (state, function)
        return function
    return register


class Test:
    def __init__(self, options, folder):
        kmsctl, kmipctl, keyring_tool = options.tools
        self.tool = Tool(keyring_tool)
        self.folder = pathlib.Path(folder)
        self.ring = Ring(kmsctl, self.folder / "ring")
        self.vault = Vault()
        self.kmip = Kmip(kmipctl, self.folder / "kmip")
        self.kmip_keys = [self.kmip.create_key() for _ in range(3)]
        self.before = {}

    def stop(self):
        self.vault.stop()
        self.kmip.stop()

    def make_states(self):
        self.ring.save("empty")
        self.ring.run("kms", "set", *self.vault.set_options())
        self.tool.make(self.ring, "fs-", MANY)
        self.ring.run("backup", self.folder / "backup")
        self.before = self.tool.keys(self.ring)
        self.vault.rotate()
        self.ring.save("vault")
        self.ring.run("kms", "set", *self.kmip.set_options(self.kmip_keys[0]))
        self.ring.run("kms", "rewrap", "--new-key-uid", self.kmip_keys[0])
        self.ring.save("kmip")

    def at_once(self, *commands):
        """Starts all, and gives how each ended. What is no success has a reason that lies in another."""
        processes = [self.ring.start(*command) for command in commands]
        results = [self.ring.end(process) for process in processes]
        for result in results:
            if result.code and not re.search(GONE_ON.get(result.code, r"$^"), result.err, re.DOTALL):
                raise Failure("%s ended with %d: %s" % (" ".join(result.command[1:]), result.code, result.err))
        return results

    def check(self, *names):
        """Everything opens; what was there before has its key, and `names` are there."""
        keys = self.ring.check()
        for name, key in self.before.items():
            expect(keys.get(name) == key, "the key is what it was", name)
        expect(set(names) <= set(keys), "what was made is there", names)
        return keys

    def settle(self, *rewrap):
        """What was in the way has gone: a rewrap finishes."""
        self.ring.run("kms", "rewrap", *rewrap)
        status = self.ring.run("kms", "status", "--json").json()
        expect(status["left"] == 0 and len(status["kms"]) == 1, "nothing is left", status)


def creating(count=AT_ONCE, first="new"):
    return [["fs", "create", "%s-%d" % (first, i), "--encrypted"] for i in range(count)]


def made(results):
    """The filesystems that were created, of the results of creating()."""
    return [result.command[3] for result in results if result.code == 0 and result.command[2] == "create"]


# ---- the cases

@case("empty")
def first_set(test):
    results = test.at_once(*(["kms", "set", *test.vault.set_options()] for _ in range(4)))
    expect(any(result.code == 0 for result in results), "one was set")
    test.ring.run("fs", "create", "new", "--encrypted")
    expect(set(test.ring.check()) == {"new"}, "it works")


@case("empty")
def first_local_key(test):
    commands = [[*command, "--allow-no-kms"] for command in creating()]
    names = made(test.at_once(*commands))
    expect(names, "some were made")
    expect(set(test.ring.check()) == set(names), "what was made opens", names)


@case("vault")
def create(test):
    names = made(test.at_once(*creating()))
    expect(len(names) == AT_ONCE, "all were made", names)
    test.check(*names)


@case("vault")
def create_the_same(test):
    results = test.at_once(*(["fs", "create", "same", "--encrypted"] for _ in range(AT_ONCE)))
    expect(len(made(results)) == 1, "one of them was made", [result.code for result in results])
    test.check("same")


@case("vault")
def rewrap_twice(test):
    test.at_once(*(["kms", "rewrap"] for _ in range(3)))
    test.check()
    test.settle()


@case("kmip")
def rewrap_twice_to_one_kmip_key(test):
    test.at_once(*(["kms", "rewrap", "--new-key-uid", test.kmip_keys[1]] for _ in range(3)))
    test.check()
    test.settle("--new-key-uid", test.kmip_keys[1])


@case("kmip")
def rewrap_to_two_kmip_keys(test):
    test.at_once(*(["kms", "rewrap", "--new-key-uid", key] for key in test.kmip_keys[1:]))
    test.check()
    test.settle("--new-key-uid", test.kmip_keys[1])
    test.check()


@case("kmip")
def create_while_rewrapping(test):
    results = test.at_once(["kms", "rewrap", "--new-key-uid", test.kmip_keys[1]], *creating())
    test.check(*made(results))
    test.settle("--new-key-uid", test.kmip_keys[1])
    test.check(*made(results))


@case("vault")
def create_while_setting(test):
    results = test.at_once(["kms", "set", *test.kmip.set_options(test.kmip_keys[0])], *creating())
    expect(results[0].code == 0, "the KMS was set", results[0].err)
    test.check(*made(results))
    test.settle("--new-key-uid", test.kmip_keys[0])
    test.check(*made(results))


@case("vault")
def set_while_rewrapping(test):
    test.at_once(["kms", "rewrap"], ["kms", "set", *test.kmip.set_options(test.kmip_keys[0])], ["kms", "rewrap"])
    test.check()


@case("vault")
def create_while_unsetting(test):
    results = test.at_once(["kms", "unset", "--allow-downgrade"], *creating())
    test.check(*made(results))
    test.ring.run("kms", "unset", "--allow-downgrade", expect=0 if results[0].code else 6)
    keys = test.check(*made(results))
    status = test.ring.run("kms", "status", "--json").json()
    expect(status["local"] == len(keys), "all are under the local key", status)


@case("vault")
def unset_twice(test):
    results = test.at_once(*(["kms", "unset", "--allow-downgrade"] for _ in range(3)))
    expect(any(result.code == 0 for result in results), "one unset it", [result.err for result in results])
    test.check()


@case("vault")
def update_and_remove(test):
    results = test.at_once(
        *(["fs", "update", "fs-0000", "--new-name", "renamed-%d" % i] for i in range(4)),
        *(["fs", "remove", "fs-0001", "--force"] for _ in range(4)),
        *(["fs", "kms-rewrap", "fs-000%d" % i] for i in range(4)))
    for some in results[:4], results[4:8]:
        expect(sum(result.code == 0 for result in some) == 1, "one of them did it", [result.code for result in some])
    keys = test.ring.check()
    expect(len(keys) == MANY - 1 and "fs-0001" not in keys, "the others are there", set(keys))
    expect(sorted(keys.values()) == sorted(key for name, key in test.before.items() if name != "fs-0001"),
           "every key is what it was")


@case("vault")
def back_up_while_rewrapping(test):
    copies = [test.folder / ("copy-%d" % i) for i in range(4)]
    results = test.at_once(["kms", "rewrap"], *(["backup", copy] for copy in copies), *creating(4))
    expect(all(result.code == 0 for result in results[1:5]), "all copies were made")
    test.check(*made(results))
    for copy in copies:
        test.ring.run("restore", copy)
        test.check()
        copy.unlink()


@case("vault")
def restore_while_others_work(test):
    reading = [["verify", "--all"], ["fs", "list"], ["kms", "status"], ["fs", "unlock", "fs-0000"]]
    results = test.at_once(*reading, ["restore", test.folder / "backup"], *reading, *creating(4))
    expect(all(result.code == 0 for result in results), "all wait for each other", [result.err for result in results])
    test.check()


@case("vault")
def wait_no_longer_than_asked(test):
    """Whoever cannot have the database for `--wait` seconds says so; who only reads needs not wait."""
    holder = sqlite3.connect(test.ring.database, isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        refused = test.ring.run("fs", "create", "new", "--encrypted", "--wait", "1", expect=4)
        expect("another process" in refused.err, "the reason is named", refused.err)
        test.check()
    finally:
        holder.close()
    test.ring.run("fs", "create", "new", "--encrypted", "--wait", "1")
    test.vault.fail(prefix="/v1/transit/decrypt/", mode="stall")
    waiting = test.ring.start("fs", "unlock", "fs-0000")
    try:
        test.vault.wait_for_request("transit/decrypt/")
        refused = test.ring.run("restore", test.folder / "backup", "--wait", "1", expect=4)
        expect("has opened" in refused.err, "the reason is named", refused.err)
    finally:
        waiting.kill()
        test.ring.end(waiting)
        test.vault.heal()
    test.check("new")


@case("vault")
def restore_while_events_are_followed(test):
    follower = test.ring.start("events", "--follow")
    try:
        follower.stdout.readline()
        test.ring.run("restore", test.folder / "backup", "--wait", "5")
        test.check()
    finally:
        follower.kill()
        test.ring.end(follower)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Runs several kmsctl at once.")
    parser.add_argument("tools", nargs=3, metavar="PROGRAM", help="kmsctl, kmipctl, keyring-tool")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", metavar="CASE")
    return parser.parse_args()


def main():
    options = parse_arguments()
    vault_server.use_system_python()
    with tempfile.TemporaryDirectory(prefix="keyway-concurrent-") as folder:
        test = Test(options, folder)
        try:
            test.make_states()
            for _ in range(options.rounds):
                for name, (state, function) in CASES.items():
                    if options.only not in (None, name):
                        continue
                    test.ring.put_back(state)
                    try:
                        function(test)
                    except Failure as failure:
                        raise Failure("%s: %s" % (name, failure)) from None
                    print(name, flush=True)
        finally:
            test.stop()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
