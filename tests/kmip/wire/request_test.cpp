#include <set>

#include <doctest/doctest.h>

#include <kmip/model/decrypt.h>
#include <kmip/model/discover_versions.h>
#include <kmip/model/encrypt.h>
#include <kmip/model/get.h>
#include <kmip/wire/exchange.h>
#include <tests/kmip/hex.h>
#include <tests/kmip/wire/response.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;
using keyway::test::from_hex;
using keyway::test::to_hex;

namespace {

constexpr Version spoken[] = {Version::V1_0, Version::V1_1, Version::V1_2, Version::V1_3,
                              Version::V1_4, Version::V2_0, Version::V2_1};

GetRequest get_request(Text id) {
  GetRequest request;
  request.unique_identifier = Identifier(id);
  return request;
}

// A request as the other side sees it: strictly decoded. The message must outlive it.
RequestMessage read(const SecretBuffer& message, Version version) {
  auto decoded =
      decode_message<RequestMessage>(message.view(), Tag::RequestMessage, {version, Mode::strict, {}});
  if (!decoded) FAIL(describe(decoded.error()));
  return std::move(*decoded);
}

SecretBuffer written(std::span<const Question> questions, const RequestOptions& options) {
  SecretBuffer out;
  const auto result = write_request(out, questions, options);
  if (!result) FAIL(result.error().what);
  return out;
}

Error not_written(std::span<const Question> questions, const RequestOptions& options) {
  SecretBuffer out;
  out.append(Text("before"));
  const auto result = write_request(out, questions, options);
  REQUIRE_FALSE(result);
  CHECK(text_of(out.view()) == "before");
  return result.error();
}

}  // namespace

TEST_CASE("one question, byte by byte") {
  const OwnedBytes data = from_hex("0011223344");
  const OwnedBytes iv = from_hex("A0A1A2A3A4A5A6A7A8A9AAAB");
  EncryptRequest request;
  request.unique_identifier = Identifier("k-1");
  request.data = data;
  request.iv_counter_nonce = iv;
  const Question asked = question(request);
  const SecretBuffer out = written({&asked, 1}, {.version = Version::V1_2});
  const OwnedBytes expected = from_hex({
      "420078 01 00000098",                                    // Request Message
      "420077 01 00000038",                                    // Request Header
      "420069 01 00000020",                                    // Protocol Version
      "42006A 02 00000004 00000001 00000000",                  // Major: 1
      "42006B 02 00000004 00000002 00000000",                  // Minor: 2
      "42000D 02 00000004 00000001 00000000",                  // Batch Count: 1
      "42000F 01 00000050",                                    // Batch Item
      "42005C 05 00000004 0000001F 00000000",                  // Operation: Encrypt
      "420079 01 00000038",                                    // Request Payload
      "420094 07 00000003 6B2D31 0000000000",                  // Unique Identifier: k-1
      "4200C2 08 00000005 0011223344 000000",                  // Data
      "42003D 08 0000000C A0A1A2A3A4A5A6A7A8A9AAAB 00000000",  // IV/Counter/Nonce
  });
  CHECK(to_hex(out.view()) == to_hex(expected));
}

TEST_CASE("several questions with a login, byte by byte") {
  const Login login{.username = "me", .password = Secret(Text("pw"))};
  const GetRequest first = get_request("a"), second = get_request("b");
  const Question asked[] = {question(first), question(second)};
  const SecretBuffer out = written(asked, {.version = Version::V2_1, .login = &login});
  const OwnedBytes expected = from_hex({
      "420078 01 00000118",                    // Request Message
      "420077 01 00000090",                    // Request Header
      "420069 01 00000020",                    // Protocol Version
      "42006A 02 00000004 00000002 00000000",  // Major: 2
      "42006B 02 00000004 00000001 00000000",  // Minor: 1
      "42000C 01 00000040",                    // Authentication
      "420023 01 00000038",                    // Credential
      "420024 05 00000004 00000001 00000000",  // Credential Type: Username and Password
      "420025 01 00000020",                    // Credential Value
      "420099 07 00000002 6D65 000000000000",  // Username: me
      "4200A1 07 00000002 7077 000000000000",  // Password
      "42000E 05 00000004 00000001 00000000",  // Batch Error Continuation Option: Continue
      "42000D 02 00000004 00000002 00000000",  // Batch Count: 2
      "42000F 01 00000038",                    // Batch Item
      "42005C 05 00000004 0000000A 00000000",  // Operation: Get
      "420093 08 00000004 00000001 00000000",  // Unique Batch Item ID: 1
      "420079 01 00000010",                    // Request Payload
      "420094 07 00000001 61 00000000000000",  // Unique Identifier: a
      "42000F 01 00000038",                    // Batch Item
      "42005C 05 00000004 0000000A 00000000",  // Operation: Get
      "420093 08 00000004 00000002 00000000",  // Unique Batch Item ID: 2
      "420079 01 00000010",                    // Request Payload
      "420094 07 00000001 62 00000000000000",  // Unique Identifier: b
  });
  CHECK(to_hex(out.view()) == to_hex(expected));
}

