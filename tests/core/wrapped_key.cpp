#include <algorithm>
#include <cstdio>
#include <vector>

#include <core/crypto.h>
#include <core/wrapped_key.h>
#include <tests/core/support.h>

using namespace keyway;
using test::hex;

namespace {

const Secret data_key(test::counting(32, 0x40));
const Bytes context = bytes_of("fs-1");

WrappedKey local_key() {
  return {.key_id = "630dcd2966c4336691125448bbb25b4f",
          .key_version = {},
          .mechanism = LocalMechanism{test::counting(12, 0xa0), test::counting(16, 0)},
          .ciphertext = test::counting(32, 0x80),
          .check_value = key_check_value(data_key, context)};
}

WrappedKey kmip_key() {
  return {.key_id = "7f1c-uid",
          .key_version = {},
          .mechanism = KmipMechanism{.where = KmipMechanism::Where::server,
                                     .cryptographic_algorithm = 3,
                                     .block_cipher_mode = 9,
                                     .padding_method = 1,
                                     .tag_place = KmipMechanism::TagPlace::end_of_data,
                                     .tag_length = 16,
                                     .iv = test::counting(12, 0xa0),
                                     .tag = test::counting(16, 0),
                                     .version_major = 1,
                                     .version_minor = 4,
                                     .vendor = "Example KMS 1.0"},
          .ciphertext = test::counting(32, 0x80),
          .check_value = key_check_value(data_key, context)};
}

WrappedKey vault_key() {
  return {.key_id = "fs-key",
          .key_version = "3",
          .mechanism = VaultMechanism{"transit", "team/a"},
          .ciphertext = owned(bytes_of("vault:v3:AAECAwQFBgcICQ==")),
          .check_value = key_check_value(data_key, context)};
}

// What version 1 of the format looks like, made by another implementation of its description. These texts
// stay in the world for years: no change of the code may ever change them.
const char* const kmip_text =
    "kw1."
    "S1dSUAECAQAAAAg3ZjFjLXVpZAIAAAAAAwAAACCAgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2enwQAAAAgAdglLGQzWXKdGrWz"
    "licArOQVZ5l1N_XI_"
    "4ANFDElnQAgAAAAAQEhAAAABAAAAAMiAAAABAAAAAkjAAAABAAAAAEkAAAAAQIlAAAABAAAABAmAAAADKChoqOkpaan"
    "qKmqqycAAAAQAAECAwQFBgcICQoLDA0ODygAAAABASkAAAABBCoAAAAPRXhhbXBsZSBLTVMgMS4wvw1PJf3bzog";
const char* const vault_text =
    "kw1."
    "S1dSUAEDAQAAAAZmcy1rZXkCAAAAATMDAAAAGXZhdWx0OnYzOkFBRUNBd1FGQmdjSUNRPT0EAAAAIAHYJSxkM1lynRq1s5YnAKzkFWeZ"
    "dTf1yP-ADRQxJZ0AMAAAAAd0cmFuc2l0MQAAAAZ0ZWFtL2FJnHj7phs0Zg";

ErrorKind kind(const auto& result) {
  REQUIRE_FALSE(result);
  return result.error().kind;
}

// A blob put together by hand, to be wrong in one place and have a checksum that fits.
struct RawField {
  std::uint8_t id;
  OwnedBytes value;
};
struct RawBlob {
  std::string magic = "KWRP";
  std::uint8_t version = 1;
  std::uint8_t backend = 1;
  std::vector<RawField> fields;
  OwnedBytes extra;  // after the last field

