// Bits that flip and files that are cut: found, or without consequence, never believed.
#include <set>

#include <doctest/doctest.h>

#include <tests/keyring/store/fault_vfs.h>
#include <tests/keyring/store/support.h>

namespace keyway::keyring::test {

namespace {

struct Fixture {
  Folder folder;
  StoreSettings settings = quick(folder / "keyring.db");
  std::string good;
  std::vector<std::string> expected;
  std::set<std::string> known;

  Fixture() {
    {
      Store store = must(Store::create(settings));
      fill(store, 50);
      expected = must(lines(store));
    }
    good = content_of(settings.path);
    known.insert(expected.begin(), expected.end());
  }

  void write(std::string_view content) {
    for (const char* ending : {"-wal", "-shm"}) std::filesystem::remove(settings.path.native() + ending);
    write_content(settings.path, content);
  }

  void check_words(const Error& error) {
    CHECK_FALSE(error.what.empty());
    const bool is_told = error.kind == ErrorKind::corrupt || error.kind == ErrorKind::invalid_input ||
                         error.kind == ErrorKind::internal;
    CHECK(is_told);
  }

  // look opens, reads and checks; true when all went well, and then the content has to be right.
  bool look() {
    auto store = Store::open(settings);
    if (!store) {
      check_words(store.error());
      return false;
    }
    const auto found = lines(*store);
    const auto checked = store->check();
    if (!found) check_words(found.error());
    if (!checked) check_words(checked.error());
    if (found && checked) REQUIRE(*found == expected);
    if (const auto rows = store->filesystems_after(0, 1'000)) {
      // Rows may be missing where no check was asked for, but none is another than it was.
      for (const auto& row : *rows) REQUIRE(known.contains(line(row)));
    }
    if (const auto row = store->filesystem("fs-31"); row && *row) REQUIRE(known.contains(line(**row)));
    return found && checked;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a flipped bit is found, or changes nothing") {
  int found = 0, tried = 0;
  std::string bad = good;
  for (std::size_t at = 0; at < good.size(); at += at < 100 ? 1 : 97) {
    CAPTURE(at);
    const char flipped = static_cast<char>(1U << (at / 97 % 8));
    bad[at] = static_cast<char>(bad[at] ^ flipped);
    write(bad);
    found += look() ? 0 : 1;
    ++tried;
    bad[at] = good[at];
  }
  CHECK(tried > 500);
  CHECK(found > tried / 4);  // the rest fell on room that nothing uses
  write(good);
  CHECK(look());
}

TEST_CASE_FIXTURE(Fixture, "a file cut short does not open") {
  for (std::size_t size = 0; size < good.size(); size += size % 4096 == 0 ? 997 : 4096 - size % 4096) {
    CAPTURE(size);
    write(std::string_view(good).substr(0, size));
    const auto store = Store::open(settings);
    REQUIRE_FALSE(store);
    if (size >= 100) {
      CHECK(store.error().kind == ErrorKind::corrupt);
      CHECK(store.error().advice.find("kmsctl restore FILE") != std::string::npos);
    }
    CHECK(content_of(settings.path).size() == size);
  }
}

TEST_CASE_FIXTURE(Fixture, "a row that is not what was written is named") {
  struct {
    std::string sql, named;
  } cases[] = {
      {"UPDATE filesystem SET name = 'other' WHERE number = 7", "filesystem 7 (other)"},
      {"UPDATE filesystem SET kms = 1 WHERE number = 10", "filesystem 10 (fs-9)"},
      {"UPDATE filesystem SET key = NULL, key_id = NULL, key_version = NULL, kms = NULL, login = NULL "
       "WHERE number = 8",
       "filesystem 8 (fs-7)"},
      {"UPDATE filesystem SET key_version = '77' WHERE number = 8", "filesystem 8 (fs-7)"},
      {"UPDATE filesystem SET key = (SELECT key FROM filesystem WHERE number = 3) WHERE number = 5",
       "filesystem 5 (fs-4)"},
      {"UPDATE kms SET revision = 5 WHERE id = 2", "KMS 2"},
      {"UPDATE login SET role_id = 'x' WHERE id = 1", "login 1"},
      {"UPDATE event SET detail = '' WHERE number = 3", "event 3"},
      {"UPDATE keyring SET state_key_id = 'x'", "identity"},
      {"DELETE FROM keyring", "identity"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.sql);
    write(good);
    execute(settings.path, c.sql);
    auto store = Store::open(settings);
    const auto error = [&] {
      if (!store) return store.error();
      const auto found = lines(*store);
      REQUIRE_FALSE(found);
      CHECK_FALSE(store->check());
      return found.error();
    }();
    CHECK(error.kind == ErrorKind::corrupt);
    CHECK(error.what.find(c.named) != std::string::npos);
    CHECK(error.advice.find("kmsctl restore FILE") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "references to nothing are found by check") {
  struct {
    std::string sql, found;
  } cases[] = {
      {"DELETE FROM kms WHERE id = 1", "filesystem 3 refers to a kms that is not there"},
      {"UPDATE filesystem SET kms = 2, login = NULL, own_login = NULL WHERE kms = 1;"
       "DELETE FROM kms WHERE id = 1",
       "login 1 refers to a kms that is not there"},
      {"UPDATE filesystem SET kms = 1 WHERE number = 10",
       "filesystem 10 refers to a login that is not there"},
      {"UPDATE login SET kms = 1 WHERE id = 2", "refers to a login that is not there"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.sql);
    write(good);
    execute(settings.path, c.sql);
    const auto checked = must(Store::open(settings)).check();
    REQUIRE_FALSE(checked);
    CAPTURE(checked.error().what);
    CHECK(checked.error().what.find(c.found) != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "a KMS or login that an index forgot is not dropped") {
  // The rows change while SQLite does not know the indexes.
  execute(settings.path,
          "UPDATE filesystem SET kms = 2 WHERE kms = 1;"
          "UPDATE filesystem SET login = NULL, own_login = NULL;"
          "CREATE TEMP TABLE hidden AS SELECT * FROM sqlite_schema WHERE sql LIKE 'CREATE INDEX filesystem%';"
          "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name IN (SELECT name FROM hidden);"
          "PRAGMA writable_schema = RESET;"
          "UPDATE filesystem SET kms = 1, login = 1, own_login = 1 WHERE number = 4;"
          "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM hidden;"
          "PRAGMA writable_schema = RESET;");
  Store store = must(Store::open(settings));
  for (const auto& count : must(store.key_counts())) CHECK(count.kms == 2);  // what the index says
  CHECK(must(store.drop_unused()) == 0);
  CHECK(must(store.revision_of(1)));
  CHECK(must(store.login(1)));
  CHECK_FALSE(must(store.login(2)));
  CHECK_FALSE(store.remove_kms(1));
  CHECK_FALSE(store.check());
}

TEST_CASE_FIXTURE(Fixture, "a damaged row can be removed, the others go on") {
  execute(settings.path, "UPDATE filesystem SET created = 5 WHERE number = 7");
  Store store = must(Store::open(settings));
  CHECK_FALSE(store.filesystem("fs-6"));
  CHECK(must(store.filesystem("fs-7")));
  FilesystemRow row = sample_filesystem(6);
  row.number = 7;
  CHECK_FALSE(store.replace(row, row));
  must(store.remove(row));
  must(store.check());
}

}  // namespace keyway::keyring::test
