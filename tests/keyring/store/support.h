// What the tests of the store share: a folder, rows, all of a database as lines to compare.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <keyring/store/store.h>

namespace keyway::keyring::test {

// Folder is a temporary one, removed at the end. Its user is whoever runs the test.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  std::vector<std::string> names() const;  // sorted

 private:
  std::filesystem::path path_;
};

// quick has patience for nothing, and a VFS that does not wait for disks.
StoreSettings quick(const std::filesystem::path& path);

// must fails the test with the error's words.
template <class T>
T must(Result<T> result);
void must_be(bool ok, const std::string& words);

WrappedKey sample_key(int n, const std::string& key_id = "cluster", const std::string& version = "1");
KmsRow sample_kms(RowId id, bool is_current);
LoginRow sample_login(RowId id, RowId kms);
FilesystemRow sample_filesystem(int n);                            // not encrypted
FilesystemRow encrypted(int n, RowId kms, const WrappedKey& key);  // without a login
Event sample_event(int n);

RowId add_sample_kms(Store& store, bool is_current = true);
RowId add_sample_login(Store& store, RowId kms);
// fill adds two KMSs with a login each, `filesystems` of all kinds and some events, as one change.
void fill(Store& store, int filesystems);

// lines is all that the interface tells of a database; identity is left out of lines_of_rows.
Result<std::vector<std::string>> lines(Store& store);
std::string line(const KmsRow& row);
std::string line(const LoginRow& row);
std::string line(const Event& event);
std::string line(const FilesystemRow& row);
std::string line(const KeyCount& count);

std::string content_of(const std::filesystem::path& file);
void write_content(const std::filesystem::path& file, std::string_view content);
unsigned mode_of(const std::filesystem::path& file);
// execute runs SQL as another program would.
void execute(const std::filesystem::path& file, const std::string& sql);
// copy_files copies a database with what stands beside it, but the lock and -shm.
void copy_files(const std::filesystem::path& from, const std::filesystem::path& to);

template <class T>
T must(Result<T> result) {
  must_be(result.has_value(), result ? "" : describe(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace keyway::keyring::test
