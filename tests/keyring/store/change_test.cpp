// Changes: whole or not at all, also with several connections to one file.
#include <thread>

#include <doctest/doctest.h>

#include <tests/keyring/store/support.h>

namespace keyway::keyring::test {

namespace {

struct Fixture {
  Folder folder;
  StoreSettings settings = quick(folder / "keyring.db");
  Store store = must(Store::create(settings));
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an error of the body undoes the change and is its error") {
  const auto done = store.change([&]() -> Result<void> {
    must(store.add(sample_filesystem(1)));
    return fail(ErrorKind::refused, "no");
  });
  REQUIRE_FALSE(done);
  CHECK(done.error().what == "no");
  CHECK(must(store.count()) == 0);
  must(store.add(sample_filesystem(1)));
  CHECK(must(store.filesystem("fs-1"))->number == 1);
}

TEST_CASE_FIXTURE(Fixture, "changes do not nest, and an exception undoes one") {
  CHECK_FALSE(store.change([&] { return store.change([] { return Result<void>(); }); }));
  CHECK_THROWS((void)store.change([&]() -> Result<void> {
    must(store.add(sample_filesystem(1)));
    throw std::runtime_error("out of the body");
  }));
  CHECK(must(store.count()) == 0);
  must(store.change([&] { return store.add(sample_filesystem(2)); }));
  CHECK(must(store.count()) == 1);
}

TEST_CASE_FIXTURE(Fixture, "a Store can be moved, and what is left be destroyed") {
  Store second = std::move(store);
  Store third = must(Store::open(settings));
  third = std::move(second);
  must(third.add(sample_filesystem(1)));
  store = std::move(third);
  CHECK(must(store.count()) == 1);
}

TEST_CASE_FIXTURE(Fixture, "readers see what was before, while another writes") {
  Store other = must(Store::open(settings));
  must(store.change([&]() -> Result<void> {
    must(store.add(sample_filesystem(1)));
    CHECK(must(other.count()) == 0);
    return {};
  }));
  CHECK(must(other.count()) == 1);
}

TEST_CASE_FIXTURE(Fixture, "a writer gives up when its patience is over") {
  settings.patience = std::chrono::milliseconds(20);
  Store other = must(Store::open(settings));
  must(store.change([&]() -> Result<void> {
    const auto done = other.add(sample_filesystem(1));
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::unreachable);
    const std::string said = describe(done.error());
    CAPTURE(said);
    CHECK(said.find("another process has been writing to") != std::string::npos);
    CHECK(said.find("20 ms") != std::string::npos);
    return {};
  }));
  must(other.add(sample_filesystem(1)));
}

TEST_CASE("a writer waits for another, then sees what that wrote") {
  const Folder folder;
  const StoreSettings settings{.path = folder / "keyring.db"};  // SQLite's own VFS: two threads
  Store store = must(Store::create(settings));
  std::optional<bool> was_done;
  std::thread waiting;
  must(store.change([&]() -> Result<void> {
    must(store.add(sample_filesystem(1)));
    waiting = std::thread([&] {
      auto other = Store::open(settings);
      was_done = other && other->add(sample_filesystem(2));
    });
    return {};
  }));
  waiting.join();
  CHECK(was_done == true);
  CHECK(must(store.count()) == 2);
}

TEST_CASE_FIXTURE(Fixture, "two who read the same row: the second to write is refused") {
  const RowId kms = add_sample_kms(store);
  must(store.add(encrypted(1, kms, sample_key(1))));
  Store other = must(Store::open(settings));
  FilesystemRow mine = *must(store.filesystem("fs-1")), theirs = *must(other.filesystem("fs-1"));
  const FilesystemRow former = mine;
  theirs.key = sample_key(2);
  must(other.replace(theirs, former));
  mine.key = sample_key(3);
  const auto done = store.replace(mine, former);
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == ErrorKind::not_found);
  CHECK(to_text(*must(store.filesystem("fs-1"))->key) == to_text(*theirs.key));

  KmsRow one = must(store.all_kms()).front(), two = must(other.all_kms()).front();
  must(other.replace_kms(two));
  CHECK_FALSE(store.replace_kms(one));
}

TEST_CASE_FIXTURE(Fixture, "many KMSs and many filesystems") {
  const RowId kms = add_sample_kms(store);
  for (int n = 0; n < 300; ++n) add_sample_kms(store, false);
  constexpr int many = 2'000;
  must(store.change([&]() -> Result<void> {
    for (int n = 0; n < many; ++n) must(store.add(encrypted(n, kms, sample_key(n))));
    return {};
  }));
  CHECK(must(store.drop_unused()) == 300);
  CHECK(must(store.key_counts()).front().filesystems == many);
  CHECK(must(store.one_of_each_key()).size() == 1);
  CHECK(must(store.count(true)) == many);
}

}  // namespace keyway::keyring::test
