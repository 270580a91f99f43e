// A CA with its certificates in a folder of its own, and coroutines that run to their end.
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <core/net/certificates.h>
#include <core/net/stream.h>
#include <core/net/tls.h>

namespace keyway::net::test {

// A folder that goes with all its files.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  std::string path(std::string_view name) const;
  std::string write(std::string_view name, Text content) const;  // returns the path

 private:
  std::filesystem::path path_;
};

std::chrono::sys_seconds days_from_now(int days);
CertificateRequest ca_request(std::string name);
CertificateRequest server_request();  // for "localhost" and 127.0.0.1, ::1
CertificateRequest client_request();
Identity must_make(const CertificateRequest& request, const Identity* issuer,
                   const Secret* passphrase = nullptr);

// Pki is a CA, a server's and a client's certificate, as files.
struct Pki {
  Pki();
  // A certificate of this CA in files of that name: settings that present it and trust the CA.
  TlsSettings issue(const std::string& name, const CertificateRequest& request) const;

  Folder folder;
  Identity ca;
  TlsSettings server;
  TlsSettings client;
};

const Pki& pki();

std::shared_ptr<const TlsContext> client_context(const TlsSettings& settings);
std::shared_ptr<const TlsContext> server_context(const TlsSettings& settings);

// Far enough that it never passes in a test that does not mean it to.
Deadline later();
// Soon: for tests in which it must pass.
Deadline soon();

// Net is one event loop with a listening socket on a port of its own.
class Net {
 public:
  using Job = std::function<asio::awaitable<void>()>;
  using Serve = std::function<asio::awaitable<void>(asio::ip::tcp::socket)>;

  explicit Net(std::string_view address = "127.0.0.1");
  Endpoint endpoint(std::string host = "127.0.0.1") const;
  // serve handles the first connection with `job`.
  void serve(Serve job);
  void spawn(Job job);
  // run runs until all jobs have ended.
  void run();
  void stop_listening();
  asio::io_context& context() { return context_; }
  asio::ip::tcp::acceptor& acceptor() { return acceptor_; }

 private:
  asio::io_context context_{1};
  asio::ip::tcp::acceptor acceptor_{context_};
  std::uint16_t port_ = 0;
};

// Outcome of one connection between Keyway's two halves: how each side's handshake ended and, when the client
// thinks that it succeeded, what it then read.
struct Meeting {
  std::optional<Result<std::size_t>> read;
  std::optional<Error> client_error;
  std::optional<Error> server_error;
  std::string client_sees, server_sees;  // the other's subject
  std::string protocol;
};

// meet connects to a server that says "hello" and closes; `host` is the endpoint's.
Meeting meet(std::shared_ptr<const TlsContext> server, std::shared_ptr<const TlsContext> client,
             std::string host = "127.0.0.1");

bool contains(std::string_view text, std::string_view part);

}  // namespace keyway::net::test