  OwnedBytes bytes() const {
    OwnedBytes out = owned(bytes_of(magic));
    const auto add = [&out](Bytes part) { out.insert(out.end(), part.begin(), part.end()); };
    out.push_back(std::byte{version});
    out.push_back(std::byte{backend});
    for (const RawField& field : fields) {
      out.push_back(std::byte{field.id});
      add(to_big_endian(static_cast<std::uint32_t>(field.value.size())));
      add(field.value);
    }
    add(extra);
    const Sha256 hash = sha256(out);
    add(Bytes(hash).first(8));
    return out;
  }
  OwnedBytes& operator[](std::uint8_t id) {
    const auto found = std::ranges::find(fields, id, &RawField::id);
    REQUIRE(found != fields.end());
    return found->value;
  }
  void drop(std::uint8_t id) {
    std::erase_if(fields, [id](const RawField& f) { return f.id == id; });
  }
};

RawBlob raw_local() {
  return {.backend = 1,
          .fields = {{1, owned(bytes_of("630dcd2966c4336691125448bbb25b4f"))},
                     {2, {}},
                     {3, test::counting(32, 0x80)},
                     {4, test::counting(32, 0)},
                     {16, test::counting(12, 0xa0)},
                     {17, test::counting(16, 0)}},
          .extra = {}};
}

RawBlob raw_kmip() {
  return {.backend = 2,
          .fields = {{1, owned(bytes_of("uid"))},
                     {2, {}},
                     {3, test::counting(32, 0x80)},
                     {4, test::counting(32, 0)},
                     {32, hex("01")},
                     {33, hex("00000003")},
                     {34, hex("00000009")},
                     {35, hex("00000000")},
                     {36, hex("01")},
                     {37, hex("00000010")},
                     {38, test::counting(12, 0)},
                     {39, test::counting(16, 0)},
                     {40, hex("01")},
                     {41, hex("04")},
                     {42, owned(bytes_of("Example KMS"))}},
          .extra = {}};
}

RawBlob raw_vault() {
  return {.backend = 3,
          .fields = {{1, owned(bytes_of("fs-key"))},
                     {2, owned(bytes_of("3"))},
                     {3, owned(bytes_of("vault:v3:AAAA"))},
                     {4, test::counting(32, 0)},
                     {48, owned(bytes_of("transit"))},
                     {49, {}}},
          .extra = {}};
}

}  // namespace

TEST_CASE("WrappedKey: version 1 is written and read as it always was") {
  CHECK(to_hex(key_check_value(data_key, context)) ==
        "01d8252c643359729d1ab5b3962700ace41567997537f5c8ff800d1431259d00");
  CHECK(to_text(kmip_key()) == kmip_text);
  CHECK(to_text(vault_key()) == vault_text);

  const auto kmip = wrapped_key_from_text(kmip_text);
  REQUIRE(kmip);
  CHECK(kmip->backend() == Backend::kmip);
  CHECK(kmip->key_id == "7f1c-uid");
  CHECK(kmip->key_version.empty());
  CHECK(kmip->ciphertext == test::counting(32, 0x80));
  const auto& mechanism = std::get<KmipMechanism>(kmip->mechanism);
  CHECK(mechanism.where == KmipMechanism::Where::server);
  CHECK(mechanism.cryptographic_algorithm == 3);
  CHECK(mechanism.block_cipher_mode == 9);
  CHECK(mechanism.padding_method == 1);
  CHECK(mechanism.tag_place == KmipMechanism::TagPlace::end_of_data);
  CHECK(mechanism.tag_length == 16);
  CHECK(mechanism.iv == test::counting(12, 0xa0));
  CHECK(mechanism.tag == test::counting(16, 0));
  CHECK(int{mechanism.version_major} == 1);
  CHECK(int{mechanism.version_minor} == 4);
  CHECK(mechanism.vendor == "Example KMS 1.0");
  CHECK(verify_key(*kmip, data_key, context));

  const auto vault = wrapped_key_from_text(vault_text);
  REQUIRE(vault);
  CHECK(vault->backend() == Backend::vault);
  CHECK(vault->key_version == "3");
  CHECK(std::get<VaultMechanism>(vault->mechanism).mount == "transit");
  CHECK(std::get<VaultMechanism>(vault->mechanism).key_namespace == "team/a");
}

TEST_CASE("WrappedKey: what is read is written with the same bytes") {
  auto untagged = kmip_key();
  auto& mechanism = std::get<KmipMechanism>(untagged.mechanism);
  mechanism = {.where = KmipMechanism::Where::client, .iv = test::counting(16, 0), .vendor = ""};
  auto longest = local_key();
  longest.ciphertext = test::repeated(longest_data_key, 7);
  auto derived = vault_key();
  std::get<VaultMechanism>(derived.mechanism).context_use = VaultMechanism::ContextUse::derivation;
  std::get<VaultMechanism>(derived.mechanism).key_created = 1'795'310'346;
  CHECK(to_binary(derived) != to_binary(vault_key()));
  for (const WrappedKey& key : {local_key(), kmip_key(), vault_key(), untagged, longest, derived}) {
    CAPTURE(name(key.backend()));
    REQUIRE(check_wrapped_key(key));
    const OwnedBytes binary = to_binary(key);
    const auto read = wrapped_key_from_binary(binary);
    REQUIRE(read);
    CHECK(to_binary(*read) == binary);
    const auto text = wrapped_key_from_text(to_text(key));
    REQUIRE(text);
    CHECK(to_binary(*text) == binary);
  }
  for (const RawBlob& raw : {raw_local(), raw_kmip(), raw_vault()}) {
    const auto read = wrapped_key_from_binary(raw.bytes());
    REQUIRE(read);
    CHECK(to_binary(*read) == raw.bytes());
  }
}

