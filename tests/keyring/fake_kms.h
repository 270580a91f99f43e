// A KMS inside the test: it wraps with real ciphers, has keys with versions, logins and namespaces, and fails
// where it is told to.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include <core/crypto.h>
#include <keyring/connector.h>

namespace keyway::keyring {

enum class Fault : std::uint8_t {
  none,
  unreachable,  // the KMS is away: every item of the call fails so
  refused,      // it says no
  garbage,      // it answers with what is no right answer: other bytes
};

// World holds the KMSs by their address ("https://a:8200", "a:5696"), and counts the calls to all of them.
class World final : public Connector {
 public:
  struct Key {
    int versions = 1;
    std::string secret;  // what its versions' keys are made of
  };
  struct Server {
    std::map<std::string, Key> keys;             // by "namespace/name"; KMIP: by "/identifier"
    std::map<std::string, std::string> secrets;  // AppRole: secret id by "namespace/role"; empty: any
    bool is_away = false;
    int logins = 0;
    std::set<std::string> shown;  // secret ids that were sent here
  };

  Result<std::unique_ptr<Connection>> connect(const KmsSettings& kms, const OwnLogin* own) override;

  void add_key(const std::string& address, const std::string& name, const std::string& name_space = {});

  std::map<std::string, Server> servers;
  int calls = 0;          // wrap, unwrap and rewrap, so far
  int fail_at = 0;        // the call that fails; 0: none
  bool fails_on = false;  // and all after it
  Fault fault = Fault::none;
  std::function<void()> on_call;       // once, in the midst of the next call: what others do meanwhile
  std::set<std::string> bad_contexts;  // items with these contexts are refused, always
  std::mutex mutex;
};

}  // namespace keyway::keyring