TEST_CASE("optional header fields stay out unless they are needed, at every version") {
  for (const Version version : spoken) {
    CAPTURE(version);
    for (const std::size_t count : {1U, 2U, 50U}) {
      CAPTURE(count);
      const GetRequest request = get_request("a");
      const std::vector<Question> asked(count, question(request));
      const SecretBuffer out = written(asked, {.version = version});
      const RequestMessage message = read(out, version);
      CHECK(message.header.protocol_version.number() == number_of(version));
      CHECK(message.header.batch_count == static_cast<std::int32_t>(count));
      CHECK_FALSE(message.header.time_stamp);
      CHECK_FALSE(message.header.client_correlation_value);
      CHECK_FALSE(message.header.asynchronous);
      CHECK_FALSE(message.header.asynchronous_indicator);
      CHECK_FALSE(message.header.maximum_response_size);
      CHECK_FALSE(message.header.authentication);
      CHECK_FALSE(message.header.batch_order_option);
      CHECK(message.header.batch_error_continuation_option.has_value() == (count > 1));
      REQUIRE(message.items.size() == count);
      std::set<std::string> ids;
      for (const RequestBatchItem& item : message.items) {
        CHECK(item.unique_batch_item_id.has_value() == (count > 1));
        if (item.unique_batch_item_id) ids.insert(to_hex(*item.unique_batch_item_id));
      }
      if (count > 1) CHECK(ids.size() == count);
    }
  }
}

TEST_CASE("login and Maximum Response Size go into the header of every version") {
  const Login login{.username = "operator", .password = Secret(Text("correct horse"))};
  for (const Version version : spoken) {
    CAPTURE(version);
    const GetRequest request = get_request("a");
    const Question asked = question(request);
    const SecretBuffer out =
        written({&asked, 1}, {.version = version, .login = &login, .maximum_response_size = 4096});
    const RequestMessage message = read(out, version);
    CHECK(message.header.maximum_response_size == 4096);
    REQUIRE(message.header.authentication);
    REQUIRE(message.header.authentication->credentials.size() == 1);
    const Credential& credential = message.header.authentication->credentials.front();
    CHECK(credential.type == CredentialType::UsernameAndPassword);
    const auto value =
        decode_item<UsernameAndPassword>(credential.value, Settings{version, Mode::strict, {}});
    REQUIRE(value);
    CHECK(value->username == "operator");
    CHECK(value->password == "correct horse");
  }
}

TEST_CASE("an operation the version does not have is not sent") {
  const EncryptRequest encrypt;
  const DiscoverVersionsRequest discover;
  struct Case {
    Question asked;
    Version version;
    Text says;
  };
  const Case cases[] = {
      {question(encrypt), Version::V1_0, "Encrypt exists from KMIP 1.2 on; this connection uses 1.0"},
      {question(encrypt), Version::V1_1, "Encrypt exists from KMIP 1.2 on; this connection uses 1.1"},
      {question(discover), Version::V1_0,
       "Discover Versions exists from KMIP 1.1 on; this connection uses 1.0"},
  };
  for (const Case& one : cases) {
    const Error error = not_written({&one.asked, 1}, {.version = one.version});
    CHECK(error.kind == ErrorKind::unsupported);
    CHECK(error.what == one.says);
  }
}

TEST_CASE("a field the version does not have is named") {
  const OwnedBytes tag(16);
  DecryptRequest request;
  request.unique_identifier = Identifier("a");
  request.authenticated_encryption_tag = tag;
  const GetRequest fine = get_request("a");
  // Also as the last of several, when most of the message stands already.
  const Question asked[] = {question(fine), question(request)};
  const Error error = not_written(asked, {.version = Version::V1_3});
  CHECK(error.kind == ErrorKind::unsupported);
  CHECK(error.what == "Decrypt: AuthenticatedEncryptionTag cannot be sent in KMIP 1.3");
  CHECK(written(asked, {.version = Version::V1_4}).size() > 0);
}

TEST_CASE("a request of more than 1 MiB is not sent") {
  // The message around the data takes this much; the rest of the limit is data.
  EncryptRequest request;
  request.unique_identifier = Identifier("a");
  OwnedBytes data;
  request.data = data;
  const Question asked = question(request);
  const std::size_t around = written({&asked, 1}, {}).size();
  data.assign(largest_request - around, std::byte{0x5a});
  request.data = data;
  CHECK(written({&asked, 1}, {}).size() == largest_request);
  data.push_back(std::byte{0x5a});
  request.data = data;
  const Error error = not_written({&asked, 1}, {});
  CHECK(error.kind == ErrorKind::invalid_input);
  CHECK(error.what == "the request is 1048584 bytes long; servers take at most 1048576");
}

TEST_CASE("a message about nothing is not written") {
  const Error error = not_written({}, {});
  CHECK(error.kind == ErrorKind::invalid_input);
  CHECK(error.what == "a request needs at least one operation");
}

TEST_CASE("only operations that change nothing are safe to repeat") {
  for (const Operation safe :
       {Operation::DiscoverVersions, Operation::Query, Operation::Locate, Operation::Get,
        Operation::GetAttributes, Operation::GetAttributeList, Operation::Encrypt, Operation::Decrypt,
        Operation::SignatureVerify, Operation::MAC, Operation::MACVerify, Operation::Hash, Operation::Check,
        Operation::Validate, Operation::Export, Operation::Ping})
    CHECK(is_safe_to_repeat(safe));
  EncryptRequest part;
  part.data = bytes_of("data");
  CHECK(is_safe_to_repeat(question(part)));
  part.init_indicator = true;
  CHECK_FALSE(is_safe_to_repeat(question(part)));
  part.init_indicator.reset();
  part.correlation_value = bytes_of("stream");
  CHECK_FALSE(is_safe_to_repeat(question(part)));
  for (const Operation unsafe :
       {Operation::Create, Operation::Register, Operation::Activate, Operation::Revoke, Operation::Destroy,
        Operation::ReKey, Operation::Sign, Operation::Import, Operation::AddAttribute,
        Operation::GetUsageAllocation, Operation::RNGSeed, Operation::Poll, Operation::Cancel})
    CHECK_FALSE(is_safe_to_repeat(unsafe));
}
