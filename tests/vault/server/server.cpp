#include <cstdlib>
#include <thread>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <core/hex.h>
#include <core/json.h>
#include <core/net/stream.h>
#include <core/net/tls.h>
#include <tests/vault/server/server.h>
#include <vault/client/client.h>

namespace keyway::vault::test {

namespace {

std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): tests start no thread before
  return value == nullptr ? "" : value;
}

std::string described(const Error& error) { return describe(error); }

asio::awaitable<void> exchange_by_hand(http::Url url, std::shared_ptr<const net::TlsContext> tls,
                                       std::string request, std::optional<std::string>* answer) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  auto connecting = url.scheme == http::Url::Scheme::https ? net::Stream::connect(url.endpoint, tls, deadline)
                    : url.scheme == http::Url::Scheme::http
                        ? net::Stream::connect_plain(url.endpoint, deadline)
                        : net::Stream::connect_local(url.socket_path, deadline);
  auto stream = co_await std::move(connecting);
  if (!stream) co_return;
  auto writing = stream->write(bytes_of(request), deadline);
  co_await std::move(writing);
  http::ResponseReader reader(http::Method::post);
  SecretBuffer inbox;
  inbox.resize(4096);
  while (!reader.done()) {
    auto reading = stream->read_some(inbox.room(), deadline);
    const auto size = co_await std::move(reading);
    if (!size || *size == 0 || !reader.feed(inbox.view().first(*size))) co_return;
  }
  *answer = std::string(text_of(reader.take().body.view()));
}

}  // namespace

Server& Server::instance() {
  static Server server;
  return server;
}

Server::Server()
    : address_(from_environment("KEYWAY_TEST_VAULT_ADDR")),
      token_(from_environment("KEYWAY_TEST_VAULT_TOKEN")) {
  client_ = std::make_unique<BlockingClient>(root_settings());
  run_ = "keyway-" + to_hex(system_random().bytes(4));
  transit_ = run_ + "/transit";
  approle_ = run_ + "/approle";
  post("sys/mounts/" + transit_, R"({"type":"transit"})");
  post("sys/auth/" + approle_, R"({"type":"approle"})");
}

std::string Server::unused_name(std::string_view what) {
  return fmt::format("{}-{}-{}", run_, what, ++last_name_);
}

Result<http::Response> Server::ask(http::Method method, const std::string& path, const std::string& json) {
  Question question;
  question.method = method;
  question.path = "/v1/" + path;
  question.body.append(Text(json));
  return client_->send(std::move(question));
}

std::string Server::post(const std::string& path, const std::string& json) {
  const auto response = ask(http::Method::post, path, json);
  CAPTURE(path);
  REQUIRE_MESSAGE(response, (response ? "" : described(response.error())));
  return std::string(text_of(response->body.view()));
}

std::optional<Error> Server::try_post(const std::string& path, const std::string& json) {
  auto response = ask(http::Method::post, path, json);
  if (response) return std::nullopt;
  return std::move(response.error());
}

std::string Server::get(const std::string& path) {
  const auto response = ask(http::Method::get, path, "");
  CAPTURE(path);
  REQUIRE_MESSAGE(response, (response ? "" : described(response.error())));
  return std::string(text_of(response->body.view()));
}

void Server::remove(const std::string& path) {
  const auto response = ask(http::Method::remove, path, "");
  CAPTURE(path);
  REQUIRE_MESSAGE(response, (response ? "" : described(response.error())));
}

TransitKey Server::make_key(std::string_view json) {
  TransitKey key{transit_, unused_name("key")};
  post(fmt::format("{}/keys/{}", key.mount, key.name), std::string(json));
  return key;
}

void Server::rotate(const TransitKey& key) { post(fmt::format("{}/keys/{}/rotate", key.mount, key.name)); }

void Server::configure(const TransitKey& key, const std::string& json) {
  post(fmt::format("{}/keys/{}/config", key.mount, key.name), json);
}

bool Server::has_key(const TransitKey& key) {
  const auto info = client_->read_key(key);
  if (!info) REQUIRE(info.error().kind == ErrorKind::not_found);
  return info.has_value();
}

std::string Server::make_policy(const std::string& rules) {
  std::string name = unused_name("policy");
  SecretBuffer text;
  REQUIRE(append_json_string(text, rules));
  post("sys/policies/acl/" + name, fmt::format(R"({{"policy":{}}})", text_of(text.view())));
  return name;
}

