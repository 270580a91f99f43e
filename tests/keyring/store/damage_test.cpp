// Bits that flip and files that are cut: found, or without consequence, never believed.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

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

  void check_row(const FilesystemRow& row) {
    if (!row.is_damaged()) {
      REQUIRE(known.contains(line(row)));
      return;
    }
    check_words(*row.damage);
    CHECK(row.damage->kind == ErrorKind::corrupt);
    CHECK_FALSE(row.is_encrypted());
  }

  void check_all_but_events(const std::vector<std::string>& found) {
    const auto without_events = [](std::vector<std::string> all) {
      std::erase_if(all, [](const std::string& each) { return each.starts_with("event "); });
      return all;
    };
    REQUIRE(without_events(found) == without_events(expected));
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
    const bool is_sound = found && checked && checked->damaged_events == 0;
    if (is_sound) REQUIRE(*found == expected);
    if (found && checked) check_all_but_events(*found);
    // Rows may be missing where no check was asked for, but none is another than it was.
    for (const auto& rows : {store->filesystems_after(0, 1'000), store->one_of_each_key()}) {
      if (!rows) continue;
      for (const auto& row : *rows) check_row(row);
    }
    if (const auto row = store->filesystem("fs-31"); row && *row) REQUIRE(known.contains(line(**row)));
    return is_sound;
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
      {"UPDATE kms SET revision = 5 WHERE id = 2", "KMS 2"},
      {"UPDATE login SET role_id = 'x' WHERE id = 1", "login 1"},
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

TEST_CASE_FIXTURE(Fixture, "a damaged filesystem is told among the others, and can be removed") {
  struct {
    std::string sql;
    RowId number;
    std::string name, named;
  } cases[] = {
      {"UPDATE filesystem SET created = 5 WHERE number = 6", 6, "fs-5",
       "filesystem 6 (fs-5)"},  // without a key
      {"UPDATE filesystem SET name = 'other' WHERE number = 7", 7, "other", "filesystem 7 (other)"},
      {"UPDATE filesystem SET name = char(27) || '[2J' WHERE number = 7", 7, "?[2J", "filesystem 7"},
      {"UPDATE filesystem SET kms = 2 WHERE number = 3", 3, "fs-2", "filesystem 3 (fs-2)"},
      {"UPDATE filesystem SET key = NULL, key_id = NULL, key_version = NULL, kms = NULL, login = NULL "
       "WHERE number = 8",
       8, "fs-7", "filesystem 8 (fs-7)"},
      {"UPDATE filesystem SET key_version = '77' WHERE number = 8", 8, "fs-7", "filesystem 8 (fs-7)"},
      {"UPDATE filesystem SET key = x'00' WHERE number = 2", 2, "fs-1", "filesystem 2 (fs-1)"},
      {"UPDATE filesystem SET key = (SELECT key FROM filesystem WHERE number = 3) WHERE number = 5", 5,
       "fs-4", "filesystem 5 (fs-4)"},
      {"UPDATE filesystem SET id = replace(id, '0', 'A') WHERE number = 11", 11, "fs-10",
       "filesystem 11 (fs-10)"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.sql);
    write(good);
    execute(settings.path, c.sql);
    Store store = must(Store::open(settings));
    const auto rows = must(store.filesystems_after(0, 1'000));
    REQUIRE(rows.size() == 50);
    for (const auto& row : rows) {
      check_row(row);
      CHECK(row.is_damaged() == (row.number == c.number));
    }
    const FilesystemRow& bad = rows[static_cast<std::size_t>(c.number - 1)];
    CHECK(bad.name == c.name);
    CHECK(bad.damage->what.find(c.named) != std::string::npos);
    CHECK(bad.damage->advice.find("kmsctl restore FILE") != std::string::npos);
    CHECK(must(store.count()) == 50);

    const auto checked = store.check();
    REQUIRE_FALSE(checked);
    CHECK(checked.error().kind == ErrorKind::corrupt);
    CHECK(checked.error().what.find(c.named) != std::string::npos);
    CHECK_FALSE(store.copy_to(folder / "copy"));
    FilesystemRow written = bad;
    CHECK_FALSE(store.replace(written, bad));

    CHECK(must(store.find_damaged(c.name))->number == c.number);
    CHECK(must(store.find_damaged(bad.id))->number == c.number);
    CHECK_FALSE(must(store.find_damaged("fs-20")));
    must(store.remove(*must(store.find_damaged(c.name))));
    CHECK_FALSE(must(store.find_damaged(c.name)));
    must(store.check());
    CHECK(must(store.count()) == 49);
  }
}

TEST_CASE_FIXTURE(Fixture, "a damaged filesystem is not found by its name") {
  execute(settings.path, "UPDATE filesystem SET created = 5 WHERE number = 7");
  Store store = must(Store::open(settings));
  const auto found = store.filesystem("fs-6");
  REQUIRE_FALSE(found);
  CHECK(found.error().kind == ErrorKind::corrupt);
  CHECK(must(store.filesystem("fs-7")));
  CHECK_FALSE(must(store.filesystem("other")));
}

TEST_CASE_FIXTURE(Fixture, "where the first of a key is damaged, there is a sound one to try") {
  std::vector<RowId> before, sound, bad;
  {
    Store store = must(Store::open(settings));
    for (const auto& row : must(store.one_of_each_key())) before.push_back(row.number);
  }
  REQUIRE(before.size() > 3);
  execute(settings.path, fmt::format("UPDATE filesystem SET created = 5 WHERE number = {}", before[1]));
  Store store = must(Store::open(settings));
  for (const auto& row : must(store.one_of_each_key())) {
    check_row(row);
    (row.is_damaged() ? bad : sound).push_back(row.number);
  }
  CHECK(bad == std::vector{before[1]});
  CHECK(sound.size() == before.size());
  CHECK(std::ranges::is_sorted(sound));
}

TEST_CASE_FIXTURE(Fixture, "what is damaged is not written anew") {
  // Its checksum would fit again.
  execute(settings.path, "UPDATE filesystem SET created = 5 WHERE number = 7");
  Store store = must(Store::open(settings));
  CHECK(must(store.convert_all_to_cluster_key()) == 16);
  CHECK(must(store.find_damaged("fs-6")));
}

TEST_CASE_FIXTURE(Fixture, "damaged events are told, and stop nothing") {
  execute(
      settings.path,
      "UPDATE event SET detail = 'other' WHERE number = 3; UPDATE event SET kind = 'x' WHERE number = 50;");
  Store store = must(Store::open(settings));
  const auto events = must(store.events_after(0, 100));
  REQUIRE(events.size() == 50);
  for (const Event& event : events) {
    const bool is_bad = event.number == 3 || event.number == 50;
    CHECK((event.kind == damaged_event) == is_bad);
    CHECK(event.detail.empty() == is_bad);
  }
  CHECK(must(store.last_events(1)).front().kind == damaged_event);
  CHECK(must(store.check()).damaged_events == 2);
  must(store.add_event(sample_event(1)));

  must(store.copy_to(folder / "copy"));
  CHECK(must(must(Store::open(quick(folder / "copy"))).check()).damaged_events == 2);
  must(restore_database(folder / "copy", quick(folder / "restored")));
  CHECK(must(must(Store::open(quick(folder / "restored"))).check()).damaged_events == 2);
}

}  // namespace keyway::keyring::test
