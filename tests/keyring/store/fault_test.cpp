// Every operation on the disk fails once, in every way, during every kind of change.
#include <functional>

#include <doctest/doctest.h>

#include <tests/keyring/store/fault_vfs.h>
#include <tests/keyring/store/support.h>

namespace keyway::keyring::test {

namespace {

using Change = std::function<Result<void>(Store&)>;

struct Kind {
  std::string name;
  Change change;
  int filesystems = 15;  // in the database
};

Result<void> convert_then_drop(Store& store) {
  return store.change([&]() -> Result<void> {
    if (auto converted = store.convert_all_to_cluster_key(); !converted) {
      return std::unexpected(converted.error());
    }
    if (auto dropped = store.drop_unused(); !dropped) return std::unexpected(dropped.error());
    return {};
  });
}

Result<void> add_kms(Store& store) {
  return store.change([&]() -> Result<void> {
    const auto id = store.next_kms_id();
    if (!id) return std::unexpected(id.error());
    if (auto added = store.add_kms(sample_kms(*id, false)); !added) return std::unexpected(added.error());
    return store.add_event({.kind = "kms-set"});
  });
}

Result<void> replace_all(Store& store) {
  return store.change([&]() -> Result<void> {
    const auto rows = store.filesystems_after(0, 1000, true);
    if (!rows) return std::unexpected(rows.error());
    for (FilesystemRow row : *rows) {
      const FilesystemRow former = row;
      row.key = sample_key(static_cast<int>(row.number), "rewrapped", "9");
      if (auto replaced = store.replace(row, former); !replaced) return replaced;
    }
    return {};
  });
}

Result<void> remove_one(Store& store) {
  const auto row = store.filesystem("fs-7");
  if (!row) return std::unexpected(row.error());
  return store.remove(**row);
}

Result<void> drop(Store& store) {
  auto dropped = store.drop_unused();
  if (!dropped) return std::unexpected(dropped.error());
  return {};
}

// A change whose body goes on after an error, as none should: it is undone as a whole all the same.
Result<void> careless(Store& store) {
  return store.change([&]() -> Result<void> {
    for (int n = 0; n < 3; ++n) (void)store.add_event(sample_event(n));
    return {};
  });
}

std::vector<Kind> kinds() {
  return {
      {"add a KMS", add_kms},
      {"add a filesystem", [](Store& store) { return store.add(sample_filesystem(500)); }},
      {"replace 100 keys", replace_all, 125},  // four in five have a key
      {"remove a filesystem", remove_one},
      {"convert to the cluster's key", convert_then_drop},
      {"drop what is unused", drop},
      {"add an event", [](Store& store) { return store.add_event(sample_event(1)); }},
      {"set the state key", [](Store& store) { return store.set_state_key_id("another"); }},
      {"careless events", careless},
  };
}

struct Fixture {
  Folder folder;
  StoreSettings settings = quick(folder / "keyring.db");
  std::filesystem::path before_file = folder / "before.db", after_file = folder / "after.db";
  std::vector<std::string> before, after;

  void prepare(const Change& change, int filesystems) {
    std::filesystem::remove(before_file);
    {
      Store store = must(Store::create(quick(before_file)));
      fill(store, filesystems);
      add_sample_kms(store, false);
      add_sample_login(store, 1);
      before = must(lines(store));
    }
    copy_files(before_file, after_file);
    Store store = must(Store::open(quick(after_file)));
    must(change(store));
    after = must(lines(store));
    REQUIRE(after != before);
  }

