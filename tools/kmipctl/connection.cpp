#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <CLI/CLI.hpp>

#include <kmip/text/readable.h>
#include <tools/cli/duration.h>
#include <tools/cli/secret_input.h>
#include <tools/kmipctl/connection.h>

namespace keyway::kmipctl {

namespace {

constexpr const char* group = "Connection";
constexpr const char* default_profile = "default";

// The reader takes [default] for the top of the file, and gives its settings no parent.
std::string section_of(const CLI::ConfigItem& item) {
  return item.parents.empty() ? default_profile : item.parents.front();
}

std::filesystem::path default_config() {
  // NOLINTBEGIN(concurrency-mt-unsafe): read before threads start
  if (const char* xdg = std::getenv("XDG_CONFIG_HOME"); xdg != nullptr && *xdg != '\0')
    return std::filesystem::path(xdg) / "keyway/kmipctl.toml";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return std::filesystem::path(home) / ".config/keyway/kmipctl.toml";
  // NOLINTEND(concurrency-mt-unsafe)
  return {};
}

net::TlsSettings tls_settings(const Connection& c) {
  net::TlsSettings tls;
  tls.ca_file = c.ca_cert;
  tls.ca_directory = c.ca_dir;
  tls.certificate_file = c.client_cert;
  tls.key_file = c.client_key;
  tls.server_name = c.server_name;
  tls.ciphers = c.ciphers;
  tls.passphrase = [file = c.passphrase_file, key = c.client_key] {
    return cli::ask_secret(file, "KMIP_CLIENT_KEY_PASSPHRASE", fmt::format("passphrase of {}", key),
                           "give --client-key-passphrase-file or set KMIP_CLIENT_KEY_PASSPHRASE");
  };
  return tls;
}

void show_trace(const cli::Console& console, bool secrets, kmip::Direction direction, Bytes message) {
  console.block(direction == kmip::Direction::sent ? "--> request\n" : "<-- response\n");
  if (secrets) {
    const kmip::Reveal reveal{};
    console.block(text_of(kmip::readable_with_secrets(message, reveal).view()));
  } else {
    console.block(kmip::readable(message));
  }
}

}  // namespace

void declare(CLI::App& app, Connection& c) {
  const auto text = [&](const char* names, std::string& into, const char* help, const char* variable) {
    return app.add_option(names, into, help)->group(group)->envname(variable);
  };
  text("--server", c.server,
       "KMIP server, HOST or HOST:PORT (port 5696 unless given); after commas, others to try next",
       "KMIP_SERVER");
  text("--client-cert", c.client_cert, "client certificate (PEM, intermediates after it)",
       "KMIP_CLIENT_CERT");
  text("--client-key", c.client_key, "client private key (PEM, may be encrypted)", "KMIP_CLIENT_KEY");
  text("--client-key-passphrase-file", c.passphrase_file,
       "file with the key's passphrase (or KMIP_CLIENT_KEY_PASSPHRASE, or the terminal)",
       "KMIP_CLIENT_KEY_PASSPHRASE_FILE");
  text("--ca-cert,--ca", c.ca_cert,
       "CA certificates that the server's must chain to (PEM); else the system's", "KMIP_CA");
  text("--ca-dir", c.ca_dir, "folder of hashed CA certificates", "KMIP_CA_DIR");
  text("--server-name", c.server_name, "name to expect in the server's certificate, if not the host's",
       "KMIP_SERVER_NAME");
  text("--ciphers", c.ciphers, "TLS 1.2 cipher list in OpenSSL's syntax", "KMIP_CIPHERS");
  text("--kmip-version", c.version, "protocol version to insist on, 1.0 to 2.1; 'auto' negotiates",
       "KMIP_VERSION")
      ->check(CLI::IsMember({"auto", "1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1"}));
  text("--username", c.username, "user name to send beside the certificate", "KMIP_USERNAME");
  text("--password-file", c.password_file, "file with its password (or KMIP_PASSWORD, or the terminal)",
       "KMIP_PASSWORD_FILE");
  app.add_option("--connect-timeout", c.connect_timeout, "seconds to connect in")
      ->group(group)
      ->envname("KMIP_CONNECT_TIMEOUT")
      ->capture_default_str();
  app.add_option("--timeout", c.timeout, "seconds for a whole request")
      ->group(group)
      ->envname("KMIP_TIMEOUT")
      ->capture_default_str();
  app.add_option("--batch-limit", c.batch_limit, "most operations in one request")
      ->group(group)
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  text("--profile", c.profile, "section of the configuration file to use", "KMIP_PROFILE");
  text("--config", c.config, "configuration file, instead of ~/.config/keyway/kmipctl.toml",
       "KMIPCTL_CONFIG");
  app.add_flag("--trace", c.trace, "show each message on stderr, secrets left out")->group(group);
  app.add_flag("--show-secrets", c.show_secrets, "show secrets in --trace and get")->group(group);
}

Result<void> apply_profile(CLI::App& app, Connection& c) {
  const bool asked = !c.profile.empty() || !c.config.empty();
  const std::filesystem::path path = c.config.empty() ? default_config() : std::filesystem::path(c.config);
  std::error_code error;
  if (path.empty() || !std::filesystem::exists(path, error)) {
    if (!asked) return {};
    return fail(ErrorKind::not_found, "the configuration file {} does not exist", path.string());
  }
  std::ifstream file(path);
  if (!file) return fail(ErrorKind::invalid_input, "the configuration file {} cannot be read", path.string());
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_config(file);
  } catch (const CLI::Error& e) {
    return fail(ErrorKind::invalid_input, "{} is not a configuration file: {}", path.string(), e.what());
  }
  const std::string profile = c.profile.empty() ? default_profile : c.profile;
  bool found = false;
  for (const CLI::ConfigItem& item : items) {
    if (section_of(item) != profile) continue;
    found = true;
    if (item.name == "++" || item.name == "--") continue;  // the reader's marks of a section's ends
    CLI::Option* option = app.get_option_no_throw("--" + item.name);
    if (option == nullptr || option->get_group() != group || item.name == "profile" || item.name == "config")
      return fail(ErrorKind::invalid_input, "{}, profile {}: there is no setting '{}'", path.string(),
                  profile, printable(item.name, 64));
    if (option->count() > 0) continue;  // the command line and the environment come first
    try {
      for (const std::string& value : item.inputs) option->add_result(value);
      option->run_callback();
    } catch (const CLI::Error& e) {
      return fail(ErrorKind::invalid_input, "{}, profile {}: {}", path.string(), profile, e.what());
    }
  }
  if (!found && !c.profile.empty())
    return fail(ErrorKind::not_found, "{} has no profile '{}'", path.string(), printable(c.profile, 64));
  return {};
}