TEST_CASE("WrappedKey: every cut and every changed bit of the binary form is corrupt") {
  for (const WrappedKey& key : {local_key(), kmip_key(), vault_key()}) {
    CAPTURE(name(key.backend()));
    OwnedBytes binary = to_binary(key);
    for (std::size_t size = 0; size < binary.size(); ++size) {
      const OwnedBytes cut =
          owned(Bytes(binary).first(size));  // its own block, so that reading past it shows
      CHECK(kind(wrapped_key_from_binary(cut)) == ErrorKind::corrupt);
    }
    for (std::size_t bit = 0; bit < binary.size() * 8; ++bit) {
      const std::byte mask{static_cast<std::uint8_t>(1U << bit % 8)};
      binary[bit / 8] ^= mask;
      CHECK(kind(wrapped_key_from_binary(binary)) == ErrorKind::corrupt);
      binary[bit / 8] ^= mask;
    }
    for (const int added : {0x00, 0x0a, 0xff}) {
      OwnedBytes longer = binary;
      longer.push_back(static_cast<std::byte>(added));
      CHECK(kind(wrapped_key_from_binary(longer)) == ErrorKind::corrupt);
    }
  }
}

TEST_CASE("WrappedKey: every cut and every changed bit of the text form is corrupt") {
  for (const WrappedKey& key : {local_key(), kmip_key(), vault_key()}) {
    CAPTURE(name(key.backend()));
    std::string text = to_text(key);
    for (std::size_t size = 0; size < text.size(); ++size) {
      CHECK(kind(wrapped_key_from_text(std::string(text, 0, size))) == ErrorKind::corrupt);
    }
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
      const auto changed = [&] {
        return static_cast<char>(text[bit / 8] ^ static_cast<char>(1U << bit % 8));
      };
      text[bit / 8] = changed();
      CHECK(kind(wrapped_key_from_text(text)) == ErrorKind::corrupt);
      text[bit / 8] = changed();
    }
    REQUIRE(wrapped_key_from_text(text));
  }
}

TEST_CASE("WrappedKey: one end of line is allowed after the text, and nothing else") {
  const std::string text = to_text(vault_key());
  for (const char* end : {"", "\n", "\r\n"}) CHECK(wrapped_key_from_text(text + end));
  for (const char* end : {"\r", "\n\n", "\r\n\n", "\n\r", " ", "=", "==", "A", "\t\n"}) {
    CAPTURE(to_hex(bytes_of(end)));
    CHECK(kind(wrapped_key_from_text(text + end)) == ErrorKind::corrupt);
  }
  for (const char* start : {" ", "\n", "\xef\xbb\xbf", "kw1."}) {
    CHECK(kind(wrapped_key_from_text(start + text)) == ErrorKind::corrupt);
  }
  for (const char* whole : {"", "\n", "kw1.", "kw1", "KW1.AAAA", "kw2.AAAA", "kw1.A", "kw1.AAAA"}) {
    CAPTURE(whole);
    CHECK(kind(wrapped_key_from_text(whole)) == ErrorKind::corrupt);
  }
}

