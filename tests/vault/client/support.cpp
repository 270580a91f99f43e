#include <doctest/doctest.h>

#include <core/json.h>
#include <tests/vault/client/support.h>

namespace keyway::vault::test {

namespace {

std::string result_of(const std::string& operation, JsonView item) {
  if (operation == "encrypt")
    return fmt::format(R"({{"ciphertext":"vault:v1:{}"}})",
                       item.member("plaintext").plain_text().value_or(""));
  const std::string ciphertext = item.member("ciphertext").plain_text().value_or("");
  const std::string payload = ciphertext.substr(ciphertext.rfind(':') + 1);
  if (operation == "rewrap") return fmt::format(R"({{"ciphertext":"vault:v2:{}"}})", payload);
  return fmt::format(R"({{"plaintext":"{}"}})", payload);
}

HttpAnswer transit_answer(const HttpRequest& request, const std::string& operation) {
  const auto body = Json::parse(request.body);
  if (!body) return json_answer(R"({"errors":["error parsing JSON"]})", 400);
  const JsonView batch = body->root().member("batch_input");
  if (!batch) return json_answer(fmt::format(R"({{"data":{}}})", result_of(operation, body->root())));
  std::string results;
  for (const JsonView item : batch.items())
    results += (results.empty() ? "" : ",") + result_of(operation, item);
  return json_answer(fmt::format(R"({{"data":{{"batch_results":[{}]}}}})", results));
}

}  // namespace

HttpAnswer good_answer(const HttpRequest& request) {
  const std::string& target = request.target;
  if (target == "/v1/auth/approle/login")
    return json_answer(R"({"auth":{"client_token":"t0ken","lease_duration":3600,"renewable":true}})");
  if (target == "/v1/sys/health")
    return json_answer(R"({"initialized":true,"sealed":false,"standby":false,"version":"1.8.0"})");
  if (request.header("x-vault-token") != "t0ken")
    return json_answer(R"({"errors":["permission denied"]})", 403);
  if (target == "/v1/auth/token/lookup-self") return json_answer(R"({"data":{"ttl":3600,"renewable":true}})");
  if (target == "/v1/transit/keys/fs")
    return json_answer(
        R"({"data":{"name":"fs","type":"aes256-gcm96","latest_version":2,"min_decryption_version":1,)"
        R"("min_encryption_version":0,"keys":{"1":1795310346},"derived":false}})");
  for (const std::string operation : {"encrypt", "decrypt", "rewrap"}) {
    if (target == "/v1/transit/" + operation + "/fs") return transit_answer(request, operation);
  }
  return json_answer(R"({"errors":[]})", 404);
}

ClientSettings settings_for(const std::vector<std::string>& addresses) {
  ClientSettings settings;
  for (const std::string& address : addresses) {
    auto url = http::parse_url(address);
    REQUIRE(url);
    settings.addresses.push_back(std::move(*url));
  }
  settings.login = given_token();
  settings.backoff = {.first = std::chrono::milliseconds(1), .longest = std::chrono::milliseconds(5)};
  settings.attempts = 3;
  settings.lag = std::chrono::milliseconds(1);
  settings.renews = false;
  settings.login_pause = std::chrono::milliseconds(0);
  return settings;
}

ClientSettings settings_for(const HttpPeer& peer) { return settings_for(std::vector{peer.address()}); }

TokenLogin given_token(std::string token) {
  return {[token = std::move(token)]() -> Result<Secret> { return Secret(Text(token)); }};
}

AppRoleLogin role_login() {
  AppRoleLogin login;
  login.role_id = "r0le";
  login.secret_id = []() -> Result<Secret> { return Secret(Text("s3cret")); };
  return login;
}

}  // namespace keyway::vault::test