Result<kmip::ClientSettings> client_settings(const Connection& c, const cli::Console& console) {
  if (c.server.empty())
    return fail_with_advice(ErrorKind::invalid_input,
                            "give --server HOST:PORT, set KMIP_SERVER, or use a profile",
                            "no KMIP server is named");
  kmip::ClientSettings settings;
  auto endpoints = net::parse_endpoints(c.server, kmip::default_port);
  if (!endpoints) return std::unexpected(std::move(endpoints.error()));
  settings.endpoint = std::move(endpoints->front());
  settings.others.assign(endpoints->begin() + 1, endpoints->end());
  if (c.client_cert.empty() != c.client_key.empty())
    return fail(ErrorKind::invalid_input, "--client-cert and --client-key go together");
  if (!c.version.empty() && c.version != "auto") settings.version = kmip::version_named(c.version);
  auto connect_timeout = cli::duration(c.connect_timeout, "--connect-timeout");
  if (!connect_timeout) return std::unexpected(std::move(connect_timeout.error()));
  auto timeout = cli::duration(c.timeout, "--timeout");
  if (!timeout) return std::unexpected(std::move(timeout.error()));
  settings.connect_timeout = *connect_timeout;
  settings.request_timeout = *timeout;
  settings.batch_limit = c.batch_limit;
  if (!c.username.empty()) {
    auto password =
        cli::ask_secret(c.password_file, "KMIP_PASSWORD", fmt::format("password of {}", c.username),
                        "give --password-file or set KMIP_PASSWORD");
    if (!password) return std::unexpected(std::move(password.error()));
    settings.login = std::make_shared<const kmip::Login>(c.username, std::move(*password));
  }
  auto tls = net::TlsContext::client(tls_settings(c));
  if (!tls) return std::unexpected(std::move(tls.error()));
  settings.tls = std::move(*tls);
  if (c.trace) {
    settings.trace = [&console, secrets = c.show_secrets](kmip::Direction direction, Bytes message) {
      show_trace(console, secrets, direction, message);
    };
  }
  return settings;
}

}  // namespace keyway::kmipctl
