#include <string>

#include <tests/vault/http/answers.h>

using namespace keyway;
using namespace keyway::vault::http;
using namespace keyway::vault::http::test;

namespace {

constexpr Text chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

Error broken(Text text, const Limits& limits = {}) {
  const Error error = refusal(text, false, Method::get, limits);
  CHECK(error.kind == ErrorKind::corrupt);
  return error;
}

}  // namespace

TEST_CASE("what is not an HTTP/1 answer is refused") {
  const Text cases[] = {
      "garbage garbage garbage",
      "{\"data\":{}}",
      Text("\x15\x03\x01\x00\x02\x02\x46", 7),                               // a TLS alert
      Text("\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00", 14),  // HTTP/2 settings
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "HTTP/2 200\r\n\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/1.2 200 OK\r\n\r\n",
      "HTTP/0.9 200 OK\r\n\r\n",
      "HTTP/1.1 99 OK\r\n\r\n",
      "HTTP/1.1 1000 OK\r\n\r\n",
      "HTTP/1.1 2x0 OK\r\n\r\n",
      "HTTP/1.1 -20 OK\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "ICY 200 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
      "HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nA B: c\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\t2\r\n\r\n",
      "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
      "HTTP/1.1 200 OK\rA: b\r\n\r\n",
      "HTTP/1.1 200 OK\nA: b\n\n",
      "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA: b\r\n\rX",
  };
  for (const Text text : cases) {
    CAPTURE(text);
    broken(text);
  }
  CHECK(contains(broken("\x15\x03\x01").what, "not HTTP/1.1"));
}

