#include <string>
#include <vector>

#include <keyring/model/kms.h>
#include <tests/core/support.h>
#include <tests/keyring/model/replaced.h>

using namespace keyway;
using namespace keyway::keyring;

namespace {

Credential stored(Text secret) { return Credential::stored(Secret(secret)); }

LocalKms local() { return {"/var/lib/keyway/local.key", "630dcd2966c4336691125448bbb25b4f"}; }

KmipKms kmip() {
  return {.addresses = "kms1:5696,[::1]:5696",
          .key = "7f1c-uid",
          .certificate_pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
          .ca_pem = "CA\n",
          .client_key = stored("KEY\nPEM\n"),
          .passphrase = stored("swordfish")};
}

VaultKms vault(decltype(VaultKms::auth) auth) {
  return {.addresses = "https://kms1:8200,https://kms2:8200",
          .key = "fs \"key\"",
          .name_space = "team/a",
          .transit_path = "tenants/transit",
          .auth_path = "logins",
          .ca_pem = "CA\n",
          .auth = std::move(auth)};
}

VaultKms smallest(decltype(VaultKms::auth) auth) {
  VaultKms kms;
  kms.addresses = "https://v";
  kms.key = "k";
  kms.auth = std::move(auth);
  return kms;
}

struct Sample {
  KmsSettings kms;
  std::string json;
  std::string secrets;  // with each length as 4 bytes
};

std::string length(char n) { return {'\0', '\0', '\0', n}; }

std::vector<Sample> samples() {
  const std::string vault_start =
      R"({"backend":"vault","addresses":"https://kms1:8200,https://kms2:8200","key":"fs \"key\"",)"
      R"("namespace":"team/a","transit_path":"tenants/transit","auth_path":"logins","ca":"CA\u000a",)";
  const std::string smallest_start =
      R"({"backend":"vault","addresses":"https://v","key":"k","transit_path":"transit",)";
  KmipKms plain = kmip();
  plain.ca_pem.clear();
  plain.passphrase = {};
  KmipKms elsewhere = kmip();
  elsewhere.passphrase = Credential::systemd("kmip-passphrase");
  return {
      {local(),
       R"({"backend":"local","key_file":"/var/lib/keyway/local.key","key":"630dcd2966c4336691125448bbb25b4f"})",
       ""},
      {kmip(),
       R"({"backend":"kmip","addresses":"kms1:5696,[::1]:5696","key":"7f1c-uid","certificate":)"
       R"("-----BEGIN CERTIFICATE-----\u000aAAAA\u000a-----END CERTIFICATE-----\u000a","ca":"CA\u000a",)"
       R"("client_key":"stored","passphrase":"stored"})",
       length(8) + "KEY\nPEM\n" + length(9) + "swordfish"},
      {plain,
       R"({"backend":"kmip","addresses":"kms1:5696,[::1]:5696","key":"7f1c-uid","certificate":)"
       R"("-----BEGIN CERTIFICATE-----\u000aAAAA\u000a-----END CERTIFICATE-----\u000a","client_key":"stored"})",
       length(8) + "KEY\nPEM\n"},
      {elsewhere,
       R"({"backend":"kmip","addresses":"kms1:5696,[::1]:5696","key":"7f1c-uid","certificate":)"
       R"("-----BEGIN CERTIFICATE-----\u000aAAAA\u000a-----END CERTIFICATE-----\u000a","ca":"CA\u000a",)"
       R"("client_key":"stored","passphrase":"systemd:kmip-passphrase"})",
       length(8) + "KEY\nPEM\n"},
      {vault(TokenAuth{stored("hvs.x")}), vault_start + R"("auth":"token","token":"stored"})",
       length(5) + "hvs.x"},
      {vault(AppRoleAuth{"role-1", stored("id")}),
       vault_start + R"("auth":"approle","role_id":"role-1","secret_id":"stored"})", length(2) + "id"},
      {vault(KubernetesAuth{"reader", "/run/token"}),
       vault_start + R"("auth":"kubernetes","role":"reader","token_file":"/run/token"})", ""},
      {smallest(TokenAuth{Credential::file("/etc/token")}),
       smallest_start + R"("auth":"token","token":"file:/etc/token"})", ""},
      {smallest(AppRoleAuth{"r", Credential::environment("SECRET_ID")}),
       smallest_start + R"("auth":"approle","role_id":"r","secret_id":"env:SECRET_ID"})", ""},
      {smallest(KubernetesAuth{"r", ""}), smallest_start + R"("auth":"kubernetes","role":"r"})", ""},
  };
}

void check_corrupt(Text json, Bytes secrets, std::string_view word) {
  const auto kms = read_kms(json, secrets);
  REQUIRE_FALSE(kms);
  CHECK(kms.error().kind == ErrorKind::corrupt);
  CAPTURE(kms.error().what);
  CHECK(kms.error().what.find(word) != std::string::npos);
}

}  // namespace

