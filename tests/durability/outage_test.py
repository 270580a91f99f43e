#!/usr/bin/env python3
"""The KMS fails midway through a thousand keys: what was done stays done, what was not is named, a rerun finishes.

usage: outage_test.py vault|connections|kmip KMSCTL KMIPCTL KEYRING_TOOL [--all] [--only CASE]
"""
import argparse
import dataclasses
import pathlib
import sys
import tempfile
from typing import Callable

from proxy import Proxy
from ring import Failure, Kmip, Ring, Tool, Vault, expect, vault_server

MANY = 1000
SHORT = "2"  # seconds that kmsctl waits for an answer which will not come
REFUSED, UNREACHABLE, INTEGRITY, PARTLY = 3, 4, 5, 7
KINDS = {"refused": REFUSED, "unreachable": UNREACHABLE, "corrupt": INTEGRITY}


@dataclasses.dataclass
class Work:
    """A command with a thousand keys to do; `is_done` tells of a row of `fs list` whether its key was done."""
    arguments: list
    is_done: Callable = None  # None: the command hands out keys


class Test:
    def __init__(self, options, folder):
        kmsctl, self.kmipctl, keyring_tool = options.tools
        self.does_all, self.only = options.all, options.only
        self.tool = Tool(keyring_tool)
        self.folder = pathlib.Path(folder)
        self.ring = Ring(kmsctl, self.folder / "ring")
        self.before = {}

    def make_state(self, kms):
        self.ring.run("kms", "set", *kms)
        self.tool.make(self.ring, "fs-", MANY)
        self.before = self.tool.keys(self.ring)
        expect(len(self.before) == MANY, "the filesystems are there")

    def wants(self, *names):
        return self.only is None or self.only in names

    def begin(self):
        self.ring.put_back("ready")

    def run(self, work, expect_code=None):
        """The report of a command, and the filesystems that it has done."""
        if work.is_done is None:
            keys, result = self.ring.unlock_all(*work.arguments)
            for name, key in keys.items():
                expect(key == self.before[name], "the key is what it was", name)
            return result, set(keys)
        result = self.ring.run(*work.arguments, "--json", expect=expect_code)
        return result, {name for name, row in self.ring.filesystems().items() if work.is_done(row)}

    def check_report(self, result, done, kinds):
        """Done and not done add up to all, by count and by name."""
        expect(result.code != 0, "an outage is no success")
        report = result.json()
        if "error" in report:  # it came before the first key
            expect(not done, "what was done is told", len(done), report)
            expect(report["error"]["kind"] in kinds, "the error is the KMS's", report)
            expect(result.code == KINDS[report["error"]["kind"]], "the exit code is the KMS's", result.code, report)
            return
        failed = {failure["filesystem"] for failure in report["failures"]}
        expect((report["done"], report["failed"]) == (len(done), MANY - len(done)), "the counts are right",
               report["done"], report["failed"], len(done))
        expect(failed == set(self.before) - done, "what was not done is named", len(failed))
        found = {failure["error"]["kind"] for failure in report["failures"]}
        expect(found and found <= kinds, "the errors are the KMS's", found, report["failures"][:3])
        expect(result.code == PARTLY if done or len(found) > 1 else result.code in map(KINDS.get, found),
               "the exit code tells how much", result.code, len(done), found)

    def finish(self, work, done):
        """After the KMS has come back: everything opens, and the same command does the rest."""
        verified = self.ring.run("verify", "--all", "--json").json()
        expect(verified["done"] == MANY, "everything opens", verified["done"])
        if work.is_done:
            result, all_done = self.run(work)
            report = result.expect(0).json()
            expect(all_done == set(self.before), "the rerun finishes", len(all_done))
            expect((report["done"], report["already"]) == (MANY - len(done), len(done)),
                   "the rerun does what was left", report["done"], report["already"], len(done))
        expect(self.tool.keys(self.ring) == self.before, "every key is what it was")


# ---- Vault

# What the server does in place of an answer, and what that is to the user.
FAULTS = {
    "drop": ({"mode": "drop"}, {"unreachable"}),
    "drop-after": ({"mode": "drop-after"}, {"unreachable"}),
    "sealed": ({"status": 503, "errors": ["Vault is sealed"]}, {"unreachable"}),
    "internal-error": ({"status": 500, "errors": ["internal error"]}, {"unreachable"}),
    "refused": ({"status": 403, "errors": ["1 error occurred:\n\t* permission denied\n\n"]}, {"refused"}),
    "slow": ({"mode": "stall"}, {"unreachable"}),
    "garbage": ({"status": 200, "body": "<html>\x00 Welcome!</html>"}, {"corrupt"}),
    "cut-json": ({"status": 200, "body": '{"data": {"batch_results": [{"ciphertext": "vault:v2:'}, {"corrupt"}),
    "too-few": ({"status": 200, "body": {"data": {"batch_results": [{"ciphertext": "vault:v2:AAAA"}]}}}, {"corrupt"}),
    "another": ({"status": 200, "body": {"data": {"batch_results": 200 * [
        {"ciphertext": "vault:v2:" + 80 * "A", "plaintext": 43 * "A" + "="}]}}}, {"corrupt"}),
}

