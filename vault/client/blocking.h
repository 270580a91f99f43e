// Blocking calls: a client with a thread of its own. No Asio here, so that including it is cheap.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <core/key_wrapper.h>
#include <vault/auth.h>
#include <vault/client/settings.h>
#include <vault/transit.h>

namespace keyway::vault {

class Client;

// BlockingClient runs a Client on its own thread. Any thread but that one may call it, several at once. The
// calls and their errors are those of <vault/client/client.h>.
class BlockingClient {
 public:
  explicit BlockingClient(ClientSettings settings);
  // Cancels what is under way, calls that other threads wait for included, and joins the thread.
  ~BlockingClient();
  BlockingClient(const BlockingClient&) = delete;
  BlockingClient& operator=(const BlockingClient&) = delete;

  Result<KeyInfo> read_key(const TransitKey& key);
  Each<Ciphertext> encrypt(const TransitKey& key, std::vector<PlainItem> items, BatchOptions options = {});
  Each<Secret> decrypt(const TransitKey& key, std::vector<CipherItem> items, BatchOptions options = {});
  Each<Ciphertext> rewrap(const TransitKey& key, std::vector<CipherItem> items, BatchOptions options = {});
  Result<DataKey> data_key(const TransitKey& key, unsigned bits, OwnedBytes context, bool with_plaintext);

  Result<void> log_in();
  Result<TokenFacts> token_facts();
  Result<Health> health();
  Result<std::vector<std::vector<std::string>>> capabilities(std::vector<std::string> paths);
  Result<http::Response> send(Question question);

  // The client behind it, for a VaultWrapper; include <vault/client/client.h> to use it otherwise.
  Client& async();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace keyway::vault
