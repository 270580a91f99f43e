// How kmipctl reaches a server: from options, the environment, and a profile, in this order of precedence.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include <kmip/client/settings.h>
#include <tools/cli/console.h>

namespace keyway::kmipctl {

struct Connection {
  std::string server;  // HOST[:PORT][,HOST[:PORT]]...
  std::string client_cert, client_key, ca_cert, ca_dir;
  std::string passphrase_file;
  std::string server_name;
  std::string ciphers;
  std::string version;  // "1.4", or "auto"
  std::string username, password_file;
  double connect_timeout = 10, timeout = 30;  // seconds
  std::size_t batch_limit = kmip::ClientSettings{}.batch_limit;
  std::string profile, config;
  bool trace = false;
  bool show_secrets = false;
};

// declare adds the options of `connection` to the command line, with the environment variable of each.
void declare(CLI::App& app, Connection& connection);

// apply_profile fills what neither the command line nor the environment gave from the profile's section of
// the configuration file (--config, else $XDG_CONFIG_HOME/keyway/kmipctl.toml or ~/.config/...). Without
// --profile the section [default] is used when there is one. Errors: invalid_input, not_found.
Result<void> apply_profile(CLI::App& app, Connection& connection);

// client_settings reads the files and makes the TLS context. `console` shows the trace. Errors name the
// option.
Result<kmip::ClientSettings> client_settings(const Connection& connection, const cli::Console& console);

}  // namespace keyway::kmipctl
