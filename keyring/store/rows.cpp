#include <algorithm>

#include <core/crypto.h>
#include <keyring/store/rows.h>

namespace keyway::keyring {

namespace {

class Columns {
 public:
  explicit Columns(Text table) { add(table); }

  Columns& add(Text text) { return add(bytes_of(text)); }
  Columns& add(Bytes bytes) {
    add_length(bytes.size());
    all_.insert(all_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Columns& add(std::int64_t number) {
    add_length(8);
    add_number(static_cast<std::uint64_t>(number));
    return *this;
  }
  RowChecksum checksum() const {
    const Sha256 hash = sha256(all_);
    RowChecksum first{};
    std::copy_n(hash.begin(), first.size(), first.begin());
    return first;
  }

 private:
  void add_length(std::size_t length) { add_number(length); }
  void add_number(std::uint64_t number) {
    for (const auto half : {static_cast<std::uint32_t>(number >> 32U), static_cast<std::uint32_t>(number)}) {
      const auto bytes = to_big_endian(half);
      all_.insert(all_.end(), bytes.begin(), bytes.end());
    }
  }

  OwnedBytes all_;
};

std::int64_t seconds(std::chrono::sys_seconds time) { return time.time_since_epoch().count(); }
std::chrono::sys_seconds time_of(std::int64_t seconds) {
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

bool is_same(Bytes stored, const RowChecksum& checksum) { return std::ranges::equal(stored, checksum); }

}  // namespace

const std::string select_keyring = "SELECT identity, state_key_id, checksum FROM keyring ";
const std::string select_kms =
    "SELECT id, is_current, revision, settings, sealed, set_at, checksum FROM kms ";
const std::string select_login = "SELECT id, kms, name_space, role_id, source, sealed, checksum FROM login ";
const std::string select_filesystem =
    "SELECT number, id, name, created, own_key, own_namespace, own_login, kms, login, key_id, key_version, "
    "key, checksum FROM filesystem ";
const std::string select_event = "SELECT number, at, kind, filesystem, detail, checksum FROM event ";

RowChecksum checksum_of(const KeyringRow& row) {
  return Columns("keyring").add(row.identity).add(row.state_key_id).checksum();
}

RowChecksum checksum_of(const KmsRow& row) {
  Columns columns("kms");
  columns.add(row.id).add(std::int64_t{row.is_current}).add(row.revision).add(row.settings).add(row.sealed);
  return columns.add(seconds(row.set_at)).checksum();
}

RowChecksum checksum_of(const LoginRow& row) {
  Columns columns("login");
  columns.add(row.id).add(row.kms).add(row.name_space).add(row.role_id).add(row.source).add(row.sealed);
  return columns.checksum();
}

RowChecksum checksum_of(const FilesystemRow& row, const KeyColumns& key) {
  Columns columns("filesystem");
  columns.add(row.number).add(row.id).add(row.name).add(seconds(row.created));
  columns.add(row.own_key).add(row.own_namespace).add(row.own_login).add(row.kms).add(row.login);
  return columns.add(key.id).add(key.version).add(key.binary).checksum();
}

RowChecksum checksum_of(const Event& row) {
  Columns columns("event");
  columns.add(row.number).add(seconds(row.at)).add(row.kind).add(row.filesystem).add(row.detail);
  return columns.checksum();
}

std::unexpected<Error> damaged(const Database& database, std::string_view row) {
  return fail_with_advice(ErrorKind::corrupt, std::string(restore_advice),
                          "{}: {} is damaged: its checksum does not fit",
                          printable(database.path().native(), 4096), printable(row));
}

Result<KeyringRow> read_keyring(const Query& query, const Database& database) {
  KeyringRow row{std::string(query.text(0)), std::string(query.text(1))};
  if (!is_same(query.blob(2), checksum_of(row))) return damaged(database, "the keyring's identity");
  return row;
}

Result<KmsRow> read_kms_row(const Query& query, const Database& database) {
  KmsRow row;
  row.id = query.integer(0);
  row.is_current = query.integer(1) != 0;
  row.revision = query.integer(2);
  row.settings = query.text(3);
  row.sealed = owned(query.blob(4));
  row.set_at = time_of(query.integer(5));
  if (!is_same(query.blob(6), checksum_of(row))) return damaged(database, fmt::format("KMS {}", row.id));
  return row;
}

Result<LoginRow> read_login(const Query& query, const Database& database) {
  LoginRow row;
  row.id = query.integer(0);
  row.kms = query.integer(1);
  row.name_space = query.text(2);
  row.role_id = query.text(3);
  row.source = query.text(4);
  row.sealed = owned(query.blob(5));
  if (!is_same(query.blob(6), checksum_of(row))) return damaged(database, fmt::format("login {}", row.id));
  return row;
}

Result<FilesystemRow> read_filesystem(const Query& query, const Database& database) {
  FilesystemRow row;
  row.number = query.integer(0);
  row.id = query.text(1);
  row.name = query.text(2);
  row.created = time_of(query.integer(3));
  row.own_key = query.text(4);
  row.own_namespace = query.text(5);
  row.own_login = query.integer(6);
  row.kms = query.integer(7);
  row.login = query.integer(8);
  const KeyColumns key{query.text(9), query.text(10), query.blob(11)};
  const auto name = fmt::format("filesystem {} ({})", row.number, printable(row.name, 64));
  if (!is_same(query.blob(12), checksum_of(row, key))) return damaged(database, name);
  if (query.is_null(11)) return row;
  auto wrapped = wrapped_key_from_binary(key.binary);
  if (!wrapped) {
    return fail_with_advice(ErrorKind::corrupt, std::string(restore_advice), "{}: the key of {}: {}",
                            printable(database.path().native(), 4096), name, wrapped.error().what);
  }
  // The columns are for counting; the key itself has the last word.
  if (wrapped->key_id != key.id || wrapped->key_version != key.version) return damaged(database, name);
  row.key = std::move(*wrapped);
  return row;
}

Result<Event> read_event(const Query& query, const Database& database) {
  Event row;
  row.number = query.integer(0);
  row.at = time_of(query.integer(1));
  row.kind = query.text(2);
  row.filesystem = query.text(3);
  row.detail = query.text(4);
  if (!is_same(query.blob(5), checksum_of(row)))
    return damaged(database, fmt::format("event {}", row.number));
  return row;
}

Result<FilesystemRow> read_any_filesystem(const Query& query, const Database& database) {
  auto row = read_filesystem(query, database);
  if (row) return row;
  FilesystemRow rest;
  rest.number = query.integer(0);
  rest.id = printable(query.text(1));
  rest.name = printable(query.text(2));
  rest.kms = query.integer(7);
  rest.damage = std::move(row.error());
  return rest;
}

Result<Event> read_any_event(const Query& query, const Database& database) {
  auto row = read_event(query, database);
  if (row) return row;
  Event rest;
  rest.number = query.integer(0);
  rest.kind = damaged_event;
  return rest;
}

}  // namespace keyway::keyring
