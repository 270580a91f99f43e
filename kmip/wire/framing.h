// Framing of KMIP messages on a byte stream: a message is one TTLV structure with nothing around it (KMIP 2.1
// §10.1). No socket, clock, thread or lock here.
#pragma once

#include <optional>
#include <span>

#include <core/error.h>
#include <core/secret.h>
#include <kmip/ttlv/item.h>
#include <kmip/ttlv/limits.h>

namespace keyway::kmip {

// Frame collects one message from a stream that comes in pieces of any size.
class Frame {
 public:
  // `expected` is the tag the message must have: ResponseMessage for a client, RequestMessage for a server.
  Frame(Tag expected, const Limits& limits) : expected_(expected), limit_(limits.message) {}

  // inbox is where to read to next, never past the end of the message, and never larger than what has arrived
  // so far justifies: a peer that announces gigabytes has to send them first. Empty when complete.
  std::span<std::byte> inbox();
  // received says that `n` bytes were put at the start of the inbox. Error: corrupt, when this is no KMIP
  // message or a larger one than allowed; the stream cannot be used any further then.
  Result<void> received(std::size_t n);

  bool started() const { return filled_ > 0; }
  bool complete() const { return size_ > 0 && filled_ == size_; }
  std::size_t arrived() const { return filled_; }
  std::size_t expected_size() const { return size_; }  // 0: not known yet
  // take gives the complete message away and makes ready for the next.
  SecretBuffer take();

 private:
  Result<void> read_header();

  Tag expected_;
  std::size_t limit_;
  SecretBuffer bytes_;
  std::size_t filled_ = 0;
  std::size_t size_ = 0;
};

}  // namespace keyway::kmip