// As the storage vendor's guide has it; + is one segment, and the mount of these tests has two.
std::string Server::cluster_rules(const TransitKey& key) const {
  return fmt::format(R"(path "{0}/+/{1}" {{ capabilities = ["read","create","update"] }} )"
                     R"(path "{0}/keys/{1}" {{ capabilities = ["read"] }})",
                     key.mount, key.name);
}

std::string Server::make_token(const std::string& json) {
  return text_at(post("auth/token/create", json), {"auth", "client_token"});
}

Server::Role Server::make_role(const std::string& policy, const std::string& more) {
  Role role{unused_name("role"), ""};
  const std::string path = fmt::format("auth/{}/role/{}", approle_, role.name);
  post(path, fmt::format(R"({{"token_policies":"{}"{}}})", policy, more));
  role.role_id = text_at(get(path + "/role-id"), {"data", "role_id"});
  return role;
}

std::string Server::make_secret_id(const Role& role, const std::string& json) {
  return text_at(post(fmt::format("auth/{}/role/{}/secret-id", approle_, role.name), json),
                 {"data", "secret_id"});
}

// What asks for a wrapped answer is a header that the library never sends: hence by hand.
std::string Server::make_wrapped_secret_id(const Role& role) {
  const auto url = http::parse_url(address_);
  REQUIRE(url);
  std::string request = fmt::format(
      "POST /v1/auth/{}/role/{}/secret-id HTTP/1.1\r\nHost: {}\r\nX-Vault-Token: {}\r\nX-Vault-Wrap-TTL: "
      "300\r\n"
      "Content-Length: 2\r\nConnection: close\r\n\r\n{{}}",
      approle_, role.name, http::host_field(*url), token_);
  std::optional<std::string> answer;
  asio::io_context io{1};
  asio::co_spawn(io, exchange_by_hand(*url, client_->async().settings().tls, std::move(request), &answer),
                 asio::detached);
  io.run();
  REQUIRE(answer);
  return text_at(*answer, {"wrap_info", "token"});
}

ClientSettings settings_from_environment(Login login) {
  ClientSettings settings;
  const std::string address = from_environment("KEYWAY_TEST_VAULT_ADDR");
  REQUIRE_MESSAGE(!address.empty(), "KEYWAY_TEST_VAULT_ADDR is not set");
  auto url = http::parse_url(address);
  REQUIRE(url);
  if (url->scheme == http::Url::Scheme::https) {
    auto tls = net::TlsContext::client({.ca_file = from_environment("KEYWAY_TEST_VAULT_CACERT")});
    REQUIRE(tls);
    settings.tls = std::move(*tls);
  }
  settings.addresses.push_back(std::move(*url));
  settings.login = std::move(login);
  settings.login_pause = std::chrono::milliseconds(0);
  return settings;
}

TokenLogin Server::token_login(std::string token) {
  return {[token = std::move(token)]() -> Result<Secret> { return Secret(Text(token)); }};
}

AppRoleLogin Server::role_login(const Role& role, std::string secret_id) const {
  AppRoleLogin login;
  login.role_id = role.role_id;
  login.secret_id = [secret_id = std::move(secret_id)]() -> Result<Secret> {
    return Secret(Text(secret_id));
  };
  login.path = approle_;
  return login;
}

std::string text_at(const std::string& json, std::initializer_list<std::string_view> path) {
  const auto parsed = Json::parse(json);
  REQUIRE(parsed);
  JsonView value = parsed->root();
  for (const std::string_view name : path) value = value.member(name);
  const auto text = value.plain_text();
  REQUIRE(text);
  return *text;
}

Secret data_key() { return system_random().secret(32); }

WrappedKey wrapped(KeyWrapper& wrapper, const Secret& key, Text context) {
  auto blob = wrap_one(wrapper, key.duplicate(), bytes_of(context));
  REQUIRE_MESSAGE(blob, (blob ? "" : described(blob.error())));
  return std::move(*blob);
}

WrappedKey with_damage(WrappedKey blob) {
  std::string text(text_of(blob.ciphertext));
  const std::size_t at = text.rfind(':') + 20;  // inside the payload, behind the nonce
  text[at] = text[at] == 'A' ? 'B' : 'A';
  blob.ciphertext = owned(bytes_of(text));
  return blob;
}

void for_a_while(std::chrono::milliseconds time, const std::function<void()>& something) {
  const auto end = std::chrono::steady_clock::now() + time;
  something();
  do {
    something();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // leaves the machine to other tests as well
  } while (std::chrono::steady_clock::now() < end);
}

}  // namespace keyway::vault::test
