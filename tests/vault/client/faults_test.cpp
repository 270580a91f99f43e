// Every exchange of a conversation broken in every way: an answer or a clear error, in time, and nothing
// leaked.
#include <functional>

#include <doctest/doctest.h>

#include <core/hex.h>
#include <tests/vault/client/support.h>

using namespace keyway;
using namespace keyway::vault;
using namespace keyway::vault::test;
using Then = HttpAnswer::Then;

namespace {

// A fault makes another answer of the right one.
struct Fault {
  const char* name;
  std::function<HttpAnswer(HttpAnswer right)> make;
};

std::string head_of(const std::string& bytes) { return bytes.substr(0, bytes.find("\r\n\r\n") + 4); }
std::string body_of(const std::string& bytes) { return bytes.substr(bytes.find("\r\n\r\n") + 4); }
std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}
HttpAnswer of_length(const HttpAnswer& right, const std::string& length) {
  return {"HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + body_of(right.bytes), Then::close};
}

std::vector<Fault> faults() {
  std::vector<Fault> list = {
      {"closed", [](HttpAnswer) { return HttpAnswer{"", Then::close}; }},
      {"reset", [](HttpAnswer) { return HttpAnswer{"", Then::reset}; }},
      {"right, then closed", [](HttpAnswer right) { return HttpAnswer{right.bytes, Then::close}; }},
      {"right, then reset", [](HttpAnswer right) { return HttpAnswer{right.bytes, Then::reset}; }},
      {"right, and more", [](HttpAnswer right) { return HttpAnswer{right.bytes + "HTTP/1.1 200 OK\r\n"}; }},
      {"right, twice", [](HttpAnswer right) { return HttpAnswer{right.bytes + right.bytes}; }},
      {"garbage", [](HttpAnswer) { return HttpAnswer{"\x16\x03\x01 not HTTP at all\r\n\r\n", Then::close}; }},
      {"zeroes", [](HttpAnswer) { return HttpAnswer{std::string(4096, '\0'), Then::close}; }},
      {"an SSH server", [](HttpAnswer) { return HttpAnswer{"SSH-2.0-OpenSSH_9.2\r\n", Then::close}; }},
      {"HTTP/2",
       [](HttpAnswer) { return HttpAnswer{std::string("\0\0\x12\x04\0\0\0\0\0", 9), Then::close}; }},
      {"length too small", [](HttpAnswer right) { return of_length(right, "9"); }},
      {"length too large", [](HttpAnswer right) { return of_length(right, "999999"); }},
      {"length of a petabyte", [](HttpAnswer right) { return of_length(right, "1125899906842624"); }},
      {"length beyond numbers", [](HttpAnswer right) { return of_length(right, repeated("9", 40)); }},
      {"negative length", [](HttpAnswer right) { return of_length(right, "-1"); }},
      {"a page of a proxy",
       [](HttpAnswer) {
         return HttpAnswer{
             "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: "
             "13\r\n\r\n<html></html>"};
       }},
      {"JSON of something else", [](HttpAnswer) { return json_answer(R"({"hello":["world"]})"); }},
      {"JSON of the wrong types", [](HttpAnswer) { return json_answer(R"({"data":[1],"auth":"x"})"); }},
      {"JSON cut short", [](HttpAnswer) { return json_answer(R"({"data":{"plaintext":"AAAA)"); }},
      {"JSON without end", [](HttpAnswer) { return json_answer(repeated("[", 100'000)); }},
      {"no JSON", [](HttpAnswer) { return json_answer("<html>Welcome</html>"); }},
      {"nothing at all", [](HttpAnswer) { return json_answer(""); }},
      {"no content", [](HttpAnswer) { return HttpAnswer{"HTTP/1.1 204 No Content\r\n\r\n"}; }},
      {"status 500", [](HttpAnswer) { return json_answer(R"({"errors":["internal error"]})", 500); }},
      {"status 503", [](HttpAnswer) { return json_answer(R"({"errors":["Vault is sealed"]})", 503); }},
      {"status 429",
       [](HttpAnswer) {
         return json_answer(R"({"errors":["rate limit quota exceeded"]})", 429, "Retry-After: 0\r\n");
       }},
      {"status 403", [](HttpAnswer) { return json_answer(R"({"errors":["permission denied"]})", 403); }},
      {"status 400", [](HttpAnswer) { return json_answer(R"({"errors":["no"]})", 400); }},
      {"status 307 to nowhere",
       [](HttpAnswer) { return json_answer("", 307, "Location: http://127.0.0.1:1/v1/x\r\n"); }},
      {"status 307 without an address", [](HttpAnswer) { return json_answer("", 307); }},
      {"status 999", [](HttpAnswer) { return json_answer("{}", 999); }},
      {"a huge header",
       [](HttpAnswer right) {
         return HttpAnswer{
             "HTTP/1.1 200 OK\r\nX-Huge: " + repeated("h", 300'000) + "\r\n" + right.bytes.substr(17),
             Then::close};
       }},
      {"very many headers",
       [](HttpAnswer right) {
         return HttpAnswer{"HTTP/1.1 200 OK\r\n" + repeated("X-Many: 1\r\n", 5'000) + right.bytes.substr(17),
                           Then::close};
       }},
      {"endless headers",
       [](HttpAnswer) { return HttpAnswer{repeated("X-Endless: 1\r\n", 1'000), Then::repeat}; }},
      {"an answer of headers without end",
       [](HttpAnswer) {
         return HttpAnswer{"HTTP/1.1 200 OK\r\n" + repeated("X-Endless: 1\r\n", 9'000), Then::stall};
       }},
      {"endless interim answers",
       [](HttpAnswer) { return HttpAnswer{repeated("HTTP/1.1 100 Continue\r\n\r\n", 500), Then::repeat}; }},
      {"a chunk of a wrong size",
       [](HttpAnswer) {
         return HttpAnswer{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}\r\n0\r\n\r\n",
                           Then::close};
       }},
      {"chunks and a length",
       [](HttpAnswer) {
         return HttpAnswer{
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
             Then::close};
       }},
  };
  return list;
}

// Cut at every byte near the borders of head and body, and here and there between.
std::vector<std::size_t> cuts(const std::string& bytes) {
  std::vector<std::size_t> at = {1, 8, 9, 12, 16, 17};
  const std::size_t head = head_of(bytes).size();
  for (const std::size_t near : {head, bytes.size()}) {
    for (std::size_t back = 1; back <= 4; ++back) at.push_back(near - back);
  }
  at.push_back(head);
  at.push_back(head + 1);
  at.push_back((head + bytes.size()) / 2);
  return at;
}

// Everything that a client may say about a failure, and nothing that it must keep to itself.
void check_clear(const Error& error, const Secret& key) {
  const std::string text = describe(error);
  CAPTURE(text);
  CHECK(error.kind != ErrorKind::internal);
  CHECK(error.what.size() > 10);
  CHECK(text.size() < 2'000);
  CHECK(text.find("t0ken") == std::string::npos);
  CHECK(text.find("s3cret") == std::string::npos);
  CHECK(text.find(to_base64_secret(key.reveal()).reveal_text().substr(0, 12)) == std::string::npos);
  CHECK(text.find_first_of("\r\n\t") == std::string::npos);
}

// Wraps, unwraps and rewraps while exchange number `broken` goes wrong.
void converse(std::size_t broken, const std::function<HttpAnswer(HttpAnswer)>& make,
              std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
  const HttpPeer peer([&](const HttpRequest& request, std::size_t index) {
    const HttpAnswer right = good_answer(request);
    return index == broken ? make(right) : right;
  });
  ClientSettings settings = settings_for(peer);
  settings.login = role_login();
  settings.request_timeout = timeout;
  BlockingClient client(std::move(settings));
  VaultWrapper wrapper(client.async(), {.key = fs_key});
  const Secret key = system_random().secret(32);
  const auto blob = wrap_one(wrapper, key.duplicate(), bytes_of("fs-1"));
  if (!blob) return check_clear(blob.error(), key);
  const auto opened = unwrap_one(wrapper, *blob, bytes_of("fs-1"));
  if (opened)
    CHECK(*opened == key);
  else
    check_clear(opened.error(), key);
  const auto moved = rewrap_one(wrapper, *blob, bytes_of("fs-1"));
  if (!moved) return check_clear(moved.error(), key);
  CHECK(moved->key_version == "2");
  const auto again = unwrap_one(wrapper, *moved, bytes_of("fs-1"));
  if (again)
    CHECK(*again == key);
  else
    check_clear(again.error(), key);
}

constexpr std::size_t all_exchanges = wrap_exchanges + 1 + 3 + 1;  // unwrap; key, rewrap, decrypt; unwrap

}  // namespace

TEST_CASE("the conversation without faults takes as many exchanges as the tests below break") {
  const HttpPeer peer([](const HttpRequest& request, std::size_t) { return good_answer(request); });
  ClientSettings settings = settings_for(peer);
  settings.login = role_login();
  BlockingClient client(std::move(settings));
  VaultWrapper wrapper(client.async(), {.key = fs_key});
  const auto blob = wrap_one(wrapper, system_random().secret(32));
  REQUIRE(blob);
  CHECK(peer.seen().size() == wrap_exchanges);
  REQUIRE(unwrap_one(wrapper, *blob));
  const auto moved = rewrap_one(wrapper, *blob);
  REQUIRE(moved);
  REQUIRE(unwrap_one(wrapper, *moved));
  CHECK(peer.seen().size() == all_exchanges);
  CHECK(peer.connections() == 1);
}

TEST_CASE("every exchange broken in every way") {
  for (const Fault& fault : faults()) {
    for (std::size_t i = 0; i < all_exchanges; ++i) {
      CAPTURE(fault.name);
      CAPTURE(i);
      converse(i, fault.make);
    }
  }
}

TEST_CASE("every exchange cut short") {
  const std::string sample = json_answer(R"({"data":{"plaintext":"AAAAAAAAAAAAAAAAAAAAAA=="}})").bytes;
  for (std::size_t i = 0; i < all_exchanges; ++i) {
    for (const std::size_t cut : cuts(sample)) {
      CAPTURE(i);
      CAPTURE(cut);
      converse(i, [&](const HttpAnswer& right) {
        return HttpAnswer{right.bytes.substr(0, std::min(cut, right.bytes.size() - 1)), Then::close};
      });
    }
  }
}

TEST_CASE("every exchange stalled, at its start and in the middle") {
  for (std::size_t i = 0; i < all_exchanges; ++i) {
    for (const bool in_the_middle : {false, true}) {
      CAPTURE(i);
      converse(
          i,
          [&](const HttpAnswer& right) {
            return HttpAnswer{in_the_middle ? right.bytes.substr(0, right.bytes.size() / 2) : "",
                              Then::stall};
          },
          std::chrono::milliseconds(150));
    }
  }
}

TEST_CASE("chunks without end stop at the limit") {
  const HttpPeer peer([](const HttpRequest&, std::size_t index) {
    const std::string chunk = "1000\r\n" + repeated("x", 4096) + "\r\n";
    return HttpAnswer{
        index == 0 ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + repeated(chunk, 1'000) : "",
        Then::stall};
  });
  ClientSettings settings = settings_for(peer);
  settings.limits.body = 1 << 20;
  BlockingClient client(std::move(settings));
  const auto info = client.read_key(fs_key);
  REQUIRE_FALSE(info);
  CHECK(info.error().kind == ErrorKind::corrupt);
  CHECK(peer.seen().size() == 1);
}
