#include <cstdlib>
#include <exception>
#include <fstream>
#include <utility>

#include <doctest/doctest.h>

#include <tests/core/net/fixture.h>

namespace keyway::net::test {

namespace fs = std::filesystem;
using asio::ip::tcp;

Folder::Folder() {
  std::string pattern = (fs::temp_directory_path() / "keyway-net-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string Folder::path(std::string_view name) const { return (path_ / name).string(); }

std::string Folder::write(std::string_view name, Text content) const {
  const std::string file = path(name);
  std::ofstream(file, std::ios::binary) << content;
  return file;
}

std::chrono::sys_seconds days_from_now(int days) {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + std::chrono::days(days);
}

namespace {

CertificateRequest request_for(std::string name) {
  CertificateRequest request;
  request.common_name = std::move(name);
  request.not_before = days_from_now(-1);
  request.not_after = days_from_now(30);
  return request;
}

}  // namespace

CertificateRequest ca_request(std::string name) {
  CertificateRequest request = request_for(std::move(name));
  request.is_ca = true;
  return request;
}

CertificateRequest server_request() {
  CertificateRequest request = request_for("test server");
  request.dns_names = {"localhost"};
  request.ip_addresses = {"127.0.0.1", "::1"};
  request.for_server = true;
  return request;
}

CertificateRequest client_request() {
  CertificateRequest request = request_for("test client");
  request.for_client = true;
  return request;
}

Identity must_make(const CertificateRequest& request, const Identity* issuer, const Secret* passphrase) {
  auto identity = make_certificate(request, issuer, passphrase);
  REQUIRE(identity);
  return std::move(*identity);
}

Pki::Pki() : ca(must_make(ca_request("test CA"), nullptr)) {
  folder.write("ca.pem", ca.certificate);
  server = issue("server", server_request());
  client = issue("client", client_request());
}

TlsSettings Pki::issue(const std::string& name, const CertificateRequest& request) const {
  const Identity identity = must_make(request, &ca);
  TlsSettings settings;
  settings.ca_file = folder.path("ca.pem");
  settings.certificate_file = folder.write(name + ".pem", identity.certificate);
  settings.key_file = folder.write(name + ".key", identity.key.reveal_text());
  return settings;
}

const Pki& pki() {
  static const Pki made;
  return made;
}

std::shared_ptr<const TlsContext> client_context(const TlsSettings& settings) {
  auto context = TlsContext::client(settings);
  REQUIRE_MESSAGE(context, (context ? "" : context.error().what));
  return *context;
}

std::shared_ptr<const TlsContext> server_context(const TlsSettings& settings) {
  auto context = TlsContext::server(settings);
  REQUIRE_MESSAGE(context, (context ? "" : context.error().what));
  return *context;
}

Deadline later() { return std::chrono::steady_clock::now() + std::chrono::minutes(2); }
Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::milliseconds(50); }

Net::Net(std::string_view address) {
  const tcp::endpoint any_port(asio::ip::make_address(address), 0);
  acceptor_.open(any_port.protocol());
  acceptor_.bind(any_port);
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
}

Endpoint Net::endpoint(std::string host) const { return {std::move(host), port_}; }

void Net::serve(Serve job) {
  acceptor_.async_accept([this, job = std::move(job)](const std::error_code& error, tcp::socket socket) {
    if (error) return;
    auto held = std::make_shared<tcp::socket>(std::move(socket));
    spawn([job, held] { return job(std::move(*held)); });
  });
}

void Net::spawn(Job job) {
  // The job holds what its coroutine refers to, so it stays until the coroutine has ended.
  auto held = std::make_shared<Job>(std::move(job));
  asio::co_spawn(context_, (*held)(), [held](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
}

void Net::run() {
  context_.restart();
  context_.run();
}

void Net::stop_listening() { acceptor_.close(); }

namespace {

constexpr Text greeting = "hello";

asio::awaitable<void> greet(tcp::socket socket, std::shared_ptr<const TlsContext> tls, Meeting* meeting) {
  auto accepting = Stream::accept(std::move(socket), tls, later());
  auto stream = co_await std::move(accepting);
  if (!stream) {
    meeting->server_error = stream.error();
    co_return;
  }
  meeting->server_sees = stream->peer_subject();
  auto writing = stream->write(bytes_of(greeting), later());
  const auto written = co_await std::move(writing);
  if (!written) meeting->server_error = written.error();
}

asio::awaitable<void> visit(Endpoint endpoint, std::shared_ptr<const TlsContext> tls, Meeting* meeting) {
  auto connecting = Stream::connect(endpoint, tls, later());
  auto stream = co_await std::move(connecting);
  if (!stream) {
    meeting->client_error = stream.error();
    co_return;
  }
  meeting->client_sees = stream->peer_subject();
  meeting->protocol = stream->protocol();
  std::array<std::byte, 64> room{};
  auto reading = stream->read_some(room, later());
  meeting->read = co_await std::move(reading);
}

}  // namespace

Meeting meet(std::shared_ptr<const TlsContext> server, std::shared_ptr<const TlsContext> client,
             std::string host) {
  Net net(host == "::1" ? "::1" : "127.0.0.1");
  Meeting meeting;
  net.serve([&](tcp::socket socket) { return greet(std::move(socket), server, &meeting); });
  net.spawn([&]() -> asio::awaitable<void> {
    auto visiting = visit(net.endpoint(host), client, &meeting);
    co_await std::move(visiting);
    net.stop_listening();  // a visitor who never came is not waited for
  });
  net.run();
  return meeting;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace keyway::net::test
