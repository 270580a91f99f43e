// What must hold for any bytes whatever, checked by tests on changed messages and by the fuzzers on any.
#pragma once

#include <string>

#include <kmip/model/operations.h>
#include <kmip/ttlv/codec.h>

namespace keyway::test {

enum class Payloads : std::uint8_t {
  own,   // each payload is decoded as the operation beside it says
  every  // and as every other operation's, since a peer may claim any
};

// violation decodes `message` as a request or a response, its payloads and credentials too, and says which
// property of the codec that breaks; empty when none:
// - a decoding error lies inside the input and can be described;
// - what strict decoding takes is encoded to identical bytes;
// - encoding what lenient decoding took, at any version, fails or succeeds.
std::string violation(Bytes message, bool response, const kmip::Settings& settings,
                      Payloads payloads = Payloads::own);

// payload_violation is the same for one payload, an item of its own.
std::string payload_violation(Bytes item, const kmip::PayloadInfo& info, const kmip::Settings& settings);

// nonconformity decodes `message`, whose header says its version, strictly into the typed model, each payload
// as the operation beside it and each credential by its type, and encodes it again; it says what is refused
// or comes out as other bytes, and is empty when nothing is.
std::string nonconformity(Bytes message);

}  // namespace keyway::test