TEST_CASE("WrappedKey: each rule of the format, broken under a checksum that fits") {
  using Break = void (*)(RawBlob&);
  const struct {
    const char* mistake;
    RawBlob (*valid)();
    Break make;
    ErrorKind kind;
  } cases[] = {
      {"later version", raw_local, [](RawBlob& b) { b.version = 2; }, ErrorKind::unsupported},
      {"version 0", raw_local, [](RawBlob& b) { b.version = 0; }, ErrorKind::unsupported},
      {"later backend", raw_local, [](RawBlob& b) { b.backend = 4; }, ErrorKind::unsupported},
      {"later field", raw_local, [](RawBlob& b) { b.fields.push_back({200, hex("00")}); },
       ErrorKind::unsupported},
      {"field 0", raw_local, [](RawBlob& b) { b.fields.insert(b.fields.begin(), RawField{0, {}}); },
       ErrorKind::corrupt},
      {"magic", raw_local, [](RawBlob& b) { b.magic = "KWRQ"; }, ErrorKind::corrupt},
      {"no fields", raw_local, [](RawBlob& b) { b.fields.clear(); }, ErrorKind::corrupt},
      {"field of another backend", raw_local, [](RawBlob& b) { b.fields.push_back({48, hex("41")}); },
       ErrorKind::corrupt},
      {"fields of another backend", raw_vault, [](RawBlob& b) { b.backend = 1; }, ErrorKind::corrupt},
      {"missing key identifier", raw_local, [](RawBlob& b) { b.drop(1); }, ErrorKind::corrupt},
      {"missing empty field", raw_local, [](RawBlob& b) { b.drop(2); }, ErrorKind::corrupt},
      {"missing last field", raw_vault, [](RawBlob& b) { b.drop(49); }, ErrorKind::corrupt},
      {"field twice", raw_local, [](RawBlob& b) { b.fields.push_back(b.fields.back()); }, ErrorKind::corrupt},
      {"order", raw_local, [](RawBlob& b) { std::swap(b.fields[2], b.fields[3]); }, ErrorKind::corrupt},
      {"bytes after the fields", raw_local, [](RawBlob& b) { b.extra = hex("00"); }, ErrorKind::corrupt},
      {"head of a field cut", raw_local, [](RawBlob& b) { b.extra = hex("c8 000000"); }, ErrorKind::corrupt},
      {"value of a field cut", raw_local, [](RawBlob& b) { b.extra = hex("c8 00000002 00"); },
       ErrorKind::corrupt},
      {"length of 4 GiB", raw_local, [](RawBlob& b) { b.extra = hex("c8 ffffffff 00"); }, ErrorKind::corrupt},
      {"empty key identifier", raw_local, [](RawBlob& b) { b[1].clear(); }, ErrorKind::corrupt},
      {"NUL in key identifier", raw_local, [](RawBlob& b) { b[1] = hex("410042"); }, ErrorKind::corrupt},
      {"NUL in key version", raw_vault, [](RawBlob& b) { b[2] = hex("00"); }, ErrorKind::corrupt},
      {"empty ciphertext", raw_local, [](RawBlob& b) { b[3].clear(); }, ErrorKind::corrupt},
      {"check value of 31", raw_local, [](RawBlob& b) { b[4].pop_back(); }, ErrorKind::corrupt},
      {"check value of 33", raw_local, [](RawBlob& b) { b[4].push_back({}); }, ErrorKind::corrupt},
      {"empty check value", raw_local, [](RawBlob& b) { b[4].clear(); }, ErrorKind::corrupt},
      {"local IV of 11", raw_local, [](RawBlob& b) { b[16].pop_back(); }, ErrorKind::corrupt},
      {"local tag of 15", raw_local, [](RawBlob& b) { b[17].pop_back(); }, ErrorKind::corrupt},
      {"local tag of 17", raw_local, [](RawBlob& b) { b[17].push_back({}); }, ErrorKind::corrupt},
      {"KMIP where 0", raw_kmip, [](RawBlob& b) { b[32] = hex("00"); }, ErrorKind::corrupt},
      {"KMIP where 3", raw_kmip, [](RawBlob& b) { b[32] = hex("03"); }, ErrorKind::corrupt},
      {"KMIP algorithm of 3 bytes", raw_kmip, [](RawBlob& b) { b[33].pop_back(); }, ErrorKind::corrupt},
      {"KMIP tag place 3", raw_kmip, [](RawBlob& b) { b[36] = hex("03"); }, ErrorKind::corrupt},
      {"KMIP tag without a place", raw_kmip, [](RawBlob& b) { b[36] = hex("00"); }, ErrorKind::corrupt},
      {"KMIP tag place without a tag", raw_kmip,
       [](RawBlob& b) {
         b[37] = hex("00000000");
         b[39].clear();
       },
       ErrorKind::corrupt},
      {"KMIP tag length of another tag", raw_kmip, [](RawBlob& b) { b[37] = hex("0000000f"); },
       ErrorKind::corrupt},
      {"KMIP tag of another length", raw_kmip, [](RawBlob& b) { b[39].pop_back(); }, ErrorKind::corrupt},
      {"KMIP version of 2 bytes", raw_kmip, [](RawBlob& b) { b[40] = hex("0001"); }, ErrorKind::corrupt},
      {"NUL in vendor", raw_kmip, [](RawBlob& b) { b[42] = hex("4100"); }, ErrorKind::corrupt},
      {"empty mount", raw_vault, [](RawBlob& b) { b[48].clear(); }, ErrorKind::corrupt},
      {"NUL in namespace", raw_vault, [](RawBlob& b) { b[49] = hex("00"); }, ErrorKind::corrupt},
      {"unknown use of the context", raw_vault, [](RawBlob& b) { b.fields.push_back({50, hex("03")}); },
       ErrorKind::corrupt},
      {"no use of the context, spelt out", raw_vault, [](RawBlob& b) { b.fields.push_back({50, hex("00")}); },
       ErrorKind::corrupt},
      {"unknown creation, spelt out", raw_vault,
       [](RawBlob& b) { b.fields.push_back({51, hex("00000000")}); }, ErrorKind::corrupt},
      {"creation of 3 bytes", raw_vault, [](RawBlob& b) { b.fields.push_back({51, hex("010203")}); },
       ErrorKind::corrupt},
      {"more than 256 KiB", raw_vault, [](RawBlob& b) { b[3] = test::repeated(longest_wrapped_key, 65); },
       ErrorKind::corrupt},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    RawBlob blob = c.valid();
    REQUIRE(wrapped_key_from_binary(blob.bytes()));
    c.make(blob);
    const auto read = wrapped_key_from_binary(blob.bytes());
    CHECK(kind(read) == c.kind);
    CHECK_FALSE(read.error().advice.empty());
    CHECK(kind(wrapped_key_from_text("kw1." + to_base64url(blob.bytes()))) == c.kind);
  }
}

