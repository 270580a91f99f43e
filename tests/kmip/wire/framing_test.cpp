#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include <kmip/wire/framing.h>
#include <tests/kmip/hex.h>
#include <tests/kmip/wire/response.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;
using keyway::test::from_hex;
using keyway::test::to_hex;

namespace {

Frame response_frame() { return Frame(Tag::ResponseMessage, Limits{}); }

// Moves at most `most` bytes from the front of `stream` to the frame, as a socket would.
Result<std::size_t> feed(Frame& frame, Bytes stream, std::size_t most) {
  const auto room = frame.inbox();
  const std::size_t n = std::min({most, room.size(), stream.size()});
  std::ranges::copy(stream.first(n), room.begin());
  if (auto taken = frame.received(n); !taken) return std::unexpected(std::move(taken.error()));
  return n;
}

// A response of about `size` bytes, all of it an opaque payload.
OwnedBytes message_of(std::size_t size) {
  OwnedBytes payload;
  {
    SecretBuffer out;
    Writer(out).bytes(Tag::Data, OwnedBytes(size, std::byte{0xab}));
    payload = owned(out.view());
  }
  return response({success(Operation::Encrypt, payload)});
}

// The header of a message with this tag, type and length.
OwnedBytes head(std::uint32_t tag, std::uint8_t type, std::uint32_t length) {
  OwnedBytes bytes(item_header_size);
  store32(bytes.data(), tag << 8 | type);
  store32(bytes.data() + 4, length);
  return bytes;
}

Error refused(Bytes bytes, const Limits& limits = {}) {
  Frame frame(Tag::ResponseMessage, limits);
  const auto taken = feed(frame, bytes, bytes.size());
  REQUIRE_FALSE(taken);
  return taken.error();
}

}  // namespace

TEST_CASE("two messages in one stream arrive whole at every read size") {
  const OwnedBytes first = message_of(100);
  const OwnedBytes second = message_of(0);
  OwnedBytes stream = first;
  stream.insert(stream.end(), second.begin(), second.end());
  for (std::size_t most = 1; most <= stream.size(); ++most) {
    CAPTURE(most);
    Frame frame = response_frame();
    Bytes left = stream;
    for (const OwnedBytes& expected : {first, second}) {
      CHECK_FALSE(frame.started());
      while (!frame.complete()) {
        const auto n = feed(frame, left, most);
        REQUIRE(n);
        REQUIRE(*n > 0);
        left = left.subspan(*n);
      }
      CHECK(frame.inbox().empty());
      CHECK(frame.expected_size() == expected.size());
      const SecretBuffer message = frame.take();
      REQUIRE(to_hex(message.view()) == to_hex(expected));
    }
    CHECK(left.empty());
  }
}

TEST_CASE("a message arrives whole however it is split in two") {
  const OwnedBytes message = message_of(64);
  for (std::size_t cut = 1; cut < message.size(); ++cut) {
    CAPTURE(cut);
    Frame frame = response_frame();
    for (Bytes part : {Bytes(message).first(cut), Bytes(message).subspan(cut)}) {
      CHECK_FALSE(frame.complete());
      while (!part.empty()) {
        const auto n = feed(frame, part, part.size());
        REQUIRE(n);
        part = part.subspan(*n);
      }
    }
    REQUIRE(frame.complete());
    CHECK(to_hex(frame.take().view()) == to_hex(message));
  }
}

TEST_CASE("the inbox grows with what arrived, whatever was announced") {
  const OwnedBytes message = message_of(1 << 20);
  for (const std::size_t most : {std::size_t{1}, std::size_t{1000}, std::size_t{16'384}, message.size()}) {
    CAPTURE(most);
    Frame frame = response_frame();
    Bytes left = message;
    // One byte at a time is only tried where the limit starts to matter.
    const std::size_t enough = most == 1 ? 10'000 : message.size();
    while (frame.arrived() < enough && !frame.complete()) {
      const std::size_t arrived = frame.arrived();
      const std::size_t room = frame.inbox().size();
      REQUIRE(arrived + room <= std::max<std::size_t>(4096, 2 * arrived));
      const auto n = feed(frame, left, most);
      REQUIRE(n);
      left = left.subspan(*n);
    }
    if (most > 1) CHECK(to_hex(frame.take().view()) == to_hex(message));
  }
}

TEST_CASE("a message without content is complete with its header") {
  Frame frame = response_frame();
  REQUIRE(feed(frame, head(0x42007B, 1, 0), 8));
  CHECK(frame.complete());
}

TEST_CASE("a server's frame takes requests and no responses") {
  Frame frame(Tag::RequestMessage, Limits{});
  CHECK(feed(frame, head(0x420078, 1, 64), 8));
  Frame other(Tag::RequestMessage, Limits{});
  CHECK_FALSE(feed(other, head(0x42007B, 1, 64), 8));
}

TEST_CASE("messages over the limit are refused by their header alone") {
  const Limits limits{.message = 1000};
  Frame fits(Tag::ResponseMessage, limits);
  CHECK(feed(fits, head(0x42007B, 1, 992), 8));
  const Error above = refused(head(0x42007B, 1, 1000), limits);
  CHECK(above.kind == ErrorKind::corrupt);
  CHECK(above.what == "the peer announces a message of 1008 bytes; at most 1000 are accepted");
  const Error huge = refused(head(0x42007B, 1, 0xFFFFFFF8));
  CHECK(huge.kind == ErrorKind::corrupt);
  CHECK(huge.what == "the peer announces a message of 4294967296 bytes; at most 8388608 are accepted");
}

TEST_CASE("what is not KMIP is named for what it is") {
  struct Case {
    OwnedBytes bytes;
    Text says;
  };
  const Case cases[] = {
      {owned(bytes_of("HTTP/1.1 400 Bad Request\r\n")), "it answers in HTTP"},
      {owned(bytes_of("<?xml version=\"1.0\"?>")), "it answers in XML or HTML"},
      {owned(bytes_of("SSH-2.0-OpenSSH_9.2\r\n")), "it is an SSH server"},
      {OwnedBytes(8), "starts with tag 0x000000 and type 00 where ResponseMessage is expected"},
      {head(0x420078, 1, 64), "starts with tag RequestMessage and type 01 where ResponseMessage is expected"},
      {head(0x42007B, 2, 64), "its ResponseMessage has type 02 where a structure (01) is expected"},
      {head(0x42007B, 1, 63), "its ResponseMessage announces 63 bytes, which is no multiple of 8"},
      {head(0x42007B, 1, 0xFFFFFFFF), "announces 4294967295 bytes, which is no multiple of 8"},
  };
  std::set<std::string> texts;
  for (const Case& one : cases) {
    const Error error = refused(one.bytes);
    INFO(error.what);
    CHECK(error.kind == ErrorKind::corrupt);
    CHECK(contains(error.what, one.says));
    CHECK(contains(error.advice, "is this the KMIP port"));
    CHECK(texts.insert(error.what).second);
  }
}

TEST_CASE("nothing is judged before the header is whole") {
  const OwnedBytes bytes = owned(bytes_of("HTTP/1.1"));
  for (std::size_t n = 1; n < bytes.size(); ++n) {
    Frame frame = response_frame();
    CHECK(feed(frame, Bytes(bytes).first(n), n));
    CHECK(frame.arrived() == n);
    CHECK(frame.expected_size() == 0);
    CHECK_FALSE(frame.complete());
  }
}
