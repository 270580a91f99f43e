#include <kmip/client/blocking.h>
#include <kmip/client/key_wrapper.h>
#include <tools/cli/duration.h>
#include <tools/cli/secret_input.h>
#include <tools/kmsctl/kms.h>

namespace keyway::kmsctl {

namespace {

net::TlsSettings tls_settings(const KmsOptions& options) {
  net::TlsSettings tls;
  tls.ca_file = options.ca_cert.value_or("");
  tls.certificate_file = *options.client_cert;
  tls.key_file = *options.client_key;
  tls.server_name = options.server_name.value_or("");
  tls.passphrase = [file = options.passphrase_file.value_or(""), key = tls.key_file] {
    return cli::ask_secret(file, "KMIP_CLIENT_KEY_PASSPHRASE", fmt::format("passphrase of {}", key),
                           "give --client-key-passphrase-file or set KMIP_CLIENT_KEY_PASSPHRASE");
  };
  return tls;
}

Result<kmip::ClientSettings> client_settings(const KmsOptions& options) {
  kmip::ClientSettings settings;
  auto endpoints = net::parse_endpoints(*options.address, kmip::default_port);
  if (!endpoints) return std::unexpected(std::move(endpoints.error()));
  settings.endpoint = std::move(endpoints->front());
  settings.others.assign(endpoints->begin() + 1, endpoints->end());
  const auto timeout = cli::duration(options.timeout, "--timeout");
  if (!timeout) return std::unexpected(timeout.error());
  settings.request_timeout = *timeout;
  settings.connect_timeout = std::min(settings.connect_timeout, *timeout);
  if (options.kmip_version && *options.kmip_version != "auto") {
    settings.version = kmip::version_named(*options.kmip_version);
    if (!settings.version)
      return fail(ErrorKind::invalid_input, "there is no KMIP version '{}'; 1.0 to 2.1 are, and 'auto'",
                  printable(*options.kmip_version, 32));
  }
  if (options.username) {
    auto password = cli::ask_secret(options.password_file.value_or(""), "KMIP_PASSWORD",
                                    fmt::format("password of {}", *options.username),
                                    "give --password-file or set KMIP_PASSWORD");
    if (!password) return std::unexpected(std::move(password.error()));
    settings.login = std::make_shared<const kmip::Login>(*options.username, std::move(*password));
  }
  auto tls = net::TlsContext::client(tls_settings(options));
  if (!tls) return std::unexpected(std::move(tls.error()));
  settings.tls = std::move(*tls);
  return settings;
}

kmip::WrapWhere where(const KmsOptions& options) {
  if (options.wrap_where == "server") return kmip::WrapWhere::server;
  if (options.wrap_where == "client") return kmip::WrapWhere::client;
  return kmip::WrapWhere::automatic;
}

class KmipKms final : public Kms {
 public:
  KmipKms(const KmsOptions& options, kmip::ClientSettings settings)
      : key_{options.key.value_or("")},
        client_(std::move(settings)),
        wrapper_(client_.async(), {.key = key_, .where = where(options)}) {}

  Result<WrappedKey> wrap(Secret key, Bytes context) override {
    return wrap_one(wrapper_, std::move(key), context);
  }

  Result<Secret> unwrap(WrappedKey blob, Bytes context) override {
    if (auto mine = check_mine(blob, Backend::kmip); !mine) return std::unexpected(std::move(mine.error()));
    if (!key_.text.empty()) {
      auto id = client_.find(key_);
      if (!id) return std::unexpected(std::move(id.error()));
      blob.key_id = std::move(*id);
    }
    return unwrap_one(wrapper_, blob, context);
  }

  Result<WrappedKey> rewrap(WrappedKey blob, Bytes context) override {
    if (auto mine = check_mine(blob, Backend::kmip); !mine) return std::unexpected(std::move(mine.error()));
    return rewrap_one(wrapper_, blob, context);
  }

