#include <csignal>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include <core/clock.h>
#include <kmip/server/dev_identity.h>
#include <kmip/server/engine.h>
#include <kmip/server/server.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

namespace {

struct DevServerOptions {
  std::uint16_t port = kmip::default_port;
  std::string folder;
  bool verbose = false;
};

// What a client needs, in the words of kmipctl's environment.
void tell_clients(const cli::Console& console, const kmip::server::DevIdentity& identity,
                  std::uint16_t port) {
  console.say("this is a server for development: keys are kept in memory only and are gone when it ends");
  console.block(fmt::format(
      "export KMIP_SERVER=127.0.0.1:{}\nexport KMIP_CA={}\nexport KMIP_CLIENT_CERT={}\n"
      "export KMIP_CLIENT_KEY={}\n",
      port, identity.ca.string(), identity.client_certificate.string(), identity.client_key.string()));
}

std::string event_text(const kmip::server::Event& event) {
  const std::string operation = event.operation ? spec_name(*event.operation) : std::string("message");
  const std::string outcome = event.reason
                                  ? fmt::format("{}: {}", spec_name(*event.reason), printable(event.message))
                                  : std::string("done");
  return fmt::format("{} KMIP {} {}: {}", printable(event.client, 128), name(event.version), operation,
                     outcome);
}

Exit run(const DevServerOptions& options, Session& session) {
  const cli::Console& console = session.console();
  auto identity = kmip::server::prepare_dev_identity(options.folder, system_clock());
  if (!identity) return console.failed(identity.error());
  net::TlsSettings settings;
  settings.ca_file = identity->ca.string();
  settings.certificate_file = identity->server_certificate.string();
  settings.key_file = identity->server_key.string();
  auto tls = net::TlsContext::server(settings);
  if (!tls) return console.failed(tls.error());

  kmip::server::EngineSettings engine_settings;
  if (options.verbose)
    engine_settings.observer = [&console](const kmip::server::Event& event) {
      console.say(event_text(event));
    };
  kmip::server::Engine engine(std::move(engine_settings));
  asio::io_context io(1);
  kmip::server::ServerSettings server_settings;
  server_settings.listen = {.host = "127.0.0.1", .port = options.port};
  server_settings.tls = std::move(*tls);
  auto server = kmip::server::Server::start(io.get_executor(), std::move(server_settings), engine);
  if (!server) return console.failed(server.error());

  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const std::error_code& error, int) {
    if (!error) (*server)->stop();
  });
  const std::uint16_t port = (*server)->port();
  if (auto told = console.line(fmt::format("listening 127.0.0.1:{}", port)); !told)
    return console.failed(told.error());
  tell_clients(console, *identity, port);
  io.run();
  return Exit::done;
}

}  // namespace

Runner declare_dev_server(CLI::App& app) {
  const auto options = std::make_shared<DevServerOptions>();
  app.add_option("--port", options->port, "port on 127.0.0.1 to listen at; 0 takes a free one")
      ->capture_default_str();
  app.add_option("--dir", options->folder,
                 "folder for ca.pem, server.pem, server.key, client.pem and client.key; made when missing")
      ->required();
  app.add_flag("--verbose", options->verbose, "say on stderr what clients ask and what they are answered");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
