// The KMIP KeyWrapper with the embedded server, at every version and with the oddities of real servers.
#include <doctest/doctest.h>

#include <core/random.h>
#include <kmip/model/get_attributes.h>
#include <kmip/model/locate.h>
#include <kmip/model/revoke.h>
#include <tests/kmip/client/kms.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;

namespace {

using Where = KmipMechanism::Where;
using TagPlace = KmipMechanism::TagPlace;
using server::Quirks;

constexpr Version spoken[] = {Version::V1_0, Version::V1_1, Version::V1_2, Version::V1_3,
                              Version::V1_4, Version::V2_0, Version::V2_1};

const OwnedBytes context = owned(bytes_of("volume 7"));

WrappedKey wrap(Wrapping& with, const Secret& key) {
  auto blob = wrap_one(with.wrapper, key.duplicate(), context);
  REQUIRE_MESSAGE(blob, text_of_error(blob));
  // What is stored and read back years later is the written form.
  auto stored = wrapped_key_from_binary(to_binary(*blob));
  REQUIRE_MESSAGE(stored, text_of_error(stored));
  return std::move(*stored);
}

void check_opens(Wrapping& with, const WrappedKey& blob, const Secret& key) {
  const auto opened = unwrap_one(with.wrapper, blob, context);
  REQUIRE_MESSAGE(opened, text_of_error(opened));
  CHECK(*opened == key);
}

Error wrap_error(Wrapping& with) {
  const auto blob = wrap_one(with.wrapper, system_random().secret(32), context);
  REQUIRE_FALSE(blob);
  return blob.error();
}

Error unwrap_error(Wrapping& with, const WrappedKey& blob, Bytes for_context = context) {
  const auto opened = unwrap_one(with.wrapper, blob, for_context);
  REQUIRE_FALSE(opened);
  INFO(describe(opened.error()));
  return opened.error();
}

}  // namespace

TEST_CASE("a key wrapped at any version opens at any other, or says which it needs") {
  Kms kms;
  const std::string id = kms.make_key();
  const Secret key = system_random().secret(32);
  for (const Version at : spoken) {
    CAPTURE(at);
    Wrapping wrapping(kms.settings(at), id);
    const WrappedKey blob = wrap(wrapping, key);
    CHECK(blob.key_id == id);
    CHECK((mechanism_of(blob).where == Where::server) == (at >= Version::V1_2));
    CHECK(uses(blob, BlockCipherMode::GCM));
    CHECK(mechanism_of(blob).vendor.starts_with("Keyway development server"));
    CHECK(ProtocolNumber{mechanism_of(blob).version_major, mechanism_of(blob).version_minor} ==
          number_of(at));
    for (const Version then : spoken) {
      CAPTURE(then);
      Wrapping opening(kms.settings(then), {});
      const auto opened = unwrap_one(opening.wrapper, blob, context);
      if (then >= at) REQUIRE_MESSAGE(opened, text_of_error(opened));
      if (opened) {
        CHECK(*opened == key);
      } else {
        CHECK(opened.error().kind == ErrorKind::unsupported);
        CHECK(contains(opened.error().what, "needs KMIP 1."));
      }
    }
  }
}

