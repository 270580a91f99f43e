#include <chrono>
#include <string>

#include <tests/vault/http/answers.h>

using namespace keyway;
using namespace keyway::vault::http;
using namespace keyway::vault::http::test;
using std::chrono::seconds;

TEST_CASE("an answer with a length") {
  const Outcome out = answer(
      "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: application/json\r\n"
      "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 14\r\n\r\n{\"data\":null}\n");
  CHECK(out.response.status == 200);
  CHECK(out.response.reason == "OK");
  CHECK(out.response.keep_alive);
  CHECK_FALSE(out.response.location);
  CHECK_FALSE(out.response.retry_after);
  CHECK(body_of(out) == "{\"data\":null}\n");
}

TEST_CASE("an answer in chunks, with extensions and trailers") {
  const Outcome out = answer(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n1;a=b;c=\"d\"\r\n \r\n00000b\r\nbeautiful w\r\nA\r\norld of ch\r\n4\r\nunks\r\n0\r\n"
      "Location: /trailers/are/not/believed\r\nRetry-After: 1\r\n\r\n");
  CHECK(body_of(out) == "hello beautiful world of chunks");
  CHECK_FALSE(out.response.location);
  CHECK_FALSE(out.response.retry_after);
  CHECK(out.response.keep_alive);
}

TEST_CASE("an answer that goes on to the end of the connection") {
  const Text text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}\n";
  const Outcome open = read(text);
  CHECK_FALSE(open.error);
  CHECK_FALSE(open.done);
  const Outcome out = answer(text, true);
  CHECK(body_of(out) == "{}\n");
  CHECK_FALSE(out.response.keep_alive);
  CHECK(body_of(answer("HTTP/1.0 200 OK\r\n\r\n", true)).empty());
}

TEST_CASE("answers without a body") {
  const struct {
    Text text;
    Method asked;
    int status;
  } cases[] = {
      {"HTTP/1.1 204 No Content\r\nContent-Type: application/json\r\n\r\n", Method::post, 204},
      {"HTTP/1.1 304 Not Modified\r\n\r\n", Method::get, 304},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Method::get, 304},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", Method::get, 204},
      {"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", Method::get, 204},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Method::head, 200},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Method::head, 200},
      {"HTTP/1.1 429 Too Many Requests\r\n\r\n", Method::head, 429},
      {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n", Method::head, 200},
      {"HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n\r\n", Method::get, 307},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Method::get, 200},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const Outcome out = answer(c.text, false, c.asked);
    CHECK(out.taken == c.text.size());
    CHECK(out.response.status == c.status);
    CHECK(out.response.body.empty());
  }
}

TEST_CASE("what follows an answer is left to the caller") {
  const Text answers[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nA: b\r\n\r\n",
      "HTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
  };
  for (const Text text : answers)
    for (const Text next :
         {Text("HTTP/1.1 500 Other\r\n\r\n"), Text("garbage"), Text("\r\n"), Text("\0", 1)}) {
      CAPTURE(text);
      CHECK(answer(std::string(text) + std::string(next)).taken == text.size());
    }
}

TEST_CASE("a reader that is done takes nothing more") {
  ResponseReader reader(Method::get);
  CHECK_FALSE(reader.started());
  const Text text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  REQUIRE(reader.feed(bytes_of(text)) == text.size());
  CHECK(reader.started());
  CHECK(reader.done());
  CHECK(reader.feed(bytes_of("more")) == 0U);
  CHECK(reader.end());
  CHECK(text_of(reader.take().body.view()) == "{}");
}

TEST_CASE("feeding nothing changes nothing") {
  ResponseReader reader(Method::get);
  CHECK(reader.feed({}) == 0U);
  CHECK_FALSE(reader.started());
  REQUIRE(reader.feed(bytes_of("HTTP/1.1 200 OK\r\n\r\n{")));
  CHECK(reader.feed({}) == 0U);
  CHECK_FALSE(reader.done());
  REQUIRE(reader.feed(bytes_of("}")));
  REQUIRE(reader.end());
  CHECK(text_of(reader.take().body.view()) == "{}");
}

TEST_CASE("interim answers are skipped with all they say") {
  const Outcome out = answer(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLocation: /no\r\nRetry-After: 9\r\n"
      "Content-Length: 7\r\n\r\nHTTP/1.1 102 Processing\r\nConnection: close\r\n\r\n"
      "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\n{}");
  CHECK(out.response.status == 200);
  CHECK(out.response.reason == "Fine");
  CHECK_FALSE(out.response.location);
  CHECK_FALSE(out.response.retry_after);
  CHECK(out.response.keep_alive);
  CHECK(body_of(out) == "{}");
}

