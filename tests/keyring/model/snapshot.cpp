#include <string>

#include <core/crypto.h>
#include <core/hex.h>
#include <keyring/model/snapshot.h>
#include <tests/core/support.h>
#include <tests/keyring/model/replaced.h>

using namespace keyway;
using namespace keyway::keyring;

namespace {

const std::string id = "00112233445566778899aabbccddeeff";

WrappedKey vault_key(std::string key_id = "fs-key") {
  return {.key_id = std::move(key_id),
          .key_version = "3",
          .mechanism = VaultMechanism{"transit", "team/a"},
          .ciphertext = owned(bytes_of("vault:v3:AAECAwQFBgcICQ==")),
          .check_value = {}};
}

WrappedKey local_key() {
  return {.key_id = "630dcd2966c4336691125448bbb25b4f",
          .key_version = {},
          .mechanism = LocalMechanism{test::counting(12, 0xa0), test::counting(16, 0)},
          .ciphertext = test::counting(32, 0x80),
          .check_value = {}};
}

Snapshot sample() {
  using namespace std::chrono;
  return {id, "archive \"a\"", sys_days(year(2026) / 11 / 22) + hours(12), vault_key()};
}

Error refusal(Text text) {
  const auto read = snapshot_from_text(text);
  REQUIRE_FALSE(read);
  return read.error();
}

std::string with_checksum(std::string content) {
  content += "  \"checksum\": \"" + to_hex(sha256(bytes_of(content))) + "\"\n}\n";
  return content;
}

std::string without_checksum(const std::string& text) { return text.substr(0, text.rfind("  \"checksum\"")); }

}  // namespace

TEST_CASE("a snapshot's text stays what it is") {
  const std::string text = to_text(sample());
  CHECK(without_checksum(text) ==
        "{\n"
        "  \"format\": \"keyway-snapshot\",\n"
        "  \"version\": 1,\n"
        "  \"filesystem\": {\"id\": \"00112233445566778899aabbccddeeff\", "
        "\"name\": \"archive \\\"a\\\"\"},\n"
        "  \"taken\": \"2026-11-22T12:00:00Z\",\n"
        "  \"wrapped_key\": \"" +
            to_text(vault_key()) +
            "\",\n"
            "  \"kms\": \"vault\",\n"
            "  \"key\": \"fs-key version 3\",\n");
  CHECK(with_checksum(without_checksum(text)) == text);
}

TEST_CASE("a snapshot is read as it was taken") {
  Snapshot local = sample();
  local.key = local_key();
  local.filesystem_name = "\xc3\xa9t\xc3\xa9";
  local.taken = std::chrono::sys_seconds(std::chrono::seconds(-1));
  Snapshot strange = sample();
  strange.key = vault_key("a\n\xff\"" + std::string(1000, 'k'));
  for (const Snapshot& snapshot : {sample(), local, strange}) {
    const std::string text = to_text(snapshot);
    CAPTURE(text);
    const auto read = snapshot_from_text(text);
    REQUIRE_MESSAGE(read, read.error().what);
    CHECK(read->filesystem_id == snapshot.filesystem_id);
    CHECK(read->filesystem_name == snapshot.filesystem_name);
    CHECK(read->taken == snapshot.taken);
    CHECK(to_binary(read->key) == to_binary(snapshot.key));
    CHECK(to_text(*read) == text);
  }
}

TEST_CASE("the longest wrapped key fits") {
  Snapshot snapshot = sample();
  snapshot.key.ciphertext = test::repeated(longest_wrapped_key - 500, 'c');
  REQUIRE(check_wrapped_key(snapshot.key));
  const std::string text = to_text(snapshot);
  CHECK(text.size() <= longest_snapshot);
  CHECK(snapshot_from_text(text));
}

TEST_CASE("a clock that is thousands of years off costs no key") {
  using std::chrono::hours;
  for (const auto hours_off : {hours(24L * 366 * 20'000), hours(-24L * 366 * 20'000)}) {
    Snapshot snapshot = sample();
    snapshot.taken = std::chrono::sys_seconds(hours_off);
    CHECK(snapshot_from_text(to_text(snapshot)));
  }
}