FROM_THE_START = ("sealed", "refused", "garbage")  # tried before the first key, too
VAULT_WORK = {  # and the requests that do it, 200 keys in each
    "rewrap": ("rewrap", Work(["kms", "rewrap"], lambda row: row["key_version"] == "2")),
    "unset": ("decrypt", Work(["kms", "unset", "--allow-downgrade"], lambda row: row["kms"] == "local")),
    "unlock": ("decrypt", Work([])),
}


def limited(work):
    return dataclasses.replace(work, arguments=[*work.arguments, "--timeout", SHORT])


def go_through(test, what, work, begin, heal, kinds):
    """One outage and its end; gives what was done meanwhile."""
    test.begin()
    begin()
    try:
        result, done = test.run(work)
    finally:
        heal()
    print("%-34s exit %d, %4d done, %4d not" % (what, result.code, len(done), MANY - len(done)), flush=True)
    try:
        test.check_report(result, done, kinds)
        test.finish(work, done)
    except Failure as failure:
        raise Failure("%s: %s" % (what, failure)) from None
    return done


def vault_faults(test, vault):
    for fault, (fields, kinds) in FAULTS.items():
        for name, (path, work) in VAULT_WORK.items():
            if not test.wants(fault, name):
                continue
            is_tried_from_start = test.does_all or (fault in FROM_THE_START and name == "rewrap")
            for skip in (0, 2) if is_tried_from_start else (2,):
                what = "%s, %s after %d requests" % (name, fault, skip)
                done = go_through(
                    test, what, limited(work) if fault == "slow" else work,
                    lambda: vault.fail(prefix="/v1/transit/%s/" % path, skip=skip, **fields), vault.heal, kinds)
                expect(fault == "slow" or len(done) == 200 * skip, "what was answered is done", len(done))


def vault_outages(test):
    vault = Vault()
    try:
        test.make_state(vault.set_options())
        vault.rotate()
        test.ring.save("ready")
        vault_faults(test, vault)
    finally:
        vault.stop()


def vault_connections(test):
    vault = Vault()
    proxy = Proxy(vault.address.removeprefix("http://"))
    try:
        options = vault.set_options()
        options[1] = "http://" + proxy.address
        test.make_state(options)
        vault.rotate()
        test.ring.save("ready")
        broken_connections(test, proxy, {name: work for name, (_, work) in VAULT_WORK.items()}, BREAKS)
    finally:
        proxy.stop()
        vault.stop()


# ---- connections

@dataclasses.dataclass
class Break:
    """What becomes of the connections after some of the requests; see Proxy.arm."""
    name: str
    plan: object
    kinds: set
    shares: tuple = (20, 80, 60)  # percent of what is sent when nothing disturbs it
    heal: Callable = lambda: None


BREAKS = [
    Break("cut", "cut", {"unreachable"}),
    Break("away", "away", {"unreachable"}),
    Break("stall", "stall", {"unreachable"}),
    Break("garbage", "garbage", {"unreachable", "corrupt"}),
]


def bytes_of(test, proxy, work):
    test.begin()
    before = proxy.sent
    test.run(work)[0].expect(0)
    return proxy.sent - before


def broken_connections(test, proxy, all_work, breaks):
    for name, work in all_work.items():
        size = bytes_of(test, proxy, work)
        for a_break in breaks:
            if not test.wants(name, a_break.name):
                continue

            def heal():
                proxy.heal()
                a_break.heal()
            for share in a_break.shares if test.does_all else a_break.shares[-1:]:
                go_through(test, "%s, %s after %d %%" % (name, a_break.name, share), limited(work),
                           lambda: proxy.arm(size * share // 100, a_break.plan), heal, a_break.kinds)


# ---- KMIP

def kmip_outages(test):
    kmip = Kmip(test.kmipctl, test.folder / "kmip")
    proxy = Proxy(kmip.address)
    try:
        old, new = kmip.create_key(), kmip.create_key()
        test.make_state(kmip.set_options(old, proxy.address))
        test.ring.save("ready")
        work = {
            "rewrap": Work(["kms", "rewrap", "--new-key-uid", new], lambda row: row["key"] == new),
            "unset": Work(["kms", "unset", "--allow-downgrade"], lambda row: row["kms"] == "local"),
            "unlock": Work([]),
        }
        # A key in the archive is there, but not to be used (KMIP 1.4 Specification, 4.21).
        refuse = Break("refused", lambda: kmip.run("archive", old), {"refused"}, (20,),
                       lambda: kmip.run("recover", old))
        broken_connections(test, proxy, work, [*BREAKS, refuse])
    finally:
        proxy.stop()
        kmip.stop()


GROUPS = {"vault": vault_outages, "connections": vault_connections, "kmip": kmip_outages}


def parse_arguments():
    parser = argparse.ArgumentParser(description="Takes the KMS away from kmsctl.")
    parser.add_argument("group", choices=GROUPS)
    parser.add_argument("tools", nargs=3, metavar="PROGRAM", help="kmsctl, kmipctl, keyring-tool")
    parser.add_argument("--all", action="store_true", help="more instants of each outage")
    parser.add_argument("--only", metavar="CASE")
    return parser.parse_args()


def main():
    options = parse_arguments()
    vault_server.use_system_python()
    with tempfile.TemporaryDirectory(prefix="keyway-outage-") as folder:
        GROUPS[options.group](Test(options, folder))


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