TEST_CASE("settings are written in one form, and read again") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.json);
    const auto json = written(sample.kms);
    REQUIRE_MESSAGE(json, json.error().what);
    CHECK(*json == sample.json);
    const Secret secrets = secrets_of(sample.kms);
    CHECK(secrets.reveal_text() == sample.secrets);
    const auto again = read_kms(*json, secrets.reveal());
    REQUIRE_MESSAGE(again, again.error().what);
    CHECK(again->index() == sample.kms.index());
    CHECK(written(*again) == *json);
    CHECK(secrets_of(*again) == secrets);
    CHECK(backend_of(*again) == backend_of(sample.kms));
    CHECK(key_of(*again) == key_of(sample.kms));
  }
}

TEST_CASE("every member comes back where it was") {
  const auto read_back = [](const KmsSettings& kms) {
    auto again = read_kms(*written(kms), secrets_of(kms).reveal());
    REQUIRE(again);
    return std::move(*again);
  };
  const auto secret = [](const Credential& credential) {
    return std::string(credential.read()->reveal_text());
  };

  const KmsSettings k = read_back(kmip());
  CHECK(backend_of(k) == Backend::kmip);
  const auto& got_kmip = std::get<KmipKms>(k);
  CHECK(got_kmip.addresses == kmip().addresses);
  CHECK(got_kmip.key == "7f1c-uid");
  CHECK(got_kmip.certificate_pem == kmip().certificate_pem);
  CHECK(got_kmip.ca_pem == "CA\n");
  CHECK(secret(got_kmip.client_key) == "KEY\nPEM\n");
  CHECK(secret(got_kmip.passphrase) == "swordfish");

  const KmsSettings v = read_back(vault(AppRoleAuth{"role-1", stored("id")}));
  CHECK(backend_of(v) == Backend::vault);
  const auto& got_vault = std::get<VaultKms>(v);
  CHECK(got_vault.addresses == "https://kms1:8200,https://kms2:8200");
  CHECK(got_vault.key == "fs \"key\"");
  CHECK(got_vault.name_space == "team/a");
  CHECK(got_vault.transit_path == "tenants/transit");
  CHECK(got_vault.auth_path == "logins");
  CHECK(got_vault.ca_pem == "CA\n");
  CHECK(std::get<AppRoleAuth>(got_vault.auth).role_id == "role-1");
  CHECK(secret(std::get<AppRoleAuth>(got_vault.auth).secret_id) == "id");

  const KmsSettings p = read_back(vault(KubernetesAuth{"reader", "/run/token"}));
  CHECK(std::get<KubernetesAuth>(std::get<VaultKms>(p).auth).role == "reader");
  CHECK(std::get<KubernetesAuth>(std::get<VaultKms>(p).auth).token_file == "/run/token");

  const KmsSettings l = read_back(local());
  CHECK(backend_of(l) == Backend::local);
  CHECK(std::get<LocalKms>(l).key_file == local().key_file);
  CHECK(key_of(l) == local().key);
}

TEST_CASE("the JSON holds no secret") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.json);
    for (const std::string_view secret : {"swordfish", "hvs.x", "PEM\\u000a"})
      CHECK(written(sample.kms)->find(secret) == std::string::npos);
  }
}

