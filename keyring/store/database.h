// A thin layer over SQLite: a connection, queries with statements that are kept, and SQLite's codes as
// our errors. Private to keyring/store.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include <core/bytes.h>
#include <core/error.h>

struct sqlite3;
struct sqlite3_stmt;

namespace keyway::keyring {

inline constexpr Text restore_advice = "restore a backup: kmsctl restore FILE";

// Database is one connection, with foreign keys, full sync and SQLite's defences on. Not thread-safe.
class Database {
 public:
  // open takes a file that exists; no content of it is used or written yet. At first a connection
  // closes quietly: it leaves the -wal beside the file alone when it ends, as long as the file is not
  // known to be good.
  static Result<Database> open(const std::filesystem::path& path, const char* vfs,
                               std::chrono::milliseconds patience);
  // in_memory is empty and ends with the connection.
  static Result<Database> in_memory();

  const std::filesystem::path& path() const { return path_; }
  sqlite3* handle() const { return handle_.get(); }
  bool in_transaction() const;
  bool is_read_only() const;
  Result<void> close_quietly(bool on);
  // configure sets full sync and what else SQLite keeps for a connection; for that it looks into the
  // file.
  Result<void> configure();

  // run executes one statement, script several without values. `doing` is for the error.
  using Value = std::variant<std::monostate, std::int64_t, Text, Bytes>;  // monostate: NULL
  Result<void> run(Text doing, Text sql, std::initializer_list<Value> values = {});
  Result<void> script(Text doing, const std::string& sql);
  // number gives the first column of the first row, `otherwise` where there is none or it is NULL.
  Result<std::int64_t> number(Text doing, Text sql, std::initializer_list<Value> values = {},
                              std::int64_t otherwise = 0);
  // How many rows the last statement changed.
  std::int64_t changed() const;

  // transaction runs `body` between BEGIN IMMEDIATE and COMMIT, or rolls back and gives its error.
  Result<void> transaction(Text doing, const std::function<Result<void>()>& body);

  // failed turns a code of SQLite into an error that names the file and what was being done.
  std::unexpected<Error> failed(Text doing, int code) const;

 private:
  friend class Query;
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  static Result<Database> connect(const std::filesystem::path& path, const std::string& name, int flags,
                                  const char* vfs, std::chrono::milliseconds patience);
  Result<void> defend();
  Result<Statement> take(Text doing, Text sql);

  std::filesystem::path path_;
  std::chrono::milliseconds patience_{};
  std::unique_ptr<sqlite3, Close> handle_;
  std::map<std::string, Statement, std::less<>> kept_;  // not in use; end before the handle
};

// Query is one execution of a statement. Errors are latched: ask ended() when next() gave false.
//   Query query(db, "list", "SELECT ...", {number});
//   while (query.next()) ...
//   if (auto ended = query.ended(); !ended) return ...
class Query {
 public:
  Query(Database& database, Text doing, Text sql, std::initializer_list<Database::Value> values = {});
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  bool next();
  Result<void> ended() const { return result_; }

  // Of the current row; views are valid until the next call of next().
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  Text text(int column) const;
  Bytes blob(int column) const;

 private:
  Result<void> bind(int index, const Database::Value& value);

  Database& database_;
  std::string doing_, sql_;
  Database::Statement statement_;
  Result<void> result_;
};

}  // namespace keyway::keyring
