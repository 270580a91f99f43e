#include <string>

#include <core/crypto.h>
#include <keyring/model/seal.h>
#include <tests/core/support.h>

using namespace keyway;
using namespace keyway::keyring;
using test::CountingRandom;
using test::ScratchFolder;

namespace {

constexpr Text about = R"({"backend":"vault"})";

StateKey new_key(const std::filesystem::path& path) {
  auto key = StateKey::create(path);
  REQUIRE(key);
  return std::move(*key);
}

OwnedBytes sealed(const StateKey& key, Text secret, Random& random = system_random()) {
  auto out = key.seal(bytes_of(secret), about, random);
  REQUIRE(out);
  return std::move(*out);
}

void check_corrupt(const StateKey& key, Bytes bytes, Text other_about = about) {
  const auto opened = key.open(bytes, other_about);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == ErrorKind::corrupt);
}

}  // namespace

TEST_CASE("what is sealed opens again, also after the key was loaded from its file") {
  const ScratchFolder folder;
  const StateKey key = new_key(folder / "state.key");
  const auto loaded = StateKey::load(folder / "state.key");
  REQUIRE(loaded);
  CHECK(loaded->id() == key.id());
  for (const std::string& secret : {std::string(), std::string("s"), std::string(100'000, 's')}) {
    const OwnedBytes bytes = sealed(key, secret);
    CHECK(bytes.size() == 1 + gcm_iv_size + gcm_tag_size + secret.size());
    const auto opened = loaded->open(bytes, about);
    REQUIRE(opened);
    CHECK(opened->reveal_text() == secret);
  }
}

TEST_CASE("the form that is on disks stays as it is") {
  const ScratchFolder folder;
  CountingRandom random(0);  // the key is 00 01 .. 1f
  const auto key = StateKey::create(folder / "state.key", random);
  REQUIRE(key);
  CountingRandom iv(0xa0);
  // Made with another implementation of AES-256-GCM.
  CHECK(sealed(*key, "swordfish", iv) ==
        test::hex("01 a0a1a2a3a4a5a6a7a8a9aaab d2c76d98c7759b45603ef46d2c65d4be 956f135f21ad6bcc0a"));
}

TEST_CASE("each sealing has an IV of its own") {
  const ScratchFolder folder;
  const StateKey key = new_key(folder / "state.key");
  CHECK(sealed(key, "swordfish") != sealed(key, "swordfish"));
}

TEST_CASE("every flipped bit, every cut and every added byte is found") {
  const ScratchFolder folder;
  const StateKey key = new_key(folder / "state.key");
  for (const Text secret : {"swordfish", ""}) {
    OwnedBytes bytes = sealed(key, secret);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      CAPTURE(bit);
      const std::byte mask = std::byte{1} << (bit % 8);
      bytes[bit / 8] ^= mask;
      check_corrupt(key, bytes);
      bytes[bit / 8] ^= mask;
    }
    for (std::size_t size = 0; size < bytes.size(); ++size) check_corrupt(key, Bytes(bytes).first(size));
    CHECK(key.open(bytes, about));
    bytes.push_back(std::byte{0});
    check_corrupt(key, bytes);
  }
}

TEST_CASE("what is sealed is bound to what it is about, and to its key") {
  const ScratchFolder folder;
  const StateKey key = new_key(folder / "state.key");
  const StateKey other = new_key(folder / "other.key");
  const OwnedBytes bytes = sealed(key, "swordfish");
  for (const Text another : {Text(), about.substr(1), about.substr(0, about.size() - 1), Text("kms 1")})
    check_corrupt(key, bytes, another);
  check_corrupt(other, bytes);
  const auto opened = other.open(bytes, about);
  CHECK(opened.error().what.find(other.id()) != std::string::npos);
}

TEST_CASE("a key file that is there is kept, and one that is missing is said to be") {
  const ScratchFolder folder;
  const StateKey key = new_key(folder / "state.key");
  const auto again = StateKey::create(folder / "state.key");
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::invalid_input);
  CHECK(StateKey::load(folder / "state.key")->id() == key.id());
  const auto missing = StateKey::load(folder / "no.key");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::not_found);
}