  // attempt runs the change with the fault; the connection is gone when it returns, as after a crash.
  Result<void> attempt(const Change& change, Fault fault, int n) {
    copy_files(before_file, settings.path);
    FaultVfs::arm(fault, n);
    Result<void> done;
    {
      auto store = Store::open(settings);
      done = store ? change(*store) : std::unexpected(store.error());
    }
    FaultVfs::disarm();
    return done;
  }
};

// Syncing the log is the last step of a commit: all of it has been written by then.
bool is_last_step(const std::string& fired) { return fired.starts_with("sync") && fired.ends_with("-wal"); }

void check_attempt(Fixture& f, const Result<void>& done) {
  const std::string fired = FaultVfs::fired();
  CAPTURE(fired);
  if (!done) {
    CAPTURE(describe(done.error()));
    CHECK(done.error().kind == ErrorKind::internal);
    CHECK_FALSE(done.error().what.empty());
  }
  Store store = must(Store::open(f.settings));
  const auto found = must(lines(store));
  must(store.check());
  if (done) {
    REQUIRE(found == f.after);
  } else if (is_last_step(fired)) {
    REQUIRE((found == f.before || found == f.after));
  } else {
    REQUIRE(found == f.before);
  }
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "whatever fails in a change, all of it is stored or nothing") {
  const std::pair<std::string, Fault> faults[] = {{"input/output error", Fault::io_error},
                                                  {"disk full", Fault::disk_full},
                                                  {"crash", Fault::crash},
                                                  {"power loss", Fault::power_loss}};
  for (const auto& kind : kinds()) {
    CAPTURE(kind.name);
    prepare(kind.change, kind.filesystems);
    for (const auto& [words, fault] : faults) {
      CAPTURE(words);
      int n = 1;
      for (;; ++n) {
        CAPTURE(n);
        const auto done = attempt(kind.change, fault, n);
        const bool has_fired = !FaultVfs::fired().empty();
        if (!has_fired) REQUIRE(done);
        check_attempt(*this, done);
        if (!has_fired) break;
      }
      CHECK(n > 5);  // there was something to fail
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "a connection is of use after an error of the disk") {
  prepare(replace_all, 50);
  for (int n = 8;; ++n) {
    CAPTURE(n);
    copy_files(before_file, settings.path);
    Store store = must(Store::open(settings));
    FaultVfs::arm(Fault::io_error, n);
    const auto done = replace_all(store);
    const bool has_fired = !FaultVfs::fired().empty();
    FaultVfs::disarm();
    if (!has_fired) break;
    if (!done) {
      REQUIRE(must(lines(store)) == before);
      must(replace_all(store));
    }
    REQUIRE(must(lines(store)) == after);
    must(store.check());
  }
}

TEST_CASE("a database that cannot be made leaves nothing at its path") {
  for (const auto fault : {Fault::io_error, Fault::disk_full, Fault::crash, Fault::power_loss}) {
    for (int n = 1;; ++n) {
      CAPTURE(n);
      const Folder folder;
      const StoreSettings settings = quick(folder / "keyring.db");
      FaultVfs::arm(fault, n);
      const auto made = [&] { return Store::create(settings).has_value(); }();
      FaultVfs::disarm();
      // Either there is none, and making one works, or it is there as it should be.
      Store store = must(Store::create(settings));
      must(store.check());
      REQUIRE(must(store.identity()).size() == 32);
      if (FaultVfs::fired().empty()) {
        CHECK(made);
        break;
      }
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "a copy or a restore that fails leaves no file and no other content") {
  prepare(replace_all, 15);
  must(must(Store::open(quick(before_file))).copy_to(folder / "copy"));
  for (const auto fault : {Fault::io_error, Fault::disk_full, Fault::crash, Fault::power_loss}) {
    for (int n = 1;; ++n) {
      CAPTURE(n);
      copy_files(before_file, settings.path);
      std::filesystem::remove(folder / "second");
      bool done = false;
      {
        Store store = must(Store::open(settings));
        FaultVfs::arm(fault, n);
        done = store.copy_to(folder / "second").has_value();
      }
      FaultVfs::disarm();
      const bool has_fired = !FaultVfs::fired().empty();
      CHECK(std::filesystem::exists(folder / "second") == done);
      CHECK(must(lines(*std::make_unique<Store>(must(Store::open(settings))))) == before);
      for (const auto& name : folder.names()) CHECK(name.find(".new-") == std::string::npos);
      if (!has_fired) break;
    }
    for (int n = 1;; ++n) {
      CAPTURE(n);
      copy_files(after_file, settings.path);
      FaultVfs::arm(fault, n);
      const auto done = restore_database(folder / "copy", settings);
      FaultVfs::disarm();
      const bool has_fired = !FaultVfs::fired().empty();
      Store store = must(Store::open(settings));
      CHECK(must(lines(store)) == (done ? before : after));
      must(store.check());
      if (done) std::filesystem::remove(*done);
      if (!has_fired) break;
    }
  }
}

}  // namespace keyway::keyring::test
