// A Vault server to test against, whichever it is: the test Vault or a real one. Its address and a root token
// are in the environment (KEYWAY_TEST_VAULT_ADDR, KEYWAY_TEST_VAULT_TOKEN; KEYWAY_TEST_VAULT_CACERT for
// https).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <core/error.h>
#include <vault/client/blocking.h>
#include <vault/client/key_wrapper.h>

namespace keyway::vault::test {

// settings_from_environment is how any client reaches that server.
ClientSettings settings_from_environment(Login login);

// Server is its administrator, with a transit engine and an AppRole method of this run's own.
class Server {
 public:
  static Server& instance();

  const std::string& transit() const { return transit_; }  // mount path, of two segments
  const std::string& approle() const { return approle_; }
  const std::string& token() const { return token_; }
  std::string unused_name(std::string_view what);  // "what-17"

  // The requests of an administrator. `path` is below /v1/. They must succeed.
  std::string post(const std::string& path, const std::string& json = "{}");
  std::string get(const std::string& path);
  void remove(const std::string& path);
  // try_post is a request that may fail: its error.
  std::optional<Error> try_post(const std::string& path, const std::string& json);

  TransitKey make_key(std::string_view json = "{}");
  void rotate(const TransitKey& key);
  void configure(const TransitKey& key, const std::string& json);
  bool has_key(const TransitKey& key);

  // A policy that allows `rules`, and its name.
  std::string make_policy(const std::string& rules);
  // The rules of a storage cluster for one key.
  std::string cluster_rules(const TransitKey& key) const;
  std::string make_token(const std::string& json);  // of auth/token/create
  struct Role {
    std::string name, role_id;
  };
  Role make_role(const std::string& policy, const std::string& more = "");
  std::string make_secret_id(const Role& role, const std::string& json = "{}");
  std::string make_wrapped_secret_id(const Role& role);  // the wrapping token

  ClientSettings settings(Login login) const { return settings_from_environment(std::move(login)); }
  ClientSettings root_settings() const { return settings(token_login(token_)); }
  static TokenLogin token_login(std::string token);
  AppRoleLogin role_login(const Role& role, std::string secret_id) const;

  BlockingClient& client() { return *client_; }

 private:
  Server();
  Result<http::Response> ask(http::Method method, const std::string& path, const std::string& json);

  std::string address_, token_, run_, transit_, approle_;
  unsigned last_name_ = 0;
  std::unique_ptr<BlockingClient> client_;
};

// text_at is a string in JSON, by its path: text_at(json, {"auth", "client_token"}).
std::string text_at(const std::string& json, std::initializer_list<std::string_view> path);

Secret data_key();  // 32 random bytes
// wrapped is `key` wrapped with `wrapper`, which must work.
WrappedKey wrapped(KeyWrapper& wrapper, const Secret& key, Text context = {});
// with_damage is the blob with another payload of the same length in its ciphertext.
WrappedKey with_damage(WrappedKey blob);

// for_a_while does something again and again for `time`, at least twice.
void for_a_while(std::chrono::milliseconds time, const std::function<void()>& something);

}  // namespace keyway::vault::test
