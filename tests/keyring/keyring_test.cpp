// What the commands rest on: models, retired KMSs, rewraps, snapshots, downgrades.
#include "support.h"

namespace keyway::keyring {

namespace {

struct Ring {
  Ring() {
    for (const char* address : {vault_a, vault_b}) {
      world.add_key(address, "cluster");
      world.add_key(address, "own");
      world.add_key(address, "theirs", "tenant");
    }
    world.add_key(kmip_a, "uid-1");
    world.add_key(kmip_a, "uid-2");
  }
  Keyring open() { return must(Keyring::create(settings_in(folder, world))); }
  static OwnKey tenant(const std::string& secret = "tenant-secret") {
    return {.key = "theirs",
            .name_space = "tenant",
            .role = AppRoleAuth{"tenant-role", Credential::stored(Secret(Text(secret)))}};
  }

  Folder folder;
  World world;
};

}  // namespace

TEST_CASE("a cluster key: filesystems are created, unlocked, listed and removed") {
  Ring test;
  Keyring ring = test.open();
  const auto refused = ring.create_filesystem(encrypted("early"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::invalid_input);
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  must(ring.create_filesystem(encrypted("one")));
  must(ring.create_filesystem(encrypted("two")));
  must(ring.create_filesystem({.name = "plain"}));
  CHECK_FALSE(ring.create_filesystem(encrypted("one")));
  const Secret key = must(ring.unlock("one"));
  CHECK(key.size() == filesystem_key_size);
  CHECK(must(ring.unlock("one")) == key);
  CHECK_FALSE(must(ring.unlock("two")) == key);
  CHECK(ring.unlock("plain").error().kind == ErrorKind::invalid_input);
  CHECK(ring.unlock("three").error().kind == ErrorKind::not_found);
  const Overview overview = must(ring.overview());
  CHECK(overview.filesystems == 3);
  CHECK(overview.encrypted == 2);
  CHECK(overview.left == 0);
  must(ring.remove_filesystem("one"));
  CHECK(ring.unlock("one").error().kind == ErrorKind::not_found);
  std::vector<std::string> names;
  must(ring.each([&](const FilesystemView& view) -> Result<void> {
    names.push_back(view.row.name);
    return {};
  }));
  CHECK(names == std::vector<std::string>{"two", "plain"});
}

TEST_CASE("a new process opens what another made, with the credentials that were sealed") {
  Ring test;
  Keys before;
  {
    Keyring ring = test.open();
    must(ring.set_kms({vault_at(vault_a, "cluster")}));
    must(ring.create_filesystem(encrypted("one")));
    must(ring.create_filesystem(encrypted("theirs", Ring::tenant())));
    before = keys_of(ring);
  }
  Keyring ring = must(Keyring::open(settings_in(test.folder, test.world)));
  CHECK(keys_of(ring) == before);
  CHECK(must(ring.verify(false)).done == 2);
}

TEST_CASE("a KMS that does not wrap is not stored, unless the check is skipped") {
  Ring test;
  Keyring ring = test.open();
  CHECK(ring.set_kms({vault_at(vault_a, "nobody")}).error().kind == ErrorKind::not_found);
  CHECK(must(ring.overview()).kms.empty());
  must(ring.set_kms({.kms = vault_at(vault_a, "nobody"), .skips_check = true}));
  CHECK(must(ring.overview()).kms.size() == 1);
  CHECK(must(ring.last_events(10)).back().detail.find("not checked") != std::string::npos);
}

TEST_CASE("of two that rename a filesystem one is told that the other was first") {
  Ring test;
  Keyring ring = test.open();
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  must(ring.create_filesystem(encrypted("one")));
  Keyring other = test.open();
  test.world.on_call = [&] { must(other.update_filesystem("one", {.new_name = "theirs"})); };
  const auto late = ring.update_filesystem("one", {.new_name = "ours", .own = Ring::tenant()});
  REQUIRE_FALSE(late);
  CHECK(late.error().kind == ErrorKind::unreachable);
  must(ring.filesystem("theirs"));
}

TEST_CASE("a former KMS is kept, unwrap-only, until the last key has left it") {
  Ring test;
  Keyring ring = test.open();
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  for (const char* name : {"one", "two", "three"}) must(ring.create_filesystem(encrypted(name)));
  const Keys before = keys_of(ring);
  const auto set = must(ring.set_kms({kmip_at(kmip_a, "uid-1")}));
  CHECK_FALSE(set.is_same_key);
  CHECK(set.left == 3);
  CHECK(keys_of(ring) == before);
  Overview overview = must(ring.overview());
  REQUIRE(overview.kms.size() == 2);
  CHECK(overview.kms[1].left == 3);
  must(ring.create_filesystem(encrypted("four")));
  CHECK(ring.rewrap({}).error().kind == ErrorKind::invalid_input);  // KMIP wants a key
  const auto moved = must(ring.rewrap({.new_key = "uid-1"}));
  CHECK(moved.tally.done == 3);
  CHECK(moved.tally.already == 1);
  CHECK(moved.left == 0);
  overview = must(ring.overview());
  CHECK(overview.kms.size() == 1);
  Keys after = keys_of(ring);
  after.erase("four");
  CHECK(after == before);
}

TEST_CASE("the same key with other credentials is no new KMS") {
  Ring test;
  Keyring ring = test.open();
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  must(ring.create_filesystem(encrypted("one")));
  VaultKms next = vault_at(vault_a, "cluster");
  next.auth = TokenAuth{Credential::stored(Secret(Text("token")))};
  const auto set = must(ring.set_kms({next}));
  CHECK(set.is_same_key);
  CHECK(set.left == 0);
  CHECK(must(ring.overview()).kms.size() == 1);
  // A key of the same name somewhere else is another one.
  const auto elsewhere = must(ring.set_kms({vault_at(vault_b, "cluster")}));
  CHECK_FALSE(elsewhere.is_same_key);
  CHECK(elsewhere.left == 1);
  CHECK(keys_of(ring).size() == 1);
}

TEST_CASE("kms rewrap brings Vault's keys to the newest version, and only once") {
  Ring test;
  Keyring ring = test.open();
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  for (const char* name : {"one", "two"}) must(ring.create_filesystem(encrypted(name)));
  must(ring.create_filesystem(encrypted("mine", {.key = "own"})));
  const Keys before = keys_of(ring);
  test.world.servers[vault_a].keys["/cluster"].versions = 2;
  test.world.servers[vault_a].keys["/own"].versions = 5;
  CHECK(ring.rewrap({.new_key = "uid-1"}).error().kind == ErrorKind::invalid_input);
  CHECK(must(ring.rewrap({.only_counts = true})).tally.done == 2);
  CHECK(must(ring.filesystem("one")).row.key->key_version == "1");
  auto moved = must(ring.rewrap({}));
  CHECK(moved.tally.done == 2);
  CHECK(moved.version == "2");
  CHECK(must(ring.filesystem("mine")).row.key->key_version == "1");
  const int calls = test.world.calls;
  moved = must(ring.rewrap({}));
  CHECK(moved.tally.done == 0);
  CHECK(moved.tally.already == 2);
  CHECK(test.world.calls == calls);
  moved = must(ring.rewrap({.includes_own_keys = true}));
  CHECK(moved.tally.done == 1);
  CHECK(must(ring.filesystem("mine")).row.key->key_version == "5");
  CHECK(keys_of(ring) == before);
}

TEST_CASE("keys of their own: rules, sessions, updates, conversion") {
  Ring test;
  test.world.servers[vault_a].secrets["tenant/tenant-role"] = "tenant-secret";
  Keyring ring = test.open();
  VaultKms by_token = vault_at(vault_a, "cluster");
  by_token.auth = TokenAuth{Credential::stored(Secret(Text("token")))};
  must(ring.set_kms({by_token}));
  CHECK(ring.create_filesystem(encrypted("mine", {.key = "own"})).error().what.find("AppRole") !=
        std::string::npos);
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  must(ring.create_filesystem(encrypted("mine", {.key = "own"})));
  CHECK_FALSE(ring.create_filesystem(encrypted("no-key", {.name_space = "tenant"})));
  CHECK_FALSE(ring.create_filesystem(encrypted("no-role", {.key = "theirs", .name_space = "tenant"})));
  CHECK_FALSE(ring.create_filesystem({.name = "plain", .own = {.key = "own"}}));
  CHECK(ring.create_filesystem(encrypted("bad", Ring::tenant("wrong"))).error().kind == ErrorKind::refused);
  CHECK_FALSE(ring.filesystem("bad"));
  for (int i = 0; i < 20; ++i)
    must(ring.create_filesystem(encrypted("theirs-" + std::to_string(i), Ring::tenant())));
  const Keys before = keys_of(ring);

  {  // one login for the cluster, one for the tenant's twenty
    Keyring fresh = must(Keyring::open(settings_in(test.folder, test.world)));
    test.world.servers[vault_a].logins = 0;
    CHECK(keys_of(fresh) == before);
    CHECK(test.world.servers[vault_a].logins == 2);
  }
  // A new secret id of the same role, after the former has died.
  test.world.servers[vault_a].secrets["tenant/tenant-role"] = "next-secret";
  CHECK_FALSE(must(Keyring::open(settings_in(test.folder, test.world))).unlock("theirs-1"));
  must(ring.update_filesystem("theirs-1", {.own = Ring::tenant("next-secret")}));
  CHECK(keys_of(ring) == before);
  CHECK(ring.set_kms({kmip_at(kmip_a, "uid-1")}).error().what.find("theirs-0") != std::string::npos);
  must(ring.update_filesystem("theirs-2", {.uses_cluster_key = true}));
  CHECK(must(ring.filesystem("theirs-2")).row.own_key.empty());
  must(ring.update_filesystem("theirs-3", {.new_name = "renamed", .own = {.key = "theirs"}}));
  CHECK(must(ring.unlock("renamed")).size() == filesystem_key_size);
  const auto set = must(ring.set_kms({.kms = kmip_at(kmip_a, "uid-1"), .converts_to_cluster_key = true}));
  CHECK(set.converted == 20);
  CHECK(set.left == 21);
  CHECK(must(ring.rewrap({.new_key = "uid-1"})).tally.done == 21);
  CHECK(must(ring.overview()).kms.size() == 1);
  Keys after = keys_of(ring);
  after["theirs-3"] = after["renamed"];
  after.erase("renamed");
  CHECK(after == before);
}

TEST_CASE("unset refuses, and downgrades when it is told to") {
  Ring test;
  Keyring ring = test.open();
  CHECK(ring.unset_kms(false).error().kind == ErrorKind::not_found);
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  must(ring.create_filesystem({.name = "plain"}));
  must(ring.unset_kms(false));
  CHECK(must(ring.overview()).kms.empty());
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  must(ring.create_filesystem(encrypted("one")));
  must(ring.create_filesystem(encrypted("mine", {.key = "own"})));
  const Keys before = keys_of(ring);
  CHECK(ring.unset_kms(false).error().what.find("'one', 'mine'") != std::string::npos);
  CHECK(must(ring.unset_kms(true)).done == 2);
  test.world.servers[vault_a].is_away = true;
  CHECK(keys_of(ring) == before);
  const Overview overview = must(ring.overview());
  REQUIRE(overview.kms.size() == 1);
  CHECK(backend_of(overview.kms[0].settings) == Backend::local);
  CHECK_FALSE(ring.create_filesystem(encrypted("two")));
  must(ring.create_filesystem({.name = "two", .is_encrypted = true, .allows_no_kms = true}));
  // And back.
  test.world.servers[vault_a].is_away = false;
  CHECK(must(ring.set_kms({vault_at(vault_a, "cluster")})).left == 3);
  CHECK(must(ring.rewrap({})).tally.done == 3);
  CHECK(must(ring.overview()).kms.size() == 1);
  CHECK(keys_of(ring).size() == 3);
}

TEST_CASE("a snapshot opens as long as its key exists, wherever the filesystem has gone") {
  Ring test;
  Keyring ring = test.open();
  must(ring.set_kms({kmip_at(kmip_a, "uid-1")}));
  must(ring.create_filesystem(encrypted("one")));
  const Keys before = keys_of(ring);
  const Snapshot snapshot = must(ring.snapshot("one"));
  must(ring.rewrap({.new_key = "uid-2"}));
  must(ring.download("copy", snapshot, {}, false));
  CHECK(keys_of(ring)["copy"] == before.at("one"));
  CHECK(must(ring.filesystem("copy")).row.key->key_id == "uid-2");
  CHECK(must(ring.filesystem("copy")).row.id != must(ring.filesystem("one")).row.id);
  test.world.servers[kmip_a].keys.erase("/uid-1");
  CHECK(ring.download("late", snapshot, {}, false).error().kind == ErrorKind::not_found);
  CHECK_FALSE(ring.filesystem("late"));
  Snapshot swapped = must(ring.snapshot("one"));
  swapped.filesystem_id = must(ring.filesystem("copy")).row.id;
  CHECK(ring.download("swapped", swapped, {}, false).error().kind == ErrorKind::corrupt);
}

TEST_CASE("one that fails, fails alone and is named; the rest stays done") {
  Ring test;
  Keyring ring = test.open();
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  for (int i = 0; i < 50; ++i) must(ring.create_filesystem(encrypted(std::to_string(i))));
  const Keys before = keys_of(ring);
  must(ring.set_kms({vault_at(vault_b, "cluster")}));
  test.world.bad_contexts.insert(must(ring.filesystem("7")).context);
  const auto moved = must(ring.rewrap({}));
  CHECK(moved.tally.done == 49);
  REQUIRE(moved.tally.failed == 1);
  CHECK(moved.tally.failures[0].filesystem == "7");
  CHECK(moved.left == 1);
  CHECK(must(ring.overview()).kms.size() == 2);
  test.world.bad_contexts.clear();
  CHECK(must(ring.rewrap({})).tally.done == 1);
  CHECK(keys_of(ring) == before);
}

TEST_CASE("a lost state key: the wrapped keys are there, and the credentials are given again") {
  Ring test;
  Keys before;
  {
    Keyring ring = test.open();
    must(ring.set_kms({vault_at(vault_a, "cluster")}));
    must(ring.create_filesystem(encrypted("one")));
    must(ring.create_filesystem(encrypted("theirs", Ring::tenant())));
    before = keys_of(ring);
    std::filesystem::remove(ring.state_key_file());
  }
  Keyring ring = test.open();
  const auto lost = ring.unlock("one");
  REQUIRE_FALSE(lost);
  CHECK(lost.error().kind == ErrorKind::not_found);
  CHECK(lost.error().advice.find("--state-key") != std::string::npos);
  CHECK(must(ring.overview()).encrypted == 2);
  CHECK_FALSE(ring.set_kms({vault_at(vault_a, "cluster")}));
  CHECK_FALSE(ring.set_kms({.kms = vault_at(vault_b, "cluster"), .replaces_state_key = true}));
  must(ring.set_kms({.kms = vault_at(vault_a, "cluster"), .replaces_state_key = true}));
  must(ring.unlock("one"));
  must(ring.update_filesystem("theirs", {.own = Ring::tenant()}));
  CHECK(keys_of(ring) == before);
}

TEST_CASE("a secret id goes to the Vault that it was given for, and to no other") {
  Ring test;
  test.world.servers[vault_a].secrets["tenant/tenant-role"] = "secret-of-a";
  test.world.servers[vault_b].secrets["tenant/tenant-role"] = "secret-of-b";
  Keyring ring = test.open();
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  for (const char* name : {"one", "two"})
    must(ring.create_filesystem(encrypted(name, Ring::tenant("secret-of-a"))));
  must(ring.create_filesystem(encrypted("plain")));
  const Keys before = keys_of(ring);
  must(ring.set_kms({vault_at(vault_b, "cluster")}));
  auto moved = must(ring.rewrap({.includes_own_keys = true}));
  CHECK(moved.tally.done == 1);
  CHECK(moved.tally.failed == 2);
  CHECK(moved.tally.failures[0].error.advice.find("--kms-role-id") != std::string::npos);
  CHECK_FALSE(ring.update_filesystem("one", {.own = {.key = "theirs"}}));
  must(ring.update_filesystem("one", {.own = Ring::tenant("secret-of-b")}));
  CHECK(keys_of(ring) == before);  // two is reached at the former Vault, with its own secret id
  // The former Vault's secret id has died, and a new one was made there.
  test.world.servers[vault_a].secrets["tenant/tenant-role"] = "next-of-a";
  Keyring later = test.open();
  CHECK_FALSE(later.unlock("two"));
  CHECK_FALSE(later.renew_login("two", *Ring::tenant("wrong").role));
  must(later.renew_login("two", *Ring::tenant("next-of-a").role));
  CHECK(later.renew_login("plain", *Ring::tenant().role).error().kind == ErrorKind::invalid_input);
  CHECK(keys_of(later) == before);
  must(later.update_filesystem("two", {.own = Ring::tenant("secret-of-b")}));
  moved = must(later.rewrap({.includes_own_keys = true}));
  CHECK(moved.tally.failed == 0);
  CHECK(must(later.overview()).kms.size() == 1);
  CHECK(keys_of(later) == before);
  CHECK_FALSE(test.world.servers[vault_b].shown.contains("secret-of-a"));
  CHECK_FALSE(test.world.servers[vault_a].shown.contains("secret-of-b"));
}

TEST_CASE("a retired KMS's configuration is given again, by the key that opens what is under it") {
  Ring test;
  Keys before;
  {
    Keyring ring = test.open();
    must(ring.set_kms({vault_at(vault_a, "cluster")}));
    must(ring.create_filesystem(encrypted("old")));
    must(ring.set_kms({vault_at(vault_b, "cluster")}));
    must(ring.create_filesystem(encrypted("new")));
    before = keys_of(ring);
    CHECK(ring.set_kms({.kms = kmip_at(kmip_a, "uid-1"), .is_retired = true}).error().kind ==
          ErrorKind::not_found);
    std::filesystem::rename(ring.state_key_file(), ring.state_key_file().native() + ".lost");
  }
  Keyring ring = test.open();
  must(ring.set_kms({.kms = vault_at(vault_b, "cluster"), .replaces_state_key = true}));
  must(ring.unlock("new"));
  const auto shut = ring.unlock("old");
  REQUIRE_FALSE(shut);
  CHECK(shut.error().kind == ErrorKind::not_mine);
  CHECK(shut.error().advice.find("--retired") != std::string::npos);
  {  // the former state key was found again: it opens what was sealed under it
    KeyringSettings settings = settings_in(test.folder, test.world);
    settings.state_key = ring.state_key_file().native() + ".lost";
    Keyring found = must(Keyring::open(settings));
    must(found.unlock("old"));
  }
  must(ring.set_kms({.kms = vault_at(vault_a, "cluster"), .is_retired = true}));
  CHECK(keys_of(ring) == before);
  const Overview overview = must(ring.overview());
  REQUIRE(overview.kms.size() == 2);
  CHECK(std::get<VaultKms>(overview.kms[0].settings).addresses == vault_b);
  CHECK(must(ring.rewrap({})).tally.done == 1);
}

TEST_CASE("of two retired KMSs with keys of one name, the one that opens is meant") {
  Ring test;
  Keyring ring = test.open();
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  must(ring.create_filesystem(encrypted("at-a")));
  must(ring.set_kms({vault_at(vault_b, "cluster")}));
  must(ring.create_filesystem(encrypted("at-b")));
  must(ring.set_kms({kmip_at(kmip_a, "uid-1")}));
  const Keys before = keys_of(ring);
  for (const char* address : {vault_a, vault_b}) {
    VaultKms again = vault_at(address, "cluster");
    again.ca_pem = fmt::format("CA of {}", address);
    must(ring.set_kms({.kms = again, .is_retired = true}));
  }
  for (const KmsView& kms : must(ring.overview()).kms) {
    const auto* vault = std::get_if<VaultKms>(&kms.settings);
    if (vault != nullptr) CHECK(vault->ca_pem == "CA of " + vault->addresses);
  }
  CHECK(must(ring.overview()).kms.size() == 3);
  CHECK(keys_of(ring) == before);
}

TEST_CASE("another Vault is not taken for the same when nothing can be compared") {
  Ring test;
  {
    Keyring ring = test.open();
    must(ring.set_kms({vault_at(vault_a, "cluster")}));
    must(ring.create_filesystem(encrypted("theirs", Ring::tenant())));
    std::filesystem::remove(ring.state_key_file());
  }
  Keyring ring = test.open();
  CHECK_FALSE(ring.set_kms({.kms = vault_at(vault_b, "cluster"), .replaces_state_key = true}));
  CHECK(std::get<VaultKms>(must(ring.overview()).kms[0].settings).addresses == vault_a);
  must(ring.set_kms({.kms = vault_at(vault_a, "cluster"), .skips_check = true, .replaces_state_key = true}));
  must(ring.renew_login("theirs", *Ring::tenant().role));
  CHECK(keys_of(ring).size() == 1);
}

TEST_CASE("what another process changes during a rewrap stays changed") {
  Ring test;
  Keyring ring = test.open();
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  for (const char* name : {"one", "two", "three"}) must(ring.create_filesystem(encrypted(name)));
  must(ring.create_filesystem(encrypted("mine", {.key = "own"})));
  const Keys before = keys_of(ring);
  must(ring.set_kms({vault_at(vault_b, "cluster")}));
  test.world.on_call = [&] {
    Keyring other = must(Keyring::open(settings_in(test.folder, test.world)));
    must(other.update_filesystem("one", {.new_name = "renamed"}));
    must(other.remove_filesystem("two"));
    must(other.create_filesystem(encrypted("one")));
  };
  const auto moved = must(ring.rewrap({.includes_own_keys = true}));
  CHECK(moved.tally.done == 3);
  REQUIRE(moved.tally.failed == 1);
  CHECK(moved.tally.failures[0].filesystem == "two");
  const Keys after = keys_of(ring);
  CHECK(after.size() == 4);
  CHECK(after.at("renamed") == before.at("one"));
  CHECK(after.at("three") == before.at("three"));
  CHECK_FALSE(after.at("one") == before.at("one"));
}

TEST_CASE("the local key is where it is said to be, or where it was") {
  Ring test;
  const NewFilesystem wanted{.name = "one", .is_encrypted = true, .allows_no_kms = true};
  const auto elsewhere = test.folder.path() / "elsewhere.key";
  Keys before;
  {
    KeyringSettings settings = settings_in(test.folder, test.world);
    settings.local_key = elsewhere;
    Keyring ring = must(Keyring::create(settings));
    must(ring.create_filesystem(wanted));
    before = keys_of(ring);
  }
  {
    Keyring ring = test.open();
    CHECK(ring.local_key_file() == elsewhere);
    CHECK(keys_of(ring) == before);
  }
  const auto moved = test.folder.path() / "moved.key";
  std::filesystem::rename(elsewhere, moved);
  CHECK(test.open().unlock("one").error().kind == ErrorKind::not_found);
  KeyringSettings settings = settings_in(test.folder, test.world);
  settings.local_key = moved;
  Keyring ring = must(Keyring::open(settings));
  CHECK(keys_of(ring) == before);
  CHECK(ring.local_key_file() == moved);
  // Nothing that matters is sealed: a lost state key does not keep anybody at the local key.
  std::filesystem::remove(ring.state_key_file());
  Keyring later = must(Keyring::open(settings));
  must(later.set_kms({.kms = vault_at(vault_a, "cluster"), .replaces_state_key = true}));
  CHECK(must(later.rewrap({})).tally.done == 1);
  CHECK(keys_of(later) == before);
}

TEST_CASE("a dry run says what the run then does") {
  Ring test;
  Keyring ring = test.open();
  must(ring.set_kms({vault_at(vault_a, "cluster")}));
  must(ring.create_filesystem(encrypted("one")));
  must(ring.create_filesystem(encrypted("mine", {.key = "own"})));
  for (const bool rotates : {false, true}) {
    if (rotates) test.world.servers[vault_a].keys["/own"].versions = 2;
    for (const bool all : {false, true}) {
      const auto counted = must(ring.rewrap({.includes_own_keys = all, .only_counts = true}));
      const auto done = must(ring.rewrap({.includes_own_keys = all}));
      CHECK(counted.tally.done == done.tally.done);
      CHECK(counted.tally.already == done.tally.already);
      CHECK(done.own_keys == (all ? 0 : 1));
    }
  }
}

}  // namespace keyway::keyring
