#include <cerrno>
#include <system_error>
#include <utility>

#include <sqlite3.h>

#include <core/file_steps.h>
#include <keyring/store/database.h>

namespace keyway::keyring {

namespace {

std::string duration(std::chrono::milliseconds time) {
  if (time.count() % 1000 == 0) return fmt::format("{} s", time.count() / 1000);
  return fmt::format("{} ms", time.count());
}

bool is_full(int code, int system_error) {
  const bool io = (code & 0xff) == SQLITE_IOERR;
  return (code & 0xff) == SQLITE_FULL || (io && (system_error == ENOSPC || system_error == EDQUOT));
}

bool is_read_only_error(int code, int system_error) {
  const int primary = code & 0xff;
  if (primary == SQLITE_READONLY) return true;
  const bool may_be = primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR;
  return may_be && (system_error == EROFS || system_error == EACCES || system_error == EPERM);
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void Database::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

std::unexpected<Error> Database::failed(Text doing, int code) const {
  const int system_error = handle_ ? sqlite3_system_errno(handle_.get()) : 0;
  const std::string file = shown(path_);
  const std::string words = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
  if (is_full(code, system_error)) {
    return fail_with_advice(ErrorKind::internal, "make room on it and try again", "{} in {}: disk full",
                            doing, file);
  }
  if (is_read_only_error(code, system_error)) {
    return fail_with_advice(ErrorKind::invalid_input, "use a user who may write to the file and its folder",
                            "{} in {}: the database or its folder is read-only for this user", doing, file);
  }
  switch (code & 0xff) {
    case SQLITE_BUSY:
      return fail_with_advice(ErrorKind::unreachable, "try again when it is done",
                              "{}: another process has been writing to {} for {}", doing, file,
                              duration(patience_));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    // Our own SQL does not fail to compile or to find its tables but on a schema that is damaged.
    case SQLITE_ERROR:
      return fail_with_advice(ErrorKind::corrupt, std::string(restore_advice),
                              "{} in {}: the database is damaged ({})", doing, file, printable(words));
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_RANGE:
      return fail(ErrorKind::invalid_input, "{} in {}: the database refuses it ({})", doing, file,
                  printable(words));
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return fail_with_advice(
          ErrorKind::internal, "look after the disk, then try again", "{} in {}: {} ({})", doing, file, words,
          system_error == 0 ? sqlite3_errstr(code) : std::generic_category().message(system_error));
    default: return fail(ErrorKind::internal, "{} in {}: {} ({})", doing, file, printable(words), code);
  }
}

Result<Database> Database::connect(const std::filesystem::path& path, const std::string& name, int flags,
                                   const char* vfs, std::chrono::milliseconds patience) {
  Database database;
  database.path_ = path;
  database.patience_ = patience;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, vfs);
  database.handle_.reset(handle);  // there is one even when it could not be opened, for the error
  if (code != SQLITE_OK) return database.failed("open", code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(patience.count()));
  if (auto defended = database.defend(); !defended) return std::unexpected(std::move(defended.error()));
  return database;
}

Result<Database> Database::open(const std::filesystem::path& path, const char* vfs,
                                std::chrono::milliseconds patience) {
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  // Absolute, so that no name means something else to SQLite (":memory:").
  std::error_code ignored;
  return connect(path, std::filesystem::absolute(path, ignored).native(), flags, vfs, patience);
}

Result<Database> Database::in_memory() {
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX;
  return connect(":memory:", ":memory:", flags, nullptr, {});
}

// defend sets what needs no look at the file. Hostile content must not run anything nor lead astray.
Result<void> Database::defend() {
  const std::pair<int, int> switches[] = {
      {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
      {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
      {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0},
      {SQLITE_DBCONFIG_ENABLE_FKEY, 1},    {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1}};
  for (const auto& [option, on] : switches) {
    const int code = sqlite3_db_config(handle_.get(), option, on, nullptr);
    if (code != SQLITE_OK) return failed("open", code);
  }
  return {};
}

Result<void> Database::configure() {
  return script("open",
                "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON;"
                "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA journal_size_limit = 4194304;");
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
bool Database::is_read_only() const { return sqlite3_db_readonly(handle_.get(), "main") != 0; }
std::int64_t Database::changed() const { return sqlite3_changes64(handle_.get()); }

Result<void> Database::close_quietly(bool on) {
  const int code = sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 1 : 0, nullptr);
  if (code != SQLITE_OK) return failed("open", code);
  return {};
}

Result<Database::Statement> Database::take(Text doing, Text sql) {
  if (auto found = kept_.find(sql); found != kept_.end() && found->second) return std::move(found->second);
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failed(doing, code);
  return Statement(statement);
}

Result<void> Database::run(Text doing, Text sql, std::initializer_list<Value> values) {
  Query query(*this, doing, sql, values);
  while (query.next()) continue;
  return query.ended();
}

Result<void> Database::script(Text doing, const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failed(doing, code);
  return {};
}

Result<std::int64_t> Database::number(Text doing, Text sql, std::initializer_list<Value> values,
                                      std::int64_t otherwise) {
  Query query(*this, doing, sql, values);
  const bool is_there = query.next();
  if (auto ended = query.ended(); !ended) return std::unexpected(std::move(ended.error()));
  return is_there && !query.is_null(0) ? query.integer(0) : otherwise;
}

namespace {

// Rollback undoes a transaction that is still open, also when an exception passes.
class Rollback {
 public:
  explicit Rollback(sqlite3* handle) : handle_(handle) {}
  Rollback(const Rollback&) = delete;
  Rollback& operator=(const Rollback&) = delete;
  ~Rollback() {
    // What SQLite could not undo on the disk is undone by the next process that opens the file.
    if (sqlite3_get_autocommit(handle_) == 0) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }

 private:
  sqlite3* handle_;
};

}  // namespace

Result<void> Database::transaction(Text doing, const std::function<Result<void>()>& body) {
  if (auto begun = run(doing, "BEGIN IMMEDIATE"); !begun) return begun;
  const Rollback rollback(handle_.get());
  if (auto done = body(); !done) return done;
  // Some errors end a transaction by themselves; what came after one must not pass for a change.
  if (!in_transaction()) return fail(ErrorKind::internal, "{} in {}: it was undone", doing, shown(path_));
  return run(doing, "COMMIT");
}

Query::Query(Database& database, Text doing, Text sql, std::initializer_list<Database::Value> values)
    : database_(database), doing_(doing), sql_(sql) {
  auto taken = database.take(doing, sql);
  if (!taken) {
    result_ = std::unexpected(std::move(taken.error()));
    return;
  }
  statement_ = std::move(*taken);
  int index = 0;
  for (const auto& value : values) {
    if (result_) result_ = bind(++index, value);
  }
}

Query::~Query() {
  if (!statement_) return;
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  database_.kept_.insert_or_assign(std::move(sql_), std::move(statement_));
}

Result<void> Query::bind(int index, const Database::Value& value) {
  sqlite3_stmt* statement = statement_.get();
  int code = SQLITE_OK;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    code = sqlite3_bind_int64(statement, index, *integer);
  } else if (const auto* text = std::get_if<Text>(&value)) {
    const char* data = text->empty() ? "" : text->data();  // a null pointer would be NULL
    code = sqlite3_bind_text64(statement, index, data, text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } else if (const auto* blob = std::get_if<Bytes>(&value)) {
    const void* data = blob->empty() ? static_cast<const void*>("") : blob->data();
    code = sqlite3_bind_blob64(statement, index, data, blob->size(), SQLITE_TRANSIENT);
  } else {
    code = sqlite3_bind_null(statement, index);
  }
  if (code != SQLITE_OK) return database_.failed(doing_, code);
  return {};
}

bool Query::next() {
  if (!result_) return false;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) result_ = database_.failed(doing_, code);
  return false;
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

Text Query::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data == nullptr ? Text() : Text(data, size);
}

Bytes Query::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data == nullptr ? Bytes() : Bytes(data, size);
}

}  // namespace keyway::keyring