TEST_CASE("every changed, missing and added byte is found") {
  const std::string text = to_text(sample());
  for (std::size_t i = 0; i < text.size(); ++i) {
    CAPTURE(i);
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK(refusal(changed).kind == ErrorKind::corrupt);
    CHECK(refusal(text.substr(0, i)).kind == ErrorKind::corrupt);
    CHECK(refusal(text.substr(0, i) + text.substr(i + 1)).kind == ErrorKind::corrupt);
  }
  for (const std::string_view more : {"\n", " ", "{}", "x"}) {
    CHECK(refusal(text + std::string(more)).kind == ErrorKind::corrupt);
    CHECK(refusal(std::string(more) + text).kind == ErrorKind::corrupt);
  }
}

TEST_CASE("line ends that were changed on the way are called by their name") {
  const std::string text = to_text(sample());
  std::string windows;
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(refusal(windows).what.find("CR LF") != std::string::npos);
  CHECK(refusal(text.substr(0, text.size() - 1)).what.find("its last line has no end") != std::string::npos);
}

TEST_CASE("what has a right checksum and still is no snapshot") {
  const std::string content = without_checksum(to_text(sample()));
  REQUIRE(snapshot_from_text(with_checksum(content)));
  const struct {
    std::string_view from, to, word;
    ErrorKind kind = ErrorKind::corrupt;
  } cases[] = {
      {"keyway-snapshot", "other-snapshot", "not a snapshot"},
      {"\"version\": 1", "\"version\": 2", "version 2", ErrorKind::unsupported},
      {"\"version\": 1", "\"version\": 0", "as Keyway writes it"},
      {"\"version\": 1", "\"version\": 1.0", "as Keyway writes it"},
      {"\"version\": 1", "\"version\": \"1\"", "version"},
      {"\"version\": 1,", "\"version\": 1, \"more\": 1,", "as Keyway writes it"},
      {"\"version\": 1,", "\"version\": 1, \"version\": 1,", "as Keyway writes it"},
      {"  \"version\": 1,\n", "", "version"},
      {"eeff\"", "eef\"", "32 hexadecimal digits"},
      {"eeff\"", "eefF\"", "32 hexadecimal digits"},
      {"eeff\"", "eefg\"", "32 hexadecimal digits"},
      {"\"archive \\\"a\\\"\"", "\"a/b\"", "no '/'"},
      {"\"archive \\\"a\\\"\"", "\"\\u0061\"", "as Keyway writes it"},
      {"\"archive \\\"a\\\"\"", "1", "name"},
      {"2026-11-22", "2026-11-32", "time"},
      {"2026-11-22", "2026-02-29", "time"},
      {"2026-11-22", "2026-11-2x", "time"},
      {"2026-11-22", "12026-11-22", "time"},
      {"12:00:00Z", "24:00:00Z", "time"},
      {"12:00:00Z", "12:60:00Z", "time"},
      {"12:00:00Z", "12:00:00+", "time"},
      {"12:00:00Z", "12:+1:00Z", "time"},
      {"12:00:00Z", "12:-1:00Z", "time"},
      {"\"kw1.", "\"kw1.A", "wrapped key"},
      {"\"kms\": \"vault\"", "\"kms\": \"kmip\"", "as Keyway writes it"},
      {"version 3\"", "version 4\"", "as Keyway writes it"},
      {"  \"kms\": \"vault\",\n", "", "as Keyway writes it"},
      {"{\n", "{\n ", "not a snapshot"},
      {"\"taken\"", "  \"taken\"", "as Keyway writes it"},
      {"\"taken\": ", "\"taken\" ", "JSON"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.to);
    const Error error = refusal(with_checksum(replaced(content, c.from, c.to)));
    CHECK(error.kind == c.kind);
    CAPTURE(error.what);
    CHECK(error.what.find(c.word) != std::string::npos);
  }
}

TEST_CASE("what is far too long is not read at all") {
  CHECK(refusal(std::string(longest_snapshot + 1, ' ')).what.find("none has more than") != std::string::npos);
}