TEST_CASE("keys of every size the format takes survive") {
  Kms kms;
  Wrapping with(kms.settings(), kms.make_key());
  for (const std::size_t size : {16U, 17U, 24U, 31U, 32U, 33U, 64U, 4096U, 65'536U}) {
    CAPTURE(size);
    const Secret key = system_random().secret(size);
    check_opens(with, wrap(with, key), key);
  }
}

TEST_CASE("servers with oddities are wrapped with all the same") {
  struct Case {
    std::string_view name;
    Quirks quirks;
    Version version;
    BlockCipherMode mode;
  };
  const Case cases[] = {
      {"no GCM", {.no_gcm = true}, Version::V1_4, BlockCipherMode::CBC},
      {"no GCM, 2.1", {.no_gcm = true}, Version::V2_1, BlockCipherMode::CBC},
      {"lost tag, 1.2", {.drop_gcm_tag = true}, Version::V1_2, BlockCipherMode::CBC},
      {"lost tag, 1.3", {.drop_gcm_tag = true}, Version::V1_3, BlockCipherMode::CBC},
      {"tag in its field", {.drop_gcm_tag = true}, Version::V1_4, BlockCipherMode::GCM},
      {"no Operation", {.omit_operation_in_response = true}, Version::V1_4, BlockCipherMode::GCM},
      {"no ids", {.omit_batch_id = true}, Version::V1_4, BlockCipherMode::GCM},
      {"unknown fields", {.extra_unknown_field = true}, Version::V2_0, BlockCipherMode::GCM},
      {"single items", {.max_batch_items = 1}, Version::V1_4, BlockCipherMode::GCM},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    Kms kms(one.quirks);
    Wrapping with(kms.settings(one.version), kms.make_key());
    const Secret key = system_random().secret(32);
    for (int round = 0; round < 2; ++round) {  // the second with what the first found out
      const WrappedKey blob = wrap(with, key);
      CHECK(uses(blob, one.mode));
      CHECK(mechanism_of(blob).where == Where::server);
      check_opens(with, blob, key);
    }
    // What a server can do is asked once.
    if (one.mode == BlockCipherMode::CBC) {
      kms.count(Operation::Encrypt);
      wrap(with, key);
      CHECK(kms.count(Operation::Encrypt) == 1);
    }
  }
}

TEST_CASE("a server that neither encrypts nor decrypts") {
  Kms kms({.no_encrypt = true});
  const std::string id = kms.make_key();
  SUBCASE("is not asked for the key unless told") {
    Wrapping with(kms.settings(), id);
    const Error error = wrap_error(with);
    CHECK(error.kind == ErrorKind::refused);
    CHECK(contains(error.what, "Encrypt: the server answered Operation Failed, Operation Not Supported"));
    CHECK(contains(error.advice, "--wrap-where client"));
    CHECK(kms.count(Operation::Get) == 0);
  }
  SUBCASE("gives the key to where=client") {
    Wrapping with(kms.settings(), id, WrapWhere::client);
    const Secret key = system_random().secret(32);
    const WrappedKey blob = wrap(with, key);
    CHECK(mechanism_of(blob).where == Where::client);
    check_opens(with, blob, key);
    Wrapping automatic(kms.settings(), {});
    check_opens(automatic, blob, key);  // the blob says where
    CHECK(kms.count(Operation::Encrypt) + kms.count(Operation::Decrypt) == 0);
  }
}

TEST_CASE("where=client opens what the server wrapped, in either mode") {
  for (const bool no_gcm : {false, true}) {
    Kms kms({.no_gcm = no_gcm});
    const std::string id = kms.make_key();
    const Secret key = system_random().secret(32);
    Wrapping there(kms.settings(), id);
    const WrappedKey blob = wrap(there, key);
    kms.count(Operation::Decrypt);
    Wrapping here(kms.settings(), {}, WrapWhere::client);
    check_opens(here, blob, key);
    CHECK(kms.count(Operation::Decrypt) == 0);
  }
}

TEST_CASE("where=server names the version it needs") {
  Kms kms;
  const std::string id = kms.make_key();
  Wrapping old(kms.settings(Version::V1_1), id, WrapWhere::server);
  const Error wrapping = wrap_error(old);
  CHECK(wrapping.kind == ErrorKind::unsupported);
  CHECK(wrapping.what == "wrapping inside the KMS needs KMIP 1.2; this connection uses 1.1");
  Wrapping current(kms.settings(), id);
  const Error opening = unwrap_error(old, wrap(current, system_random().secret(32)));
  CHECK(opening.kind == ErrorKind::unsupported);
  CHECK(opening.what == "opening this key inside the KMS needs KMIP 1.2; this connection uses 1.1");
}

TEST_CASE("the wrapping key may be named, and is verified") {
  Kms kms;
  const std::string id = kms.make_key("disk keys");
  kms.make_key("other keys");
  SUBCASE("by name") {
    Wrapping with(kms.settings(), "name:disk keys");
    CHECK(wrap(with, system_random().secret(32)).key_id == id);
  }
  SUBCASE("at a version that names attributes in text") {
    Wrapping with(kms.settings(Version::V1_2), "name:disk keys");
    CHECK(wrap(with, system_random().secret(32)).key_id == id);
  }
  SUBCASE("that does not exist") {
    Wrapping with(kms.settings(), "name:tape keys");
    const Error error = wrap_error(with);
    CHECK(error.kind == ErrorKind::not_found);
    CHECK(error.what == "the server has no object named 'tape keys'");
  }
  SUBCASE("as an identifier that does not exist") {
    Wrapping with(kms.settings(), "no-such-id");
    CHECK(wrap_error(with).kind == ErrorKind::not_found);
  }
  SUBCASE("not at all") {
    Wrapping with(kms.settings(), {});
    const Error error = wrap_error(with);
    CHECK(error.kind == ErrorKind::invalid_input);
    CHECK(error.what == "no wrapping key is named");
  }
}

TEST_CASE("a server that ignores the filter of Locate does not choose the key") {
  Kms kms({.locate_ignores_filter = true, .locate_omits_located_items = true});
  for (int i = 0; i < 20; ++i) kms.make_key(fmt::format("other {}", i));
  const std::string id = kms.make_key("disk keys");
  Wrapping with(kms.settings(), "name:disk keys");
  CHECK(wrap(with, system_random().secret(32)).key_id == id);
}

TEST_CASE("a name that two keys have is refused, with both identifiers") {
  GetAttributesResponse named;
  named.attributes.add(Tag::Name, Name{.value = "twins"});
  const auto attributes_of = [&](Text id) {
    named.unique_identifier = id;
    return answer(response({success(Operation::GetAttributes, payload_of(named))}));
  };
  LocateResponse both;
  both.unique_identifiers = {"one", "two"};
  const ScriptedPeer peer(server_tls(),
                          {Connection{{answer(response({success(Operation::Locate, payload_of(both))})),
                                       attributes_of("one"), attributes_of("two")}}});
  Wrapping with(settings_for(peer), "name:twins");
  const Error error = wrap_error(with);
  CHECK(error.kind == ErrorKind::invalid_input);
  CHECK(error.what == "2 objects are named 'twins': one, two");
  CHECK(error.advice == "give the unique identifier instead of the name");
}

TEST_CASE("a key that cannot wrap is refused before anything is encrypted") {
  Kms kms;
  SUBCASE("Pre-Active") {
    const std::string id = kms.make_key({}, false);
    Wrapping with(kms.settings(), id);
    const Error error = wrap_error(with);
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.what == fmt::format("key '{}' is not active yet (Pre-Active)", id));
    CHECK(error.advice == fmt::format("activate it: kmipctl activate {}", id));
    CHECK(kms.count(Operation::Encrypt) == 0);
    // Once it is, the same wrapper takes it.
    REQUIRE(with.client.call(ActivateRequest{.unique_identifier = Identifier(id)}));
    wrap(with, system_random().secret(32));
  }
  SUBCASE("with another usage") {
    const std::string id = kms.make_key({}, true, CryptographicUsageMask::MACGenerate);
    Wrapping with(kms.settings(), id);
    const Error error = wrap_error(with);
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.what == fmt::format("key '{}' may be used for 'MACGenerate' only", id));
    CHECK(kms.count(Operation::Encrypt) == 0);
  }
  SUBCASE("that may encrypt but not decrypt: nothing would open again") {
    Wrapping with(kms.settings(), kms.make_key({}, true, CryptographicUsageMask::Encrypt));
    CHECK(wrap_error(with).kind == ErrorKind::refused);
    CHECK(kms.count(Operation::Encrypt) == 0);
  }
}

