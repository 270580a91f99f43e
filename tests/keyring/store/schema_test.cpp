// Migrations, with steps of their own.
#include <doctest/doctest.h>

#include <keyring/store/schema.h>
#include <tests/keyring/store/fault_vfs.h>
#include <tests/keyring/store/support.h>

namespace keyway::keyring::test {

namespace {

constexpr const char* first = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1)";
constexpr const char* second = "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7;";
constexpr const char* third = "CREATE TABLE b (z INTEGER) STRICT; UPDATE a SET y = x + y;";
constexpr const char* broken = "CREATE TABLE c (z INTEGER) STRICT; UPDATE nothing SET z = 1;";

struct Fixture {
  Folder folder;
  std::filesystem::path path = folder / "x.db";
  Fixture() { execute(path, "PRAGMA journal_mode = WAL"); }
  Database open() const { return must(Database::open(path, FaultVfs::name(), {})); }
};

std::int64_t number(Database& database, Text sql) { return must(database.number("ask", sql)); }

}  // namespace

TEST_CASE_FIXTURE(Fixture, "each version becomes the latest, step by step") {
  const char* const steps[] = {first, second, third};
  for (std::size_t from = 0; from <= 3; ++from) {
    CAPTURE(from);
    std::filesystem::remove(path);
    execute(path, "PRAGMA journal_mode = WAL");
    Database database = open();
    must(migrate(database, Migrations(steps).first(from)));
    CHECK(number(database, "PRAGMA user_version") == static_cast<std::int64_t>(from));
    must(migrate(database, steps));
    must(migrate(database, steps));
    CHECK(number(database, "PRAGMA user_version") == 3);
    CHECK(number(database, "PRAGMA application_id") == application_id);
    CHECK(number(database, "SELECT y FROM a") == 8);
  }
}

TEST_CASE_FIXTURE(Fixture, "a step that fails leaves what the one before made") {
  const char* const steps[] = {first, second, broken};
  Database database = open();
  CHECK_FALSE(migrate(database, steps));
  CHECK(number(database, "PRAGMA user_version") == 2);
  CHECK(number(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'c'") == 0);
  const char* const mended[] = {first, second, third};
  must(migrate(database, mended));
  CHECK(number(database, "SELECT y FROM a") == 8);
}

TEST_CASE_FIXTURE(Fixture, "a later version is left alone") {
  const char* const steps[] = {first, second};
  Database database = open();
  must(migrate(database, steps));
  const auto done = migrate(database, Migrations(steps).first(1));
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == ErrorKind::invalid_input);
  CHECK(done.error().what.find("newer Keyway (schema 2, this one knows 1)") != std::string::npos);
  CHECK(number(database, "PRAGMA user_version") == 2);
}

TEST_CASE_FIXTURE(Fixture, "two who migrate at once do each step once") {
  const char* const steps[] = {first, second, third};
  Database one = open(), other = open();
  CHECK(number(other, "PRAGMA user_version") == 0);
  must(migrate(one, steps));
  must(migrate(other, steps));
  CHECK(number(other, "SELECT y FROM a") == 8);
}

TEST_CASE_FIXTURE(Fixture, "the schema is compared as a whole") {
  Database database = open();
  must(migrate(database));
  must(check_schema(database));
  must(database.script("add", "CREATE INDEX more ON event (kind)"));
  CHECK_FALSE(check_schema(database));
}

}  // namespace keyway::keyring::test
