// How both tools end. Scripts depend on these numbers: they change never.
#pragma once

#include <core/error.h>

namespace keyway::cli {

enum class Exit : int {
  done = 0,
  usage = 2,        // wrong command line, or input that is refused before anything is sent
  refused = 3,      // the KMS, or the protocol version in use, says no
  unreachable = 4,  // no connection, TLS failed, or the deadline passed
  integrity = 5,    // a blob, an answer or a check value is not what it should be
  not_found = 6,    // no such key, object or file
  partly_done = 7,  // some items failed; each was named
  internal = 70,    // a defect of the program or of the system below it
};

constexpr Exit exit_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_input: return Exit::usage;
    case ErrorKind::refused:
    case ErrorKind::unsupported: return Exit::refused;
    case ErrorKind::unreachable:
    case ErrorKind::cancelled: return Exit::unreachable;
    case ErrorKind::corrupt:
    case ErrorKind::not_mine: return Exit::integrity;
    case ErrorKind::not_found: return Exit::not_found;
    case ErrorKind::internal: return Exit::internal;
  }
  return Exit::internal;
}

}  // namespace keyway::cli
