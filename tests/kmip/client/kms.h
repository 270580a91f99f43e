// The embedded KMIP server on a thread of its own, for clients in the same process.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <kmip/client/client.h>
#include <kmip/client/key_wrapper.h>
#include <kmip/server/server.h>
#include <tests/kmip/client/support.h>

namespace keyway::kmip::test {

class Kms {
 public:
  explicit Kms(server::Quirks quirks = {});
  ~Kms();
  Kms(const Kms&) = delete;
  Kms& operator=(const Kms&) = delete;

  // settings are for a client, at `version` or at the one it negotiates.
  ClientSettings settings(std::optional<Version> version = {}) const;

  // Makes an AES-256 key, active unless told otherwise, and returns its identifier.
  std::string make_key(std::string_view name = {}, bool active = true,
                       CryptographicUsageMask usage = CryptographicUsageMask::Encrypt |
                                                      CryptographicUsageMask::Decrypt);
  // How often an operation was asked for since the last call with that operation.
  std::size_t count(Operation operation);

 private:
  server::EngineSettings engine_settings(server::Quirks quirks);

  std::mutex mutex_;
  std::vector<Operation> asked_;  // guarded by mutex_
  server::Engine engine_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::unique_ptr<server::Server> server_;
  std::thread thread_;
};

// A client, and a wrapper that uses it.
struct Wrapping {
  Wrapping(ClientSettings settings, std::string key, WrapWhere where = WrapWhere::automatic)
      : client(std::move(settings)), wrapper(client.async(), {.key = {std::move(key)}, .where = where}) {}

  BlockingClient client;
  KmipWrapper wrapper;
};

inline const KmipMechanism& mechanism_of(const WrappedKey& blob) {
  return std::get<KmipMechanism>(blob.mechanism);
}
inline bool uses(const WrappedKey& blob, BlockCipherMode mode) {
  return mechanism_of(blob).block_cipher_mode == static_cast<std::uint32_t>(mode);
}

}  // namespace keyway::kmip::test