  void check(Report& report, Bytes context) override {
    const auto server = client_.connect();
    if (!server) {
      report.failed("reachable", server.error());
      return report.skip_all({"key", "key-state", "key-usage", round_trip_name, latency_name},
                             "the server was not reached");
    }
    report.ok("reachable",
              fmt::format("{}, KMIP {}, {}, certificate of {}", server->peer, kmip::name(server->version),
                          server->tls_protocol, server->peer_subject),
              {{"peer", server->peer},
               {"version", kmip::name(server->version)},
               {"tls", server->tls_protocol},
               {"subject", server->peer_subject}});
    const auto id = client_.find(key_);
    if (!id) {
      report.failed("key", id.error());
      return report.skip_all({"key-state", "key-usage", round_trip_name, latency_name}, "there is no key");
    }
    check_key(report, *id);
    check_round_trip(report, wrapper_, context);
  }

 private:
  void check_key(Report& report, const std::string& id);
  static void check_state(Report& report, const std::string& id, const kmip::KeyFacts& facts);
  static void check_usage(Report& report, const kmip::KeyFacts& facts);

  kmip::KeyReference key_;
  kmip::BlockingClient client_;
  kmip::KmipWrapper wrapper_;
};

void KmipKms::check_key(Report& report, const std::string& id) {
  const auto facts = client_.facts(id);
  if (!facts) {
    report.warning("key", fmt::format("{}; nothing more is known: {}", id, describe(facts.error())),
                   {{"unique_identifier", id}});
    return report.skip_all({"key-state", "key-usage"}, "the server does not tell");
  }
  Report::Facts values = {{"unique_identifier", id}};
  std::string detail = id;
  if (facts->algorithm) {
    values["algorithm"] = spec_name(*facts->algorithm);
    detail += fmt::format(", {}", spec_name(*facts->algorithm));
  }
  if (facts->length) {
    values["length"] = *facts->length;
    detail += fmt::format(", {} bits", *facts->length);
  }
  report.ok("key", std::move(detail), std::move(values));
  check_state(report, id, *facts);
  check_usage(report, *facts);
}

void KmipKms::check_state(Report& report, const std::string& id, const kmip::KeyFacts& facts) {
  if (!facts.state) return report.skipped("key-state", "the server does not tell");
  const std::string state(spec_name(*facts.state));
  if (*facts.state == kmip::State::Active) return report.ok("key-state", state, {{"state", state}});
  const bool can_be_activated = *facts.state == kmip::State::PreActive;
  report.failed("key-state",
                Error{ErrorKind::refused,
                      fmt::format("the key is {}: it cannot wrap", state),
                      can_be_activated ? fmt::format("run kmipctl activate {}", id) : "use another key",
                      {}},
                {{"state", state}});
}

void KmipKms::check_usage(Report& report, const kmip::KeyFacts& facts) {
  if (!facts.usage) return report.skipped("key-usage", "the server does not tell");
  const auto bits = static_cast<std::uint32_t>(*facts.usage);
  const std::string names = mask_names(kmip::Enumeration::CryptographicUsageMask, bits, ",");
  constexpr auto wanted = static_cast<std::uint32_t>(kmip::CryptographicUsageMask::Encrypt) |
                          static_cast<std::uint32_t>(kmip::CryptographicUsageMask::Decrypt);
  if ((bits & wanted) == wanted) return report.ok("key-usage", names, {{"usage", names}});
  report.failed("key-usage",
                Error{ErrorKind::refused,
                      fmt::format("the key is for '{}', and has to be for Encrypt and Decrypt", names),
                      "use a key made for both",
                      {}},
                {{"usage", names}});
}

}  // namespace

Result<std::unique_ptr<Kms>> open_kmip(const KmsOptions& options) {
  auto settings = client_settings(options);
  if (!settings) return std::unexpected(std::move(settings.error()));
  return std::make_unique<KmipKms>(options, std::move(*settings));
}

}  // namespace keyway::kmsctl
