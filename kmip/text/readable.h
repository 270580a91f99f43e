// A message as a tree that a person can read, for traces and diagnosis.
#pragma once

#include <string>

#include <core/secret.h>
#include <kmip/ttlv/limits.h>

namespace keyway::kmip {

// Reveal is what a caller must hand over to have secrets shown: making one is a decision a reviewer can find.
struct Reveal {
  explicit Reveal() = default;
};

// readable gives each item of `message` one line, ended by a line feed: its byte offset, its tag, its type
// and its value, indented by its depth.
//
//     0  RequestMessage  Structure, 176 bytes
//     8    RequestHeader  Structure, 56 bytes
//   112      Operation  Enumeration  Encrypt (0x0000001F)
//   144        Data  ByteString  <secret, 32 bytes>
//
// Values that are or may be secret show their length only: those under the registry's sensitive tags and all
// below them, byte and text strings under tags that the registry does not have, and bytes in custom
// attributes. Of other byte strings it shows the first 32 bytes, of texts the first 512, cleaned of what
// could drive a terminal. A damaged message is shown up to the damage; the last line then names the error.
// Takes any bytes; never fails. Thread-safe.
std::string readable(Bytes message, const Limits& limits = {});

// readable_with_secrets is the same with every value shown, in memory that wipes itself.
SecretBuffer readable_with_secrets(Bytes message, const Reveal& reveal, const Limits& limits = {});

}  // namespace keyway::kmip
