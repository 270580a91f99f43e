// Every step that can fail, fails: each call to the KMS, each write of the store. Afterwards every key opens,
// and a second attempt ends the work.
#include <functional>
#include <vector>

#include "support.h"
#include <tests/keyring/store/fault_vfs.h>

namespace keyway::keyring {

namespace {

void fill(World& world) {
  for (const char* address : {vault_a, vault_b})
    for (const char* key : {"cluster", "own", "next"}) world.add_key(address, key);
  world.add_key(kmip_a, "uid-1");
  world.add_key(kmip_a, "uid-2");
}

Result<void> outcome(const Result<Tally>& tally) {
  if (!tally) return std::unexpected(tally.error());
  if (tally->failed > 0) return std::unexpected(tally->failures.front().error);
  return {};
}
template <class T>
Result<void> outcome(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

// An operation, and whether its effect shows: repeating it after a failure has to bring it about.
struct Operation {
  std::string name;
  std::function<Result<void>(Keyring&)> run;
  std::function<bool(Keyring&)> is_done;
};

std::vector<Operation> operations() {
  const auto no_left = [](Keyring& ring) { return must(ring.overview()).kms.size() == 1; };
  return {
      {"set another KMS", [](Keyring& ring) { return outcome(ring.set_kms({vault_at(vault_b, "cluster")})); },
       [](Keyring& ring) {
         return std::get<VaultKms>(must(ring.overview()).current()->settings).addresses == vault_b;
       }},
      {"set and rewrap to another KMS",
       [](Keyring& ring) -> Result<void> {
         if (auto set = ring.set_kms({vault_at(vault_b, "cluster")}); !set)
           return std::unexpected(set.error());
         const auto moved = ring.rewrap({.includes_own_keys = true});
         if (!moved) return std::unexpected(moved.error());
         return outcome(Result<Tally>(moved->tally));
       },
       no_left},
      {"convert to KMIP",
       [](Keyring& ring) -> Result<void> {
         auto set = ring.set_kms({.kms = kmip_at(kmip_a, "uid-1"), .converts_to_cluster_key = true});
         if (!set) return std::unexpected(set.error());
         const auto moved = ring.rewrap({.new_key = "uid-2"});
         if (!moved) return std::unexpected(moved.error());
         return outcome(Result<Tally>(moved->tally));
       },
       no_left},
      {"downgrade", [](Keyring& ring) { return outcome(ring.unset_kms(true)); },
       [](Keyring& ring) {
         const Overview overview = must(ring.overview());
         return overview.kms.size() == 1 && backend_of(overview.kms[0].settings) == Backend::local;
       }},
      {"create", [](Keyring& ring) { return outcome(ring.create_filesystem(encrypted("new"))); },
       [](Keyring& ring) { return ring.filesystem("new").has_value(); }},
      {"create with its own key",
       [](Keyring& ring) { return outcome(ring.create_filesystem(encrypted("new", {.key = "own"}))); },
       [](Keyring& ring) { return ring.filesystem("new").has_value(); }},
      {"update to another key",
       [](Keyring& ring) { return outcome(ring.update_filesystem("two", {.own = {.key = "next"}})); },
       [](Keyring& ring) { return must(ring.filesystem("two")).row.key->key_id == "next"; }},
      {"download",
       [](Keyring& ring) -> Result<void> {
         const auto snapshot = ring.snapshot("one");
         if (!snapshot) return std::unexpected(snapshot.error());
         return outcome(ring.download("copy", *snapshot, {}, false));
       },
       [](Keyring& ring) { return ring.filesystem("copy").has_value(); }},
      {"remove", [](Keyring& ring) { return ring.remove_filesystem("three"); },
       [](Keyring& ring) { return !ring.filesystem("three").has_value(); }},
  };
}

// A keyring with filesystems under the cluster's key and under their own, to be copied for each attempt.
struct Prepared {
  Prepared() {
    fill(world);
    Keyring ring = must(Keyring::create(settings_in(folder, world)));
    must(ring.set_kms({vault_at(vault_a, "cluster")}));
    for (const char* name : {"one", "two", "three"}) must(ring.create_filesystem(encrypted(name)));
    must(ring.create_filesystem(encrypted("mine", {.key = "own"})));
    keys = keys_of(ring);
  }
  World world;
  Folder folder;
  Keys keys;
};

// What was there before opens to the same keys, unless the operation removed it.
void check_keys(const Keys& before, const Keys& after, const std::string& removed) {
  for (const auto& [name, key] : before) {
    if (name == removed && !after.contains(name)) continue;
    CAPTURE(name);
    REQUIRE(after.contains(name));
    CHECK(after.at(name) == key);
  }
}

}  // namespace

TEST_CASE("the KMS fails at each call, in each way, once or from then on") {
  const Prepared prepared;
  for (const Operation& operation : operations()) {
    CAPTURE(operation.name);
    for (const Fault fault : {Fault::unreachable, Fault::refused, Fault::garbage}) {
      for (const bool fails_on : {false, true}) {
        int n = 0;
        bool has_fired = true;
        while (has_fired) {
          ++n;
          CAPTURE(static_cast<int>(fault));
          CAPTURE(fails_on);
          CAPTURE(n);
          REQUIRE(n < 200);
          Folder folder;
          copy_folder(prepared.folder, folder);
          World world;
          fill(world);
          world.fault = fault;
          world.fails_on = fails_on;
          world.fail_at = n;
          {
            Keyring ring = must(Keyring::open(settings_in(folder, world)));
            const auto result = operation.run(ring);
            has_fired = world.calls >= n;
            if (!has_fired) CHECK(result);
          }
          world.fail_at = 0;
          Keyring ring = must(Keyring::open(settings_in(folder, world)));
          check_keys(prepared.keys, keys_of(ring), "three");
          if (!operation.is_done(ring)) {
            const auto again = operation.run(ring);
            CHECK_MESSAGE(again.has_value(), (again ? "" : describe(again.error())));
          }
          CHECK(operation.is_done(ring));
          check_keys(prepared.keys, keys_of(ring), "three");
          CHECK(must(ring.verify(true)).failed == 0);
        }
      }
    }
  }
}

TEST_CASE("the disk fails at each operation, in each way") {
  using test::FaultVfs;
  const Prepared prepared;
  for (const Operation& operation : operations()) {
    CAPTURE(operation.name);
    for (const test::Fault fault :
         {test::Fault::io_error, test::Fault::disk_full, test::Fault::crash, test::Fault::power_loss}) {
      int n = 0;
      bool has_fired = true;
      while (has_fired) {
        // Not every one of several hundred: a step that has no common divisor with a page's writes.
        n += n < 40 ? 1 : 7;
        CAPTURE(static_cast<int>(fault));
        CAPTURE(n);
        REQUIRE(n < 2'000);
        Folder folder;
        copy_folder(prepared.folder, folder);
        World world;
        fill(world);
        {
          auto ring = Keyring::open(settings_in(folder, world, FaultVfs::name()));
          REQUIRE(ring);
          FaultVfs::arm(fault, n);
          const auto result = operation.run(*ring);
          has_fired = !FaultVfs::fired().empty();
          CAPTURE(FaultVfs::fired());
          if (!has_fired) CHECK(result);
        }
        FaultVfs::disarm();
        Keyring ring = must(Keyring::open(settings_in(folder, world)));
        CHECK(must(ring.verify(true)).failed == 0);
        check_keys(prepared.keys, keys_of(ring), "three");
        if (!operation.is_done(ring)) {
          const auto again = operation.run(ring);
          CHECK_MESSAGE(again.has_value(), (again ? "" : describe(again.error())));
        }
        CHECK(operation.is_done(ring));
        check_keys(prepared.keys, keys_of(ring), "three");
      }
    }
  }
}

}  // namespace keyway::keyring
