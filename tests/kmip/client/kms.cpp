#include <algorithm>

#include <tests/kmip/client/kms.h>

namespace keyway::kmip::test {

Kms::Kms(server::Quirks quirks) : engine_(engine_settings(quirks)), work_(asio::make_work_guard(io_)) {
  server::ServerSettings settings;
  settings.listen.port = 0;
  settings.tls = server_tls();
  auto started = server::Server::start(io_.get_executor(), std::move(settings), engine_);
  REQUIRE_MESSAGE(started, text_of_error(started));
  server_ = std::move(*started);
  thread_ = std::thread([this] { io_.run(); });
}

Kms::~Kms() {
  server_->stop();
  work_.reset();
  thread_.join();
}

server::EngineSettings Kms::engine_settings(server::Quirks quirks) {
  server::EngineSettings settings;
  settings.quirks = quirks;
  settings.observer = [this](const server::Event& event) {
    const std::lock_guard lock(mutex_);
    if (event.operation) asked_.push_back(*event.operation);
  };
  return settings;
}

ClientSettings Kms::settings(std::optional<Version> version) const {
  ClientSettings settings = settings_for(net::Endpoint{"127.0.0.1", server_->port()});
  settings.version = version;
  return settings;
}

std::string Kms::make_key(std::string_view name, bool active, CryptographicUsageMask usage) {
  BlockingClient client(settings());
  CreateRequest request;
  request.attributes.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::AES);
  request.attributes.add(Tag::CryptographicLength, std::int32_t{256});
  request.attributes.add(Tag::CryptographicUsageMask, usage);
  if (!name.empty()) request.attributes.add(Tag::Name, Name{.value = name});
  const auto key = client.call(std::move(request));
  REQUIRE_MESSAGE(key, text_of_error(key));
  const std::string id((*key)->unique_identifier);
  if (active) {
    const auto activated = client.call(ActivateRequest{.unique_identifier = Identifier(id)});
    REQUIRE_MESSAGE(activated, text_of_error(activated));
  }
  return id;
}

std::size_t Kms::count(Operation operation) {
  const std::lock_guard lock(mutex_);
  return std::erase(asked_, operation);
}

}  // namespace keyway::kmip::test
