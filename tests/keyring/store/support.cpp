#include <algorithm>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <core/hex.h>
#include <tests/keyring/store/fault_vfs.h>
#include <tests/keyring/store/support.h>

namespace keyway::keyring::test {

namespace {

std::chrono::sys_seconds at(int n) {
  return std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000 + n));
}

OwnedBytes some_bytes(std::size_t size, int n) { return OwnedBytes(size, static_cast<std::byte>(n)); }

}  // namespace

Folder::Folder() {
  // In memory where that is possible: what is tested is not the disk.
  const bool has_memory = ::getenv("TMPDIR") == nullptr && ::access("/dev/shm", W_OK | X_OK) == 0;
  const auto parent = has_memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
  std::string name = (parent / "keyway-store-XXXXXX").native();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = std::filesystem::canonical(name);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> Folder::names() const {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) all.push_back(entry.path().filename());
  std::ranges::sort(all);
  return all;
}

StoreSettings quick(const std::filesystem::path& path) {
  return {.path = path, .patience = std::chrono::milliseconds(0), .vfs = FaultVfs::name()};
}

void must_be(bool ok, const std::string& words) { REQUIRE_MESSAGE(ok, words); }

WrappedKey sample_key(int n, const std::string& key_id, const std::string& version) {
  WrappedKey key{key_id, version, VaultMechanism{.mount = "transit"}, {}, {}};
  key.ciphertext = owned(bytes_of(fmt::format("vault:v{}:{:064}", version, n)));
  key.check_value.fill(static_cast<std::byte>(n));
  return key;
}

KmsRow sample_kms(RowId id, bool is_current) {
  return {.id = id,
          .is_current = is_current,
          .settings = fmt::format(R"({{"vault": "https://kms{}:8200"}})", id),
          .sealed = some_bytes(40, static_cast<int>(id)),
          .set_at = at(static_cast<int>(id))};
}

LoginRow sample_login(RowId id, RowId kms) {
  return {id, kms, "team", fmt::format("role-{}", id), "stored", some_bytes(32, static_cast<int>(id))};
}

FilesystemRow sample_filesystem(int n) {
  FilesystemRow row;
  row.id = fmt::format("{:032x}", n + 1);
  row.name = fmt::format("fs-{}", n);
  row.created = at(n);
  return row;
}

FilesystemRow encrypted(int n, RowId kms, const WrappedKey& key) {
  FilesystemRow row = sample_filesystem(n);
  row.kms = kms;
  row.key = key;
  return row;
}

Event sample_event(int n) {
  return {.at = at(n), .kind = "fs-create", .filesystem = fmt::format("fs-{}", n), .detail = "made"};
}

RowId add_sample_kms(Store& store, bool is_current) {
  const RowId id = must(store.next_kms_id());
  return must(store.add_kms(sample_kms(id, is_current)));
}

RowId add_sample_login(Store& store, RowId kms) {
  const RowId id = must(store.next_login_id());
  must(store.put_login(sample_login(id, kms)));
  return id;
}

void fill(Store& store, int filesystems) {
  must(store.change([&]() -> Result<void> {
    must(store.set_state_key_id("state key"));
    const RowId kms[] = {add_sample_kms(store, false), add_sample_kms(store, true)};
    const RowId logins[] = {add_sample_login(store, kms[0]), add_sample_login(store, kms[1])};
    for (int n = 0; n < filesystems; ++n) {
      FilesystemRow row = sample_filesystem(n);
      if (n % 5 != 0) {
        row.kms = kms[n % 2];
        row.key = sample_key(n, n % 3 == 0 ? "own" : "cluster", n % 2 == 0 ? "1" : "2");
      }
      if (n % 3 == 0) {
        row.own_key = "own";
        row.own_namespace = "team";
        if (row.key) row.own_login = row.login = logins[n % 2];
      }
      must(store.add(row));
      must(store.add_event(sample_event(n)));
    }
    return {};
  }));
}

std::string line(const FilesystemRow& row) {
  if (row.damage) return fmt::format("filesystem {}: {}", row.number, describe(*row.damage));
  return fmt::format("filesystem {} {} {} {} [{}] [{}] {} {} {} {}", row.number, row.id, row.name,
                     row.created.time_since_epoch().count(), row.own_key, row.own_namespace, row.own_login,
                     row.kms, row.login, row.key ? to_text(*row.key) : "-");
}

std::string line(const KeyCount& count) {
  return fmt::format("count {} {} {} {} [{}] [{}] {}: {}", count.kms, count.login, count.key_id,
                     count.key_version, count.own_key, count.own_namespace, count.own_login,
                     count.filesystems);
}

std::string line(const KmsRow& row) {
  return fmt::format("kms {} {} {} {} {} {}", row.id, row.is_current, row.revision, row.settings,
                     to_hex(row.sealed), row.set_at.time_since_epoch().count());
}

std::string line(const LoginRow& row) {
  return fmt::format("login {} {} {} {} {} {}", row.id, row.kms, row.name_space, row.role_id, row.source,
                     to_hex(row.sealed));
}

std::string line(const Event& event) {
  return fmt::format("event {} {} {} {} {}", event.number, event.at.time_since_epoch().count(), event.kind,
                     event.filesystem, event.detail);
}

namespace {

// Lines collects answers, and the first error.
class Lines {
 public:
  template <class Row>
  void add(const Result<std::vector<Row>>& rows) {
    if (!rows) return fail_with(rows.error());
    for (const auto& row : *rows) all_.push_back(line(row));
  }
  template <class T>
  void add(std::string_view what, const Result<T>& value) {
    if (!value) return fail_with(value.error());
    all_.push_back(fmt::format("{} {}", what, *value));
  }
  void add(const Result<std::optional<LoginRow>>& row) {
    if (!row) return fail_with(row.error());
    if (*row) all_.push_back(line(**row));
  }
  Result<std::vector<std::string>> done() && {
    if (error_) return std::unexpected(*error_);
    return std::move(all_);
  }

 private:
  void fail_with(const Error& error) {
    if (!error_) error_ = error;
  }
  std::vector<std::string> all_;
  std::optional<Error> error_;
};

}  // namespace

Result<std::vector<std::string>> lines(Store& store) {
  Lines all;
  all.add("identity", store.identity());
  all.add("state key", store.state_key_id());
  all.add(store.all_kms());
  for (RowId id = 1; id <= 4; ++id) all.add(store.login(id));
  const auto filesystems = store.filesystems_after(0, 1'000'000);
  all.add(filesystems);
  all.add(store.key_counts());
  all.add("filesystems", store.count());
  all.add("encrypted", store.count(true));
  all.add(store.events_after(0, 1'000'000));
  return std::move(all).done();
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_content(const std::filesystem::path& file, std::string_view content) {
  std::ofstream(file, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
  std::filesystem::permissions(file, std::filesystem::perms(0600));
}

unsigned mode_of(const std::filesystem::path& file) {
  struct stat status{};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return static_cast<unsigned>(status.st_mode) & 07777U;
}

void execute(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
  const int code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
  const std::string words = sqlite3_errmsg(database);
  sqlite3_close(database);
  REQUIRE_MESSAGE(code == SQLITE_OK, words);
}

void copy_files(const std::filesystem::path& from, const std::filesystem::path& to) {
  for (const char* ending : {"", "-wal", "-journal"}) {
    const std::filesystem::path source = from.native() + ending, target = to.native() + ending;
    std::filesystem::remove(target);
    if (std::filesystem::exists(source)) std::filesystem::copy_file(source, target);
  }
  std::filesystem::remove(to.native() + "-shm");
}

}  // namespace keyway::keyring::test