TEST_CASE("120 keys, in order, by batches the server takes and batches it refuses") {
  for (const std::uint32_t most : {0U, 7U, 1U}) {
    CAPTURE(most);
    Kms kms({.max_batch_items = most});
    Wrapping with(kms.settings(), kms.make_key());
    std::vector<Secret> keys;
    std::vector<WrapJob> wraps;
    for (int i = 0; i < 120; ++i) {
      keys.push_back(system_random().secret(32));
      wraps.push_back({keys.back().duplicate(), owned(bytes_of(fmt::format("disk {}", i)))});
    }
    const auto blobs = wrap_and_wait(with.wrapper, std::move(wraps));
    REQUIRE(blobs.size() == keys.size());
    std::vector<UnwrapJob> unwraps;
    for (std::size_t i = 0; i < blobs.size(); ++i) {
      REQUIRE_MESSAGE(blobs[i], text_of_error(blobs[i]));
      unwraps.push_back({*blobs[i], owned(bytes_of(fmt::format("disk {}", i)))});
    }
    const auto opened = unwrap_and_wait(with.wrapper, std::move(unwraps));
    REQUIRE(opened.size() == keys.size());
    for (std::size_t i = 0; i < opened.size(); ++i) {
      REQUIRE_MESSAGE(opened[i], text_of_error(opened[i]));
      CHECK(*opened[i] == keys[i]);
    }
  }
}

