// Copies, and putting one in the place of a database.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <tests/keyring/store/support.h>

namespace keyway::keyring::test {

namespace {

namespace fs = std::filesystem;

struct Fixture {
  Folder folder;
  fs::path path = folder / "keyring.db", copy = folder / "copy";
  StoreSettings settings = quick(path);
  std::vector<std::string> before, after;

  // A copy, and a database that went on since.
  Fixture() {
    Store store = must(Store::create(settings));
    fill(store, 10);
    before = must(lines(store));
    must(store.copy_to(copy));
    must(store.add(sample_filesystem(99)));
    after = must(lines(store));
  }

  std::vector<std::string> content(const fs::path& file) {
    Store store = must(Store::open(quick(file)));
    must(store.check());
    return must(lines(store));
  }
};

std::string words_of(const Error& error) { return describe(error); }

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a copy is one file with all of the content") {
  CHECK(mode_of(copy) == 0600);
  CHECK_FALSE(fs::exists(copy.native() + "-wal"));
  CHECK(content(copy) == before);
  CHECK(content(path) == after);
}

TEST_CASE_FIXTURE(Fixture, "a copy is made beside other writers, of what is stored") {
  Store store = must(Store::open(settings)), other = must(Store::open(settings));
  must(other.change([&]() -> Result<void> {
    must(other.add(sample_filesystem(100)));
    must(store.copy_to(folder / "second"));
    CHECK_FALSE(other.copy_to(folder / "third"));
    return {};
  }));
  CHECK(content(folder / "second") == after);
}

TEST_CASE_FIXTURE(Fixture, "a copy never replaces a file, nor is one made of what is damaged") {
  Store store = must(Store::open(settings));
  write_content(folder / "mine", "mine");
  fs::create_symlink("nothing", folder / "link");
  for (const char* name : {"mine", "link", "copy", "keyring.db"}) {
    CAPTURE(name);
    const auto done = store.copy_to(folder / name);
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::invalid_input);
    CHECK(words_of(done.error()).find("exists") != std::string::npos);
  }
  CHECK(content_of(folder / "mine") == "mine");
  CHECK(store.copy_to(folder / "no" / "such").error().kind == ErrorKind::not_found);

  {
    const Store closed = std::move(store);
  }
  execute(path, "UPDATE kms SET revision = 9");
  const auto names = folder.names();
  const auto done = must(Store::open(settings)).copy_to(folder / "third");
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == ErrorKind::corrupt);
  CHECK(folder.names() == names);
}

TEST_CASE_FIXTURE(Fixture, "restoring puts the copy there and keeps what was") {
  const fs::path kept = must(restore_database(copy, settings));
  CHECK(content(path) == before);
  CHECK(content(kept) == after);
  CHECK(content(copy) == before);
  CHECK(mode_of(path) == 0600);
  CHECK(kept.native().starts_with(path.native() + ".before-restore-"));
  const fs::path second = must(restore_database(copy, settings));
  CHECK(second != kept);
  CHECK(content(kept) == after);
}

TEST_CASE_FIXTURE(Fixture, "restoring needs nothing to be there, nor its folder") {
  CHECK(must(restore_database(copy, quick(folder / "new" / "keyring.db"))).empty());
  CHECK(content(folder / "new" / "keyring.db") == before);
  CHECK(mode_of(folder / "new") == 0700);
}

TEST_CASE_FIXTURE(Fixture, "a database that was not closed is kept with its log") {
  // As a crash leaves it: what was added last is in the -wal alone.
  const fs::path crashed = folder / "crashed.db";
  {
    Store store = must(Store::open(settings));
    must(store.add(sample_filesystem(100)));
    after = must(lines(store));
    copy_files(path, crashed);
  }
  REQUIRE(fs::file_size(crashed.native() + "-wal") > 0);
  const fs::path kept = must(restore_database(copy, quick(crashed)));
  CHECK(fs::exists(kept.native() + "-wal"));
  CHECK_FALSE(fs::exists(crashed.native() + "-wal"));
  CHECK(content(crashed) == before);
  CHECK(content(kept) == after);
}

TEST_CASE_FIXTURE(Fixture, "a database that is damaged, or none at all, can be replaced") {
  for (const char* bad : {"", "not a database"}) {
    write_content(path, bad);
    const fs::path kept = must(restore_database(copy, settings));
    CHECK(content_of(kept) == bad);
    CHECK(content(path) == before);
  }
}

