#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <vector>

#include <sqlite3.h>

#include <tests/keyring/store/fault_vfs.h>

namespace keyway::keyring::test {

namespace {

// Undo is what a write since the last sync has to be taken back with.
struct Undo {
  sqlite3_int64 offset = 0, size_before = 0;
  std::vector<char> bytes_before;
};

struct State {
  Fault fault = Fault::none;
  int left = 0, seen = 0;
  bool is_dead = false;
  std::string fired;
  std::map<std::string, std::vector<Undo>> unsynced;
};

State state;
sqlite3_vfs* real_vfs = nullptr;

struct File {
  sqlite3_file base;
  const char* path;  // SQLite's; lives as long as the file is open. Null: a temporary one
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

bool may_be_full(std::string_view operation) { return operation == "write" || operation == "shm"; }

// fails counts an operation and tells whether it is one that must not happen.
bool fails(std::string_view operation, const char* path) {
  if (state.is_dead) return true;
  if (state.fault == Fault::none) return false;
  if (state.fault == Fault::disk_full && !may_be_full(operation)) return false;
  ++state.seen;
  if (--state.left != 0) return false;
  state.fired = std::string(operation) + " " + (path == nullptr ? "" : path);
  state.is_dead = state.fault == Fault::crash || state.fault == Fault::power_loss;
  return true;
}

int code(int io_error) { return state.fault == Fault::disk_full ? SQLITE_FULL : io_error; }

void remember(File& file, int size, sqlite3_int64 offset) {
  if (file.path == nullptr) return;
  Undo undo{offset, 0, std::vector<char>(static_cast<std::size_t>(size))};
  file.real()->pMethods->xFileSize(file.real(), &undo.size_before);
  // What lies beyond the end is read as zeroes, and cut off again when it is taken back.
  file.real()->pMethods->xRead(file.real(), undo.bytes_before.data(), size, offset);
  state.unsynced[file.path].push_back(std::move(undo));
}

void take_back(const std::string& path, const std::vector<Undo>& writes) {
  if (!std::filesystem::exists(path)) return;
  for (auto undo = writes.rbegin(); undo != writes.rend(); ++undo) {
    {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(undo->offset);
      file.write(undo->bytes_before.data(), static_cast<std::streamsize>(undo->bytes_before.size()));
    }
    std::filesystem::resize_file(path, static_cast<std::uintmax_t>(undo->size_before));
  }
}

// --- what SQLite calls ---

int close_file(sqlite3_file* file) {
  sqlite3_file* real = of(file).real();
  return real->pMethods == nullptr ? SQLITE_OK : real->pMethods->xClose(real);
}

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  if (state.is_dead) return SQLITE_IOERR_READ;
  return of(file).real()->pMethods->xRead(of(file).real(), to, size, offset);
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  if (fails("write", of(file).path)) return code(SQLITE_IOERR_WRITE);
  remember(of(file), size, offset);
  return of(file).real()->pMethods->xWrite(of(file).real(), from, size, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (fails("truncate", of(file).path)) return SQLITE_IOERR_TRUNCATE;
  sqlite3_int64 before = 0;
  of(file).real()->pMethods->xFileSize(of(file).real(), &before);
  if (before > size) remember(of(file), static_cast<int>(before - size), size);
  return of(file).real()->pMethods->xTruncate(of(file).real(), size);
}

int sync_file(sqlite3_file* file, int) {
  if (fails("sync", of(file).path)) return SQLITE_IOERR_FSYNC;
  if (of(file).path != nullptr) state.unsynced.erase(of(file).path);
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return of(file).real()->pMethods->xFileSize(of(file).real(), size);
}

int lock_file(sqlite3_file* file, int level) {
  return of(file).real()->pMethods->xLock(of(file).real(), level);
}

int unlock_file(sqlite3_file* file, int level) {
  return of(file).real()->pMethods->xUnlock(of(file).real(), level);
}

int check_reserved(sqlite3_file* file, int* is_reserved) {
  return of(file).real()->pMethods->xCheckReservedLock(of(file).real(), is_reserved);
}

int control(sqlite3_file* file, int operation, void* argument) {
  return of(file).real()->pMethods->xFileControl(of(file).real(), operation, argument);
}

int sector_size(sqlite3_file* file) { return of(file).real()->pMethods->xSectorSize(of(file).real()); }

int characteristics(sqlite3_file* file) {
  return of(file).real()->pMethods->xDeviceCharacteristics(of(file).real());
}

int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** at) {
  if (fails("shm", of(file).path)) return code(SQLITE_IOERR_SHMMAP);
  return of(file).real()->pMethods->xShmMap(of(file).real(), page, size, extend, at);
}

int lock_shared(sqlite3_file* file, int offset, int n, int flags) {
  const bool is_unlock = (flags & SQLITE_SHM_UNLOCK) != 0;  // a process that dies gives its locks back
  if (!is_unlock && fails("shm", of(file).path)) return code(SQLITE_IOERR_SHMLOCK);
  return of(file).real()->pMethods->xShmLock(of(file).real(), offset, n, flags);
}

void shared_barrier(sqlite3_file* file) { of(file).real()->pMethods->xShmBarrier(of(file).real()); }

int unmap_shared(sqlite3_file* file, int removes) {
  const int really_removes = state.is_dead ? 0 : removes;
  return of(file).real()->pMethods->xShmUnmap(of(file).real(), really_removes);
}

const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = shared_barrier,
    .xShmUnmap = unmap_shared,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  if (fails("open", path)) return SQLITE_CANTOPEN;
  File& opened = of(file);
  opened.path = path;
  std::memset(opened.real(), 0, static_cast<std::size_t>(real_vfs->szOsFile));
  const int result = real_vfs->xOpen(real_vfs, path, opened.real(), flags, flags_out);
  // Whenever there are methods, SQLite closes the file, also one that could not be opened.
  if (opened.real()->pMethods != nullptr) file->pMethods = &methods;
  return result;
}

int delete_file(sqlite3_vfs*, const char* path, int syncs_folder) {
  if (fails("delete", path)) return SQLITE_IOERR_DELETE;
  state.unsynced.erase(path);
  (void)syncs_folder;
  return real_vfs->xDelete(real_vfs, path, 0);
}

}  // namespace

const char* FaultVfs::name() {
  static sqlite3_vfs vfs;
  static const char* const registered = [] {
    real_vfs = sqlite3_vfs_find(nullptr);
    vfs = *real_vfs;  // what is not about files is SQLite's own
    vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs->szOsFile;
    vfs.zName = "keyway-faults";
    vfs.pNext = nullptr;
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    sqlite3_vfs_register(&vfs, 0);
    return vfs.zName;
  }();
  return registered;
}

void FaultVfs::arm(Fault fault, int n) {
  state = State{.fault = fault, .left = n, .unsynced = std::move(state.unsynced)};
  state.unsynced.clear();  // what was there before counts as synced
}

void FaultVfs::disarm() {
  if (state.is_dead && state.fault == Fault::power_loss) {
    for (const auto& [path, writes] : state.unsynced) take_back(path, writes);
  }
  state.unsynced.clear();
  state.fault = Fault::none;
  state.is_dead = false;
}

const std::string& FaultVfs::fired() { return state.fired; }
int FaultVfs::operations() { return state.seen; }

}  // namespace keyway::keyring::test
