// Wrap, unwrap and rewrap against a server, and the keys that get in their way.
#include <doctest/doctest.h>

#include <tests/vault/server/server.h>

using namespace keyway;
using namespace keyway::vault;
using namespace keyway::vault::test;

namespace {

ErrorKind kind_of(const auto& result) { return result ? ErrorKind::internal : result.error().kind; }
bool says(const auto& result, std::string_view words) {
  return !result && describe(result.error()).find(words) != std::string::npos;
}

struct Fixture {
  Server& server = Server::instance();
  Client& client = server.client().async();
  VaultWrapper wrapper(const TransitKey& key, std::size_t batch_limit = 200) {
    return VaultWrapper(client, {.key = key, .batch_limit = batch_limit});
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a key is wrapped, unwrapped and rewrapped") {
  const TransitKey key = server.make_key();
  VaultWrapper wraps = wrapper(key);
  const Secret secret = data_key();
  const WrappedKey blob = wrapped(wraps, secret, "fs-1");
  CHECK(blob.key_id == key.name);
  CHECK(blob.key_version == "1");
  CHECK(std::get<VaultMechanism>(blob.mechanism).mount == key.mount);
  CHECK(std::get<VaultMechanism>(blob.mechanism).key_created > 0);
  const auto read = wrapped_key_from_text(to_text(blob));
  REQUIRE(read);
  CHECK(*unwrap_one(wraps, *read, bytes_of("fs-1")) == secret);
  CHECK(kind_of(unwrap_one(wraps, *read, bytes_of("fs-2"))) == ErrorKind::corrupt);
  CHECK(kind_of(unwrap_one(wraps, with_damage(blob), bytes_of("fs-1"))) == ErrorKind::corrupt);

  // At the newest version already: nothing changes.
  const auto same = rewrap_one(wraps, blob, bytes_of("fs-1"));
  REQUIRE(same);
  CHECK(same->ciphertext == blob.ciphertext);

  server.rotate(key);
  VaultWrapper of_any_key(client, {});
  for (KeyWrapper* each : {static_cast<KeyWrapper*>(&wraps), static_cast<KeyWrapper*>(&of_any_key)}) {
    const auto moved = rewrap_one(*each, blob, bytes_of("fs-1"));
    REQUIRE(moved);
    CHECK(moved->key_version == "2");
    CHECK(text_of(moved->ciphertext).starts_with("vault:v2:"));
    CHECK(*unwrap_one(wraps, *moved, bytes_of("fs-1")) == secret);
  }
  CHECK(*unwrap_one(wraps, blob, bytes_of("fs-1")) == secret);  // the old one still opens

  VaultWrapper pinned(client, {.key = key, .key_version = 1});
  CHECK(wrapped(pinned, secret).key_version == "1");
  VaultWrapper too_new(client, {.key = key, .key_version = 9});
  CHECK(kind_of(wrap_one(too_new, secret.duplicate())) == ErrorKind::invalid_input);
}

TEST_CASE_FIXTURE(Fixture, "another key: the data key goes through here, and the old blob still opens") {
  const TransitKey from = server.make_key(), to = server.make_key();
  VaultWrapper old = wrapper(from), fresh = wrapper(to);
  const Secret secret = data_key();
  const WrappedKey blob = wrapped(old, secret, "fs");
  const auto moved = rewrap_one(fresh, blob, bytes_of("fs"));
  REQUIRE(moved);
  CHECK(moved->key_id == to.name);
  CHECK(*unwrap_one(old, *moved, bytes_of("fs")) == secret);
  CHECK(*unwrap_one(fresh, blob, bytes_of("fs")) == secret);
}

TEST_CASE_FIXTURE(Fixture, "a batch is cut, answered in order, and fails by the item") {
  const TransitKey key = server.make_key();
  VaultWrapper wraps = wrapper(key, 20);
  constexpr std::size_t count = 130;
  std::vector<Secret> secrets;
  std::vector<WrapJob> jobs;
  for (std::size_t i = 0; i < count; ++i) {
    secrets.push_back(data_key());
    jobs.push_back({secrets.back().duplicate(), owned(bytes_of(i % 3 == 0 ? "" : fmt::format("fs-{}", i)))});
  }
  jobs[7].key = Secret(Text("short"));
  auto blobs = wrap_and_wait(wraps, std::move(jobs));
  REQUIRE(blobs.size() == count);
  CHECK(kind_of(blobs[7]) == ErrorKind::invalid_input);
  blobs[7] = blobs[6];

  std::vector<UnwrapJob> unwraps;
  for (std::size_t i = 0; i < count; ++i) {
    REQUIRE(blobs[i]);
    const std::size_t j = i == 7 ? 6 : i;
    unwraps.push_back({*blobs[i], owned(bytes_of(j % 3 == 0 ? "" : fmt::format("fs-{}", j)))});
  }
  for (const std::size_t bad : {3U, 17U, 18U, 129U}) unwraps[bad].key = with_damage(unwraps[bad].key);
  const std::string cut_text = "vault:v1:AAAA";
  unwraps[50].key.ciphertext = owned(bytes_of(cut_text));
  const std::string future = "vault:v99:" + std::string(text_of(unwraps[51].key.ciphertext).substr(9));
  unwraps[51].key.ciphertext = owned(bytes_of(future));
  std::vector<UnwrapJob> rewraps = unwraps;
  const auto opened = unwrap_and_wait(wraps, std::move(unwraps));
  REQUIRE(opened.size() == count);
  const auto is_damaged = [](std::size_t i) { return i == 3 || i == 17 || i == 18 || i == 129 || i == 50; };
  for (std::size_t i = 0; i < count; ++i) {
    CAPTURE(i);
    if (is_damaged(i))
      CHECK(kind_of(opened[i]) == ErrorKind::corrupt);
    else if (i == 51)
      CHECK(kind_of(opened[i]) == ErrorKind::refused);
    else
      CHECK((opened[i] && *opened[i] == secrets[i == 7 ? 6 : i]));
  }

  server.rotate(key);
  const auto moved = rewrap_and_wait(wraps, std::move(rewraps));
  for (std::size_t i = 0; i < count; ++i) {
    CAPTURE(i);
    if (is_damaged(i))
      CHECK(kind_of(moved[i]) == ErrorKind::corrupt);
    else if (i == 51)
      CHECK(kind_of(moved[i]) == ErrorKind::refused);
    else
      CHECK((moved[i] && moved[i]->key_version == "2"));
  }
}

TEST_CASE_FIXTURE(Fixture, "a missing key is an error, and is not made") {
  const TransitKey key{server.transit(), server.unused_name("typo")};
  VaultWrapper wraps = wrapper(key);
  const auto blob = wrap_one(wraps, data_key());
  CHECK(kind_of(blob) == ErrorKind::not_found);
  CHECK(says(blob, key.name));
  const Secret secret = data_key();
  CHECK(kind_of(server.client().encrypt(key, {{.plaintext = secret.reveal()}})[0]) == ErrorKind::not_found);
  CHECK(kind_of(server.client().data_key(key, 256, {}, true)) == ErrorKind::not_found);
  CHECK_FALSE(server.has_key(key));
  VaultWrapper nowhere = wrapper({"keyway/not/mounted", "key"});
  CHECK(kind_of(wrap_one(nowhere, data_key())) == ErrorKind::not_found);
  VaultWrapper misnamed = wrapper({server.transit(), "no/such"});
  CHECK(kind_of(wrap_one(misnamed, data_key())) == ErrorKind::invalid_input);
}

TEST_CASE_FIXTURE(Fixture, "a derived key gets the context") {
  const TransitKey key = server.make_key(R"({"derived":true})");
  VaultWrapper wraps = wrapper(key);
  const Secret secret = data_key();
  CHECK(kind_of(wrap_one(wraps, secret.duplicate())) == ErrorKind::invalid_input);
  const WrappedKey blob = wrapped(wraps, secret, "fs-1");
  CHECK(std::get<VaultMechanism>(blob.mechanism).context_use == VaultMechanism::ContextUse::derivation);
  CHECK(*unwrap_one(wraps, blob, bytes_of("fs-1")) == secret);
  CHECK(kind_of(unwrap_one(wraps, blob, bytes_of("fs-2"))) == ErrorKind::corrupt);
  server.rotate(key);
  const auto moved = rewrap_one(wraps, blob, bytes_of("fs-1"));
  REQUIRE(moved);
  CHECK(moved->key_version == "2");
  CHECK(*unwrap_one(wraps, *moved, bytes_of("fs-1")) == secret);
  CHECK(kind_of(rewrap_one(wraps, blob, bytes_of("fs-2"))) == ErrorKind::corrupt);
}

TEST_CASE_FIXTURE(Fixture, "an archived version opens nothing until it is brought back") {
  const TransitKey key = server.make_key();
  VaultWrapper wraps = wrapper(key);
  const Secret secret = data_key();
  const WrappedKey blob = wrapped(wraps, secret);
  server.rotate(key);
  server.configure(key, R"({"min_decryption_version":2})");
  const auto refused = unwrap_one(wraps, blob);
  CHECK(kind_of(refused) == ErrorKind::refused);
  CHECK(says(refused, "min_decryption_version"));
  CHECK(kind_of(rewrap_one(wraps, blob)) == ErrorKind::refused);
  server.configure(key, R"({"min_decryption_version":1})");
  CHECK(*unwrap_one(wraps, blob) == secret);
}

TEST_CASE_FIXTURE(Fixture, "a key that was deleted and made again is named as the reason") {
  const TransitKey key = server.make_key();
  VaultWrapper wraps = wrapper(key);
  const WrappedKey blob = wrapped(wraps, data_key());
  server.configure(key, R"({"deletion_allowed":true})");
  server.remove(fmt::format("{}/keys/{}", key.mount, key.name));
  CHECK(kind_of(unwrap_one(wraps, blob)) == ErrorKind::not_found);
  CHECK(kind_of(wrap_one(wraps, data_key())) == ErrorKind::not_found);
  CHECK_FALSE(server.has_key(key));
  // Creation times are whole seconds: the second key has to be of another one.
  const auto created = std::get<VaultMechanism>(blob.mechanism).key_created;
  for_a_while(std::chrono::milliseconds(0), [&] {
    while (std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()) <= created + 1) {
      server.client().health();
    }
  });
  server.post(fmt::format("{}/keys/{}", key.mount, key.name));
  const auto gone = unwrap_one(wraps, blob);
  CHECK(kind_of(gone) == ErrorKind::corrupt);
  CHECK(says(gone, "later one of the same name"));
}

TEST_CASE_FIXTURE(Fixture, "keys of other types wrap when they can encrypt") {
  for (const std::string type : {"chacha20-poly1305", "rsa-2048"}) {
    CAPTURE(type);
    const TransitKey key = server.make_key(fmt::format(R"({{"type":"{}"}})", type));
    VaultWrapper wraps = wrapper(key);
    const Secret secret = data_key();
    const WrappedKey blob = wrapped(wraps, secret);
    CHECK(*unwrap_one(wraps, blob) == secret);
  }
  for (const std::string type : {"ecdsa-p256", "ed25519"}) {
    CAPTURE(type);
    VaultWrapper wraps = wrapper(server.make_key(fmt::format(R"({{"type":"{}"}})", type)));
    CHECK(kind_of(wrap_one(wraps, data_key())) == ErrorKind::invalid_input);
  }
}

TEST_CASE_FIXTURE(Fixture, "associated data is bound where the server can, and refused where it cannot") {
  const TransitKey key = server.make_key();
  VaultWrapper wraps(client, {.key = key, .uses_associated_data = true});
  const Secret secret = data_key();
  const auto blob = wrap_one(wraps, secret.duplicate(), bytes_of("fs-1"));
  if (!blob) {
    CHECK(kind_of(blob) == ErrorKind::unsupported);
    return;
  }
  CHECK(std::get<VaultMechanism>(blob->mechanism).context_use == VaultMechanism::ContextUse::associated_data);
  CHECK(*unwrap_one(wraps, *blob, bytes_of("fs-1")) == secret);
  CHECK(kind_of(unwrap_one(wraps, *blob, bytes_of("fs-2"))) == ErrorKind::corrupt);
  server.rotate(key);
  CHECK(kind_of(rewrap_one(wraps, *blob, bytes_of("fs-1"))) == ErrorKind::unsupported);
}

TEST_CASE_FIXTURE(Fixture, "a data key comes from the server") {
  const TransitKey key = server.make_key();
  const auto made = server.client().data_key(key, 256, {}, true);
  REQUIRE(made);
  CHECK(made->plaintext.size() == 32);
  const auto opened = server.client().decrypt(key, {{.ciphertext = made->wrapped.text}});
  REQUIRE(opened[0]);
  CHECK(*opened[0] == made->plaintext);
  const auto wrapped_only = server.client().data_key(key, 128, {}, false);
  REQUIRE(wrapped_only);
  CHECK(wrapped_only->plaintext.empty());
}

TEST_CASE_FIXTURE(Fixture, "large and many keys in one call") {
  const TransitKey key = server.make_key();
  VaultWrapper wraps = wrapper(key, 1000);
  std::vector<WrapJob> jobs;
  for (int i = 0; i < 600; ++i) jobs.push_back({data_key(), {}});
  jobs.push_back({system_random().secret(longest_data_key), {}});
  std::vector<UnwrapJob> unwraps;
  for (auto& blob : wrap_and_wait(wraps, std::move(jobs))) {
    REQUIRE_MESSAGE(blob, (blob ? "" : describe(blob.error())));
    unwraps.push_back({std::move(*blob), {}});
  }
  for (const auto& opened : unwrap_and_wait(wraps, std::move(unwraps))) CHECK(opened);
}

TEST_CASE_FIXTURE(Fixture, "blobs of others are not opened") {
  VaultWrapper wraps = wrapper(server.make_key());
  WrappedKey blob = wrapped(wraps, data_key());
  std::get<VaultMechanism>(blob.mechanism).key_namespace = "team-b";
  const auto other = unwrap_one(wraps, blob);
  CHECK(kind_of(other) == ErrorKind::not_mine);
  CHECK(says(other, "team-b"));
  blob.mechanism = LocalMechanism{};
  CHECK(kind_of(unwrap_one(wraps, blob)) == ErrorKind::not_mine);
}

TEST_CASE_FIXTURE(Fixture, "a namespace that is not there is named, or not known to the server at all") {
  ClientSettings settings = server.root_settings();
  settings.name_space = "keyway-no-such-namespace";
  BlockingClient elsewhere(std::move(settings));
  const auto info = elsewhere.read_key(server.make_key());
  if (info) return;  // a server without namespaces
  CHECK(kind_of(info) == ErrorKind::not_found);
  CHECK(says(info, "namespace"));
  CHECK(elsewhere.health());  // of the whole server
}