TEST_CASE_FIXTURE(Fixture, "what is not a whole backup is refused, and nothing changes") {
  const std::string good = content_of(copy);
  const auto refuse = [&](const fs::path& file, ErrorKind kind, std::string_view said) {
    CAPTURE(said);
    const auto names = folder.names();
    const auto done = restore_database(file, settings);
    REQUIRE_FALSE(done);
    CHECK(name(done.error().kind) == name(kind));
    CHECK(words_of(done.error()).find(said) != std::string::npos);
    CHECK(folder.names() == names);
  };
  refuse(folder / "none", ErrorKind::not_found, "there is no backup");
  refuse(path, ErrorKind::invalid_input, "the keyring itself");
  refuse(folder.path(), ErrorKind::invalid_input, "not a regular file");
  write_content(folder / "x", "");
  refuse(folder / "x", ErrorKind::corrupt, "nothing was changed");
  write_content(folder / "x", std::string_view(good).substr(0, good.size() - 4096));
  refuse(folder / "x", ErrorKind::corrupt, "nothing was changed");
  std::string flipped = good;
  flipped[good.find("fs-7")] = 'g';
  write_content(folder / "x", flipped);
  refuse(folder / "x", ErrorKind::corrupt, "nothing was changed");
  fs::remove(folder / "x");
  fs::copy_file(copy, folder / "newer");
  execute(folder / "newer", "PRAGMA user_version = 99");
  refuse(folder / "newer", ErrorKind::invalid_input, "newer Keyway");
  write_content(copy.native() + "-wal", "something");
  refuse(copy, ErrorKind::invalid_input, "a keyring in use");
  CHECK(content(path) == after);
}

TEST_CASE_FIXTURE(Fixture, "nothing is replaced while somebody has it open") {
  settings.patience = std::chrono::milliseconds(20);
  {
    Store store = must(Store::open(settings));
    const auto done = restore_database(copy, settings);
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::unreachable);
    CHECK(words_of(done.error()).find("another process has opened") != std::string::npos);
    CHECK(must(lines(store)) == after);
  }
  must(restore_database(copy, settings));
}

TEST_CASE_FIXTURE(Fixture, "a restore that was interrupted is told of, and can be done again") {
  const fs::path kept = path.native() + ".before-restore-20260102T030405Z";
  {
    Store store = must(Store::open(settings));
    must(store.add(sample_filesystem(100)));
    after = must(lines(store));
    copy_files(path, folder / "crashed.db");
  }
  const fs::path log = path.native() + "-wal", kept_log = kept.native() + "-wal";
  const auto start = [&] {
    for (const auto& name : folder.names()) {
      if (name.starts_with("keyring.db")) fs::remove(folder / name);
    }
    copy_files(folder / "crashed.db", path);
  };
  // The steps of a restore, in their order; a crash after each.
  const std::pair<std::string, std::function<void()>> steps[] = {
      {"the copy is half there", [&] { write_content(path.native() + ".restoring", "half"); }},
      {"the log has its second name", [&] { fs::create_hard_link(log, kept_log); }},
      {"the database has its other name", [&] { fs::rename(path, kept); }},
      {"the log's first name is gone", [&] { fs::remove(log); }},
  };
  for (std::size_t done = 1; done <= std::size(steps); ++done) {
    CAPTURE(steps[done - 1].first);
    for (const bool is_again : {false, true}) {
      CAPTURE(is_again);
      start();
      for (std::size_t i = 0; i < done; ++i) steps[i].second();
      if (is_again) {
        (void)must(restore_database(copy, settings));
        CHECK(content(path) == before);
        CHECK_FALSE(fs::exists(path.native() + ".restoring"));
        if (fs::exists(kept)) CHECK(content(kept) == after);
      } else if (done <= 2) {
        CHECK(content(path) == after);
      } else {
        for (const auto& opened : {Store::open(settings), Store::create(settings)}) {
          REQUIRE_FALSE(opened);
          CHECK(opened.error().kind == ErrorKind::corrupt);
          CHECK(words_of(opened.error()).find(kept.filename().native()) != std::string::npos);
        }
        CHECK_FALSE(fs::exists(path));
        fs::rename(kept, path);  // as the error advises
        if (!fs::exists(log)) fs::rename(kept_log, log);
        CHECK(content(path) == after);
      }
    }
  }
}

}  // namespace keyway::keyring::test
