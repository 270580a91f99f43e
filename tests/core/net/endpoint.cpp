#include <string>

#include <doctest/doctest.h>

#include <core/net/endpoint.h>

using namespace keyway;
using namespace keyway::net;

TEST_CASE("an endpoint is read and written back") {
  const struct {
    std::string text, host;
    std::uint16_t port;
    std::string shown;
  } cases[] = {
      {"kms", "kms", 5696, "kms:5696"},
      {"kms:1", "kms", 1, "kms:1"},
      {"kms.example.com:65535", "kms.example.com", 65535, "kms.example.com:65535"},
      {"kms.example.com.:5696", "kms.example.com.", 5696, "kms.example.com.:5696"},
      {"KMS_1-a.example:9", "KMS_1-a.example", 9, "KMS_1-a.example:9"},
      {"10.0.0.1", "10.0.0.1", 5696, "10.0.0.1:5696"},
      {"10.0.0.1:443", "10.0.0.1", 443, "10.0.0.1:443"},
      {"[::1]", "::1", 5696, "[::1]:5696"},
      {"[2001:db8::1]:443", "2001:db8::1", 443, "[2001:db8::1]:443"},
      {"[::ffff:10.0.0.1]:443", "::ffff:10.0.0.1", 443, "[::ffff:10.0.0.1]:443"},
      {"[fe80::1%eth0]:443", "fe80::1%eth0", 443, "[fe80::1%eth0]:443"},
      {"3com:80", "3com", 80, "3com:80"},
      {std::string(63, 'a') + ".b", std::string(63, 'a') + ".b", 5696, std::string(63, 'a') + ".b:5696"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto endpoint = parse_endpoint(c.text, 5696);
    REQUIRE(endpoint);
    CHECK(endpoint->host == c.host);
    CHECK(endpoint->port == c.port);
    CHECK(to_string(*endpoint) == c.shown);
  }
}

TEST_CASE("what is no endpoint is refused, and the reason names it") {
  using namespace std::string_literals;
  const struct {
    std::string text, part_of_error;
  } cases[] = {
      {"", "no server address"},
      {":", "no valid host"},
      {":5696", "no valid host"},
      {"kms:", "port"},
      {"kms:0", "port"},
      {"kms:65536", "port"},
      {"kms:99999999999999999999", "port"},
      {"kms:-1", "port"},
      {"kms:+1", "port"},
      {"kms: 1", "port"},
      {"kms:1 ", "port"},
      {"kms:0x10", "port"},
      {"kms:1:2", "port"},
      {"::1", "brackets"},
      {"2001:db8::1", "brackets"},
      {"[]", "no valid host"},
      {"[::1", "no valid host"},
      {"[::1]5696", "no valid host"},
      {"[::1]:", "port"},
      {"[::1%]", "no valid host"},
      {"[::1%a b]", "no valid host"},
      {"[kms]:5696", "no valid host"},
      {"[10.0.0.1]:5696", "no valid host"},
      {"::1]:5696", "no valid host"},
      {"kms example", "no valid host"},
      {"kms..example", "no valid host"},
      {".kms", "no valid host"},
      {".", "no valid host"},
      {"-kms", "no valid host"},
      {"kms-", "no valid host"},
      {"k\0ms"s, "no valid host"},
      {"10.0.0.1\0:1"s, "no valid host"},
      {"m\xc3\xbcnchen", "no valid host"},
      {"10.0.0.256", "no valid host"},
      {"127.1", "no valid host"},
      {"2130706433", "no valid host"},
      {"user@kms:5696", "no valid host"},
      {"kms/path", "no valid host"},
      {std::string(64, 'a'), "no valid host"},
      {std::string(300, 'a'), "no valid host"},
      {"https://kms", "port"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto endpoint = parse_endpoint(c.text, 5696);
    REQUIRE_FALSE(endpoint);
    CHECK(endpoint.error().kind == ErrorKind::invalid_input);
    CHECK(endpoint.error().what.find(c.part_of_error) != std::string::npos);
  }
}

TEST_CASE("an error about an endpoint cannot drive a terminal") {
  const auto endpoint = parse_endpoint("kms\x1b[2J", 5696);
  REQUIRE_FALSE(endpoint);
  CHECK(endpoint.error().what.find('\x1b') == std::string::npos);
}

TEST_CASE("a zone of a link-local address is part of it") {
  CHECK(is_address("fe80::1%eth0"));
  CHECK(is_address("10.0.0.1"));
  CHECK_FALSE(is_address("kms"));
  CHECK(is_host("kms"));
  CHECK_FALSE(is_host(""));
}

TEST_CASE("lists of endpoints are read in their order") {
  const struct {
    std::string text, shown;
  } cases[] = {
      {"kms", "kms:5696"},
      {"kms1,kms2:443", "kms1:5696 kms2:443"},
      {"[::1]:1,[::1],10.0.0.1", "[::1]:1 [::1]:5696 10.0.0.1:5696"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto endpoints = parse_endpoints(c.text, 5696);
    REQUIRE(endpoints);
    std::string shown;
    for (const Endpoint& endpoint : *endpoints) shown += (shown.empty() ? "" : " ") + to_string(endpoint);
    CHECK(shown == c.shown);
  }
}

TEST_CASE("a list with an endpoint that is wrong, missing or there twice is refused") {
  const struct {
    std::string text, part_of_error;
  } cases[] = {
      {"", "no server address"},
      {",", "server addresses \",\": address 1 is empty"},
      {"kms,", "server addresses \"kms,\": address 2 is empty"},
      {"kms1,,kms2", "address 2 is empty"},
      {",kms", "address 1 is empty"},
      {"kms1, kms2", "server address \" kms2\""},
      {"kms1:5696;kms2", "server address \"kms1:5696;kms2\""},
      {"kms1,kms2:0", "server address \"kms2:0\": the port"},
      {"kms,kms", "kms:5696 is there twice"},
      {"kms,kms2,KMS:5696", "KMS:5696 is there twice"},
      {"[::1]:1,[::1]:1", "[::1]:1 is there twice"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto endpoints = parse_endpoints(c.text, 5696);
    REQUIRE_FALSE(endpoints);
    CHECK(endpoints.error().kind == ErrorKind::invalid_input);
    CAPTURE(endpoints.error().what);
    CHECK(endpoints.error().what.find(c.part_of_error) != std::string::npos);
  }
}