TEST_CASE("settings that could not be read again are not written") {
  const struct {
    KmsSettings kms;
    std::string_view member, why;
  } cases[] = {
      {LocalKms{"", "k"}, "key_file", "missing"},
      {LocalKms{"local.key", "k"}, "key_file", "absolute"},
      {LocalKms{"/k", ""}, "key", "missing"},
      {LocalKms{"/\xff", "k"}, "key_file", "UTF-8"},
      {LocalKms{std::string("/a\0b", 4), "k"}, "key_file", "NUL"},
      {KmipKms{"a:1", "k", "C", "", {}, {}}, "client_key", "missing"},
      {KmipKms{"a:1", "k", "C", "", Credential::file("/key.pem"), {}}, "client_key", "not stored"},
      {KmipKms{"a:1", "k", "", "", stored("K"), {}}, "certificate", "missing"},
      {KmipKms{"a:1", "k", "C", "", stored("K"), Credential::file("pass")}, "passphrase", "absolute"},
      {KmipKms{"a:1", "k", std::string(longest_settings, 'C'), "", stored("K"), {}}, "settings", "limit"},
      {smallest(TokenAuth{}), "token", "missing"},
      {smallest(AppRoleAuth{"", stored("s")}), "role_id", "missing"},
      {smallest(AppRoleAuth{"r", {}}), "secret_id", "missing"},
      {smallest(AppRoleAuth{"r", Credential::environment("a b")}), "secret_id", "letters"},
      {smallest(KubernetesAuth{"", ""}), "role", "missing"},
      {smallest(KubernetesAuth{"r", "token"}), "token_file", "absolute"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.member);
    const auto json = written(c.kms);
    REQUIRE_FALSE(json);
    CHECK(json.error().kind == ErrorKind::invalid_input);
    CAPTURE(json.error().what);
    CHECK(json.error().what.find(c.member) != std::string::npos);
    CHECK(json.error().what.find(c.why) != std::string::npos);
  }
}

TEST_CASE("JSON that is not that of settings is corrupt, and the error names the member") {
  const std::string good = R"({"backend":"vault","addresses":"https://v","key":"k","transit_path":"t",)"
                           R"("auth":"approle","role_id":"r","secret_id":"env:S"})";
  REQUIRE(read_kms(good, {}));
  const struct {
    std::string_view from, to, word;
  } cases[] = {
      {"vault", "pkcs11", "backend"},
      {R"("backend":"vault",)", "", "backend"},
      {R"("key":"k")", R"("key":1)", "key"},
      {R"("key":"k")", R"("key":null)", "key"},
      {R"("key":"k")", R"("key":"")", "key"},
      {R"("key":"k")", R"("key":"a\u0000b")", "key"},
      {R"("key":"k",)", "", "key"},
      {R"("key":"k",)", R"("key":"k","key":"k",)", "twice"},
      {R"("key":"k",)", R"("key":"k","\u006bey":"l",)", "twice"},
      {R"("key":"k",)", R"("key":"k","color":"red",)", "color"},
      {R"("key":"k",)", R"("key":"k","token":"env:T",)", "token"},
      {R"("key":"k",)", R"("key":"k","ca":"",)", "ca"},
      {R"("transit_path":"t",)", "", "transit_path"},
      {"approle", "userpass", "auth"},
      {"approle", "token", "token"},
      {R"("role_id":"r",)", "", "role_id"},
      {R"(,"secret_id":"env:S")", "", "secret_id"},
      {"env:S", "env:", "secret_id"},
      {"env:S", "exec:S", "secret_id"},
      {"env:S", "stored", "secret_id"},
      {"env:S", "file:s", "absolute"},
      {"}", "", "JSON"},
      {"}", "}{}", "JSON"},
      {good, "[]", "object"},
      {good, "", "JSON"},
      {R"("k")", R"([[[[[[]]]]]])", "JSON"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.to);
    check_corrupt(replaced(good, c.from, c.to), {}, c.word);
  }
  check_corrupt(std::string(longest_settings + 1, ' '), {}, "limit");
}

TEST_CASE("as many secrets as stored credentials, each whole") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.json);
    const Bytes secrets = bytes_of(sample.secrets);
    for (std::size_t size = 0; size < secrets.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(read_kms(sample.json, secrets.first(size)));
    }
    check_corrupt(sample.json, bytes_of(sample.secrets + '\0'), "more secrets");
    check_corrupt(sample.json, bytes_of(sample.secrets + length(1) + "x"), "more secrets");
  }
  const std::string token = R"({"backend":"vault","addresses":"https://v","key":"k","transit_path":"t",)"
                            R"("auth":"token","token":"stored"})";
  check_corrupt(token, bytes_of(length(0)), "empty");
  check_corrupt(token, bytes_of(length(2) + "x"), "cut short");
  check_corrupt(token, bytes_of("\xff\xff\xff\xffx"), "cut short");
  const auto largest = static_cast<std::uint32_t>(longest_stored_secret);
  OwnedBytes secrets = owned(to_big_endian(largest));
  secrets.resize(secrets.size() + largest, std::byte{'k'});
  CHECK(read_kms(token, secrets));
  secrets = owned(to_big_endian(largest + 1));
  secrets.resize(secrets.size() + largest + 1, std::byte{'k'});
  check_corrupt(token, secrets, "65536");
}