TEST_CASE("status, reason, location and delay") {
  const struct {
    Text head;
    int status;
    Text reason;
    std::optional<std::string> location;
    std::optional<seconds> delay;
  } cases[] = {
      {"HTTP/1.1 307 Temporary Redirect\r\nlocation:  https://b:8200/v1/x?y=z \r\n",
       307,
       "Temporary Redirect",
       "https://b:8200/v1/x?y=z",
       {}},
      {"HTTP/1.1 301 \r\nLocation: /a\r\nLocation: /b\r\n", 301, "", "/a", {}},
      {"HTTP/1.1 429\r\nRetry-After: 0\r\n", 429, "", {}, seconds(0)},
      {"HTTP/1.1 473 a  b\r\nRETRY-AFTER:12\r\n", 473, "a  b", {}, seconds(12)},
      {"HTTP/1.1 503 x\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", 503, "x", {}, {}},
      {"HTTP/1.1 503 x\r\nRetry-After: -1\r\n", 503, "x", {}, {}},
      {"HTTP/1.1 503 x\r\nRetry-After:\r\n", 503, "x", {}, {}},
      {"HTTP/1.1 503 x\r\nRetry-After: 18446744073709551615\r\n", 503, "x", {}, seconds(365 * 24 * 3600)},
      {"HTTP/1.1 503 x\r\nRetry-After: 99999999999999999999999\r\n", 503, "x", {}, {}},
      {"HTTP/1.1 500 a\x1b[31mb\xff\r\nX-Empty:\r\nLocation: /c\r\n", 500, "a?[31mb?", "/c", {}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.head);
    const Outcome out = answer(std::string(c.head) + "Content-Length: 0\r\n\r\n");
    CHECK(out.response.status == c.status);
    CHECK(out.response.reason == c.reason);
    CHECK(out.response.location == c.location);
    CHECK(out.response.retry_after == c.delay);
  }
}

TEST_CASE("whether the connection may be used again") {
  const struct {
    Text head;
    bool kept;
  } cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nconnection: x, Close\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.1 204 OK\r\nConnection: keep-alive\r\n\r\n", true},
      {"HTTP/1.1 413 Request Entity Too Large\r\nConnection: close\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", true},
  };
  for (const auto& c : cases) {
    CAPTURE(c.head);
    CHECK(answer(c.head).response.keep_alive == c.kept);
  }
}

TEST_CASE("a TLS port's answer to plain HTTP is an ordinary one") {
  const Outcome out =
      answer("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", true);
  CHECK(out.response.status == 400);
  CHECK(body_of(out) == "Client sent an HTTP request to an HTTPS server.\n");
}

TEST_CASE("a body may hold anything") {
  std::string body;
  for (int c = 0; c < 256; ++c) body.push_back(static_cast<char>(c));
  body += "\r\n\r\nHTTP/1.1 200 OK\r\n\r\n0\r\n\r\n";
  const std::string size = std::to_string(body.size());
  CHECK(body_of(answer("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n" + body)) == body);
  CHECK(body_of(answer("HTTP/1.1 200 OK\r\n\r\n" + body, true)) == body);
  const std::string chunk = fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", body.size(), body);
  CHECK(body_of(answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n" + chunk)) == body);
}

TEST_CASE("an answer cut short anywhere is an error and never a success") {
  const Text answers[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3;x=y\r\n{\"a\r\n4\r\n\":1}"
      "\r\n0\r\nTrailer: x\r\n\r\n",
      "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
  };
  for (const Text text : answers)
    for (const std::size_t step : {std::size_t{1}, std::string::npos}) {
      const Outcome whole = read(text, true, step);
      REQUIRE(whole.done);
      for (std::size_t n = 0; n < whole.taken; ++n) {
        CAPTURE(text.substr(0, n));
        const Outcome cut = read(text.substr(0, n), true, step);
        REQUIRE(cut.error);
        CHECK_FALSE(cut.done);
        CHECK(cut.error->kind == ErrorKind::unreachable);
      }
    }
}

TEST_CASE("how far an answer came is told") {
  CHECK(contains(refusal("", true).what, "without an answer"));
  CHECK(contains(refusal("HTTP/1.1 200 O", true).what, "after 14 bytes of its head"));
  CHECK(contains(refusal("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", true).what,
                 "3 bytes of 10 of its body"));
  CHECK(contains(refusal("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabc", true).what,
                 "after 3 bytes of its body"));
}