TEST_CASE("one bad job of a batch fails alone") {
  Kms kms;
  Wrapping with(kms.settings(), kms.make_key());
  const Secret key = system_random().secret(32);
  SUBCASE("when it wraps") {
    std::vector<WrapJob> jobs;
    jobs.push_back({key.duplicate(), context});
    jobs.push_back({system_random().secret(8), context});
    jobs.push_back({key.duplicate(), OwnedBytes(longest_context + 1)});
    jobs.push_back({key.duplicate(), context});
    const auto blobs = wrap_and_wait(with.wrapper, std::move(jobs));
    REQUIRE(blobs.size() == 4);
    CHECK(blobs[0]);
    CHECK(blobs[1].error().kind == ErrorKind::invalid_input);
    CHECK(blobs[2].error().kind == ErrorKind::invalid_input);
    REQUIRE(blobs[3]);
    check_opens(with, *blobs[3], key);
  }
  SUBCASE("when it unwraps") {
    const WrappedKey good = wrap(with, key);
    WrappedKey bad = good, other = good, local = good;
    bad.ciphertext[3] ^= std::byte{1};
    other.key_id = "no-such-id";
    local.mechanism = LocalMechanism{};
    std::vector<UnwrapJob> jobs;
    for (const WrappedKey& blob : {good, bad, other, local, good}) jobs.push_back({blob, context});
    const auto opened = unwrap_and_wait(with.wrapper, std::move(jobs));
    REQUIRE(opened.size() == 5);
    REQUIRE_MESSAGE(opened[0], text_of_error(opened[0]));
    CHECK(*opened[0] == key);
    CHECK(opened[1].error().kind == ErrorKind::corrupt);
    CHECK(opened[2].error().kind == ErrorKind::not_found);
    CHECK(opened[3].error().kind == ErrorKind::not_mine);
    REQUIRE_MESSAGE(opened[4], text_of_error(opened[4]));
    CHECK(*opened[4] == key);
  }
}

TEST_CASE("a blob that was tampered with is corrupt, whatever its checksum says") {
  struct Case {
    std::string_view name;
    Quirks quirks;
    WrapWhere where;
  };
  const Case cases[] = {{"GCM", {}, WrapWhere::automatic},
                        {"CBC", {.no_gcm = true}, WrapWhere::automatic},
                        {"client", {}, WrapWhere::client}};
  for (const Case& one : cases) {
    CAPTURE(one.name);
    Kms kms(one.quirks);
    const std::string other = kms.make_key();
    Wrapping with(kms.settings(), kms.make_key(), one.where);
    const WrappedKey good = wrap(with, system_random().secret(32));
    // Each goes through the written form, whose checksum is made anew.
    const auto tampered = [&](auto change) {
      WrappedKey blob = good;
      change(blob);
      const auto stored = wrapped_key_from_binary(to_binary(blob));
      REQUIRE_MESSAGE(stored, text_of_error(stored));
      return unwrap_error(with, *stored).kind;
    };
    CHECK(tampered([&](WrappedKey& b) { b.key_id = other; }) == ErrorKind::corrupt);
    for (const std::size_t at : {std::size_t{0}, good.ciphertext.size() / 2, good.ciphertext.size() - 1}) {
      CAPTURE(at);
      CHECK(tampered([&](WrappedKey& b) { b.ciphertext[at] ^= std::byte{0x10}; }) == ErrorKind::corrupt);
    }
    CHECK(tampered([&](WrappedKey& b) { std::get<KmipMechanism>(b.mechanism).iv[0] ^= std::byte{1}; }) ==
          ErrorKind::corrupt);
    CHECK(tampered([&](WrappedKey& b) { b.check_value[0] ^= std::byte{1}; }) == ErrorKind::corrupt);
    CHECK(unwrap_error(with, good, bytes_of("volume 8")).kind == ErrorKind::corrupt);
    CHECK(unwrap_error(with, good, {}).kind == ErrorKind::corrupt);
  }
}

TEST_CASE("rewrap moves keys to the current key; the old blob stays good") {
  Kms kms;
  const std::string first = kms.make_key(), second = kms.make_key();
  Wrapping before(kms.settings(), first), after(kms.settings(), second);
  const Secret key = system_random().secret(32);
  const WrappedKey old = wrap(before, key);
  const auto moved = rewrap_one(after.wrapper, old, context);
  REQUIRE_MESSAGE(moved, text_of_error(moved));
  CHECK(moved->key_id == second);
  check_opens(after, *moved, key);
  check_opens(after, old, key);
}

TEST_CASE("a key that was retired opens and does not wrap") {
  Kms kms;
  const std::string id = kms.make_key();
  const Secret key = system_random().secret(32);
  Wrapping with(kms.settings(), id);
  const WrappedKey blob = wrap(with, key);
  RevokeRequest revoke;
  revoke.unique_identifier = Identifier(id);
  revoke.revocation_reason.code = RevocationReasonCode::Superseded;
  REQUIRE(with.client.call(std::move(revoke)));
  check_opens(with, blob, key);
  CHECK(wrap_error(with).kind == ErrorKind::refused);  // known to this wrapper as fit: the server says no
  Wrapping fresh(kms.settings(), id);
  const Error error = wrap_error(fresh);
  CHECK(error.what == fmt::format("key '{}' is in state Deactivated", id));
}