TEST_CASE("an answer that can be read in two ways is refused") {
  const Text heads[] = {
      "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
      "Content-Length: 2\r\nContent-Length: 3\r\n",
      "Content-Length: 2, 2\r\n",
      "Content-Length: +2\r\n",
      "Content-Length: -2\r\n",
      "Content-Length: 0x2\r\n",
      "Content-Length: 2 3\r\n",
      "Content-Length:\r\n",
      "Content-Length: 18446744073709551616\r\n",
      "Transfer-Encoding: gzip\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: chunked, gzip\r\n",
      "Transfer-Encoding: chunked, chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding:\r\n",
      "Transfer-Encoding: \"chunked\"\r\n",
  };
  for (const Text head : heads)
    for (const Text status : {Text("HTTP/1.1 200 OK\r\n"), Text("HTTP/1.1 204 OK\r\n")}) {
      CAPTURE(head);
      broken(std::string(status) + std::string(head) + "\r\n2\r\n{}\r\n0\r\n\r\n");
    }
  broken("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

TEST_CASE("chunks that are none are refused") {
  const Text cases[] = {
      "x\r\n",
      "\r\n",
      "-1\r\n",
      "0x2\r\n{}\r\n",
      "10000000000000000\r\n",
      "fffffffffffffffff\r\n",
      "\xa3\r\n\r\n",
      "0\xa3\r\n\r\n",
      // Beyond its size, or without a line end.
      "2\r\n{}}\r\n0\r\n\r\n",
      "2\r\n{}XY0\r\n\r\n",
      "2\r\n{}0\r\n\r\n",
      // Line ends that are none.
      "2\n{}\n0\n\n",
      "2 \t \n{}",
      "2\r{}\r\n",
      "0\r\n\rX",
      "0\r\nA: b\n\r\n",
  };
  for (const Text chunks : cases) {
    CAPTURE(chunks);
    const Error error = refusal(std::string(chunked) + std::string(chunks), true);
    CHECK(error.kind == ErrorKind::corrupt);
  }
}

TEST_CASE("a head has at most so many bytes") {
  const Limits limits{.head = 100};
  const std::string start = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ";
  const auto head_of = [&](std::size_t n) {
    return start + std::string(n - start.size() - 4, 'x') + "\r\n\r\n";
  };
  answer(head_of(100), false, Method::get, limits);
  CHECK(contains(broken(head_of(101), limits).what, "longer than 100 bytes"));
  std::string blank;
  while (blank.size() <= 100) blank += "\r\n";
  broken(blank, limits);
  broken("HTTP/1.1 200 " + std::string(200, 'x'), limits);
  broken("HTTP/1.1 200 OK\r\n" + std::string(200, 'x'), limits);
  // Interim answers count, too.
  std::string many;
  for (int i = 0; i < 5; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
  broken(many, limits);
}

TEST_CASE("a head has at most so many fields, trailers too") {
  const Limits limits{.headers = 3};
  const Text fields = "A: 1\r\nB:\r\nC: 3\r\n";
  answer("HTTP/1.1 204 OK\r\n" + std::string(fields) + "\r\n", false, Method::get, limits);
  CHECK(contains(broken("HTTP/1.1 204 OK\r\n" + std::string(fields) + "D: 4\r\n\r\n", limits).what,
                 "more than 3 header fields"));
  const std::string trailed = std::string(chunked) + "0\r\n" + std::string(fields);
  answer(trailed + "\r\n", false, Method::get, limits);
  broken(trailed + "D: 4\r\n\r\n", limits);
}

TEST_CASE("a body has at most so many bytes") {
  const Limits limits{.body = 10};
  const std::string ten = "0123456789";
  answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + ten, false, Method::get, limits);
  // Announced, it is refused before any of it is there.
  CHECK(contains(broken("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", limits).what,
                 "11 bytes is longer than 10"));
  answer("HTTP/1.1 200 OK\r\n\r\n" + ten, true, Method::get, limits);
  broken("HTTP/1.1 200 OK\r\n\r\n" + ten + "x", limits);
  answer(std::string(chunked) + "a\r\n" + ten + "\r\n0\r\n\r\n", false, Method::get, limits);
  broken(std::string(chunked) + "a\r\n" + ten + "\r\n1\r\nx\r\n0\r\n\r\n", limits);
  broken(std::string(chunked) + "5\r\n01234\r\n6\r\n012345\r\n0\r\n\r\n", limits);
}

TEST_CASE("what stands around chunks does not go on for ever") {
  const Limits limits{.head = 100};
  const std::string long_text(150, 'x');
  broken(std::string(chunked) + "1;" + long_text, limits);
  broken(std::string(chunked) + "1;a=\"" + long_text, limits);
  broken(std::string(chunked) + std::string(150, '0') + "1\r\nx", limits);
  broken(std::string(chunked) + "0\r\nA: " + long_text, limits);
  broken(std::string(chunked) + "0\r\n" + long_text, limits);
  std::string wasteful(chunked);
  for (int i = 0; i < 100; ++i) wasteful += "1;ext=" + std::string(50, 'y') + "\r\nx\r\n";
  broken(wasteful + "0\r\n\r\n", limits);
  std::string single(chunked);
  for (int i = 0; i < 1000; ++i) single += "1\r\nx\r\n";
  CHECK(answer(single + "0\r\n\r\n", false, Method::get, limits).response.body.size() == 1000);
}

TEST_CASE("a length that is a lie takes no memory") {
  ResponseReader reader(Method::get);
  REQUIRE(reader.feed(bytes_of("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\nabc")));
  CHECK_FALSE(reader.done());
  REQUIRE(reader.feed(bytes_of(std::string(64, 'x'))));
  CHECK_FALSE(reader.end());
  Outcome out = answer("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n" + std::string(1 << 20, 'y'));
  CHECK(out.response.body.capacity() == 1 << 20);
}

TEST_CASE("an error is repeated, and nothing succeeds after it") {
  ResponseReader reader(Method::get);
  const auto first = reader.feed(bytes_of("nonsense"));
  REQUIRE_FALSE(first);
  const auto second = reader.feed(bytes_of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  REQUIRE_FALSE(second);
  CHECK(second.error().what == first.error().what);
  CHECK_FALSE(reader.done());
  const auto third = reader.end();
  REQUIRE_FALSE(third);
  CHECK(third.error().kind == ErrorKind::corrupt);

  ResponseReader cut(Method::get);
  REQUIRE(cut.feed(bytes_of("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")));
  CHECK_FALSE(cut.end());
  CHECK_FALSE(cut.feed(bytes_of("x")));
  CHECK_FALSE(cut.done());
}