TEST_CASE("WrappedKey: the largest blob is read, one byte more is not") {
  RawBlob blob = raw_vault();
  const std::size_t rest = blob.bytes().size() - blob[3].size();
  blob[3] = test::repeated(longest_wrapped_key - rest, 65);
  REQUIRE(blob.bytes().size() == longest_wrapped_key);
  auto key = wrapped_key_from_binary(blob.bytes());
  REQUIRE(key);
  CHECK(check_wrapped_key(*key));
  CHECK(wrapped_key_from_text(to_text(*key) + "\r\n"));
  key->ciphertext.push_back(std::byte{65});
  CHECK(kind(check_wrapped_key(*key)) == ErrorKind::corrupt);
  CHECK(kind(wrapped_key_from_binary(to_binary(*key))) == ErrorKind::corrupt);
  CHECK(kind(wrapped_key_from_text(to_text(*key))) == ErrorKind::corrupt);
}

TEST_CASE("check_wrapped_key: refuses what could not be read back") {
  auto nameless = local_key();
  nameless.key_id.clear();
  auto tagless = kmip_key();
  std::get<KmipMechanism>(tagless.mechanism).tag.clear();
  auto mountless = vault_key();
  std::get<VaultMechanism>(mountless.mechanism).mount.clear();
  for (const WrappedKey& key : {nameless, tagless, mountless}) {
    CHECK(kind(check_wrapped_key(key)) == ErrorKind::corrupt);
    CHECK(kind(wrapped_key_from_binary(to_binary(key))) == ErrorKind::corrupt);
  }
}

TEST_CASE("verify_key: only the right key in the right context") {
  const WrappedKey blob = vault_key();
  CHECK(verify_key(blob, data_key, context));
  const struct {
    const char* mistake;
    Secret key;
    Text context;
  } cases[] = {
      {"another key", Secret(test::counting(32, 0x41)), "fs-1"},
      {"a shorter key", Secret(test::counting(31, 0x40)), "fs-1"},
      {"no key", Secret(), "fs-1"},
      {"another context", data_key.duplicate(), "fs-2"},
      {"a longer context", data_key.duplicate(), Text("fs-1\0", 5)},
      {"no context", data_key.duplicate(), ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    const auto verified = verify_key(blob, c.key, bytes_of(c.context));
    CHECK(kind(verified) == ErrorKind::corrupt);
    CHECK(verified.error().what.find("vault key fs-key") != std::string::npos);
  }
  for (std::size_t at = 0; at < blob.check_value.size(); ++at) {
    WrappedKey damaged = blob;
    damaged.check_value[at] ^= std::byte{0x01};
    CHECK(kind(verify_key(damaged, data_key, context)) == ErrorKind::corrupt);
  }
}

TEST_CASE("check_data_key and check_context: the limits are the limits") {
  CHECK_FALSE(check_data_key(Secret(test::repeated(shortest_data_key - 1, 1))));
  CHECK(check_data_key(Secret(test::repeated(shortest_data_key, 1))));
  CHECK(check_data_key(Secret(test::repeated(longest_data_key, 1))));
  CHECK(kind(check_data_key(Secret(test::repeated(longest_data_key + 1, 1)))) == ErrorKind::invalid_input);
  CHECK(check_context({}));
  CHECK(check_context(test::repeated(longest_context, 1)));
  CHECK(kind(check_context(test::repeated(longest_context + 1, 1))) == ErrorKind::invalid_input);
}

TEST_CASE("every backend has a name") {
  CHECK(name(Backend::local) == "local");
  CHECK(name(Backend::kmip) == "kmip");
  CHECK(name(Backend::vault) == "vault");
}
