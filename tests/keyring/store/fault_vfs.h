// A VFS for SQLite that fails, or loses its power, at the n-th operation. It wraps SQLite's own.
#pragma once

#include <string>

namespace keyway::keyring::test {

// What happens at the n-th operation that may fail (open, write, sync, truncate, delete, shared memory).
enum class Fault {
  none,
  io_error,    // that one fails, the next ones work
  disk_full,   // the same, as a full disk; only writes and shared memory
  crash,       // all fail from then on, as if the process had died; what was written stays
  power_loss,  // the same, and what was not synced is gone
};

// The VFS has one state, shared by all connections through it. Nothing it does reaches the disk by
// force: syncs are remembered, not done. Not thread-safe.
class FaultVfs {
 public:
  static const char* name();  // for StoreSettings::vfs; registered at the first call

  // arm counts from here; n = 1 is the next operation. disarm lets everything work again; after a power
  // loss it takes back what was not synced, so all connections have to be closed by then.
  static void arm(Fault fault, int n);
  static void disarm();

  // Since arm: whether the fault came, and at what: "sync x.db-wal". "" when it did not.
  static const std::string& fired();
  // Operations since arm.
  static int operations();
};

}  // namespace keyway::keyring::test
