#include <algorithm>

#include <tools/cli/duration.h>
#include <tools/cli/secret_input.h>
#include <tools/kmsctl/vault_settings.h>

namespace keyway::kmsctl {

namespace {

constexpr std::size_t longest_token = 16UL * 1024;  // bytes; a pod's and a batch token are long

void warn(const Session& session, std::string_view text) {
  session.console.say(fmt::format("warning: {}", text));
}

void warn_of_transport(const std::vector<vault::http::Url>& urls, const Session& session) {
  for (const vault::http::Url& url : urls)
    if (url.scheme == vault::http::Url::Scheme::http)
      warn(session, fmt::format("{} is not encrypted: keys and tokens travel in the clear; use https",
                                vault::http::to_string(url)));
  constexpr std::string_view off[] = {"0", "f", "F", "false", "False", "FALSE"};
  const auto skip = environment("VAULT_SKIP_VERIFY");
  if (skip && std::ranges::find(off, *skip) == std::end(off))
    warn(session, "VAULT_SKIP_VERIFY is ignored: the server's certificate is always verified");
}

Result<std::shared_ptr<const net::TlsContext>> tls_of(const KmsOptions& options) {
  net::TlsSettings tls;
  tls.ca_file = options.vault_ca_cert.value_or("");
  tls.ca_directory = options.vault_ca_path.value_or("");
  tls.certificate_file = options.client_cert.value_or("");
  tls.key_file = options.client_key.value_or("");
  tls.server_name = options.server_name.value_or("");
  tls.passphrase = [file = options.passphrase_file.value_or(""), key = tls.key_file] {
    return cli::ask_secret(file, "KMSCTL_CLIENT_KEY_PASSPHRASE", fmt::format("passphrase of {}", key),
                           "give --client-key-passphrase-file or set KMSCTL_CLIENT_KEY_PASSPHRASE");
  };
  return net::TlsContext::client(tls);
}

// A program that ends after a few calls reads a credential once: it may come from a pipe.
vault::SecretSource fixed(Secret secret) {
  const auto held = std::make_shared<const Secret>(std::move(secret));
  return [held]() -> Result<Secret> { return held->duplicate(); };
}

// What was given as an argument, with the warning that belongs to it.
Result<Secret> from_argument(const std::optional<Secret>& secret, std::string_view option,
                             std::string_view better, const Session& session) {
  if (!secret) return fail(ErrorKind::invalid_input, "{} has no value", option);
  warn(session, fmt::format("others can see {} (ps, the shell's history); use {}", option, better));
  return secret->duplicate();
}

Result<Secret> find_token(const KmsOptions& options, const Session& session) {
  if (options.token_file) return cli::secret_from_file(*options.token_file, longest_token);
  if (options.token)
    return from_argument(session.secrets.token, "--token", "--token-file or VAULT_TOKEN", session);
  if (auto token = cli::secret_from_environment("VAULT_TOKEN")) return std::move(*token);
  if (const auto home = environment("HOME")) {
    auto token = cli::secret_from_file(*home + "/.vault-token", longest_token);
    if (token || token.error().kind != ErrorKind::not_found) return token;
  }
  return fail_with_advice(ErrorKind::invalid_input,
                          "give --token-file, --role-id or --kubernetes-role, or set VAULT_TOKEN",
                          "--kms vault needs a token or a login");
}

Result<Secret> find_secret_id(const KmsOptions& options, const Session& session) {
  if (options.secret_id)
    return from_argument(session.secrets.secret_id, "--secret-id", "--secret-id-file or KMSCTL_SECRET_ID",
                         session);
  return cli::ask_secret(options.secret_id_file.value_or(""), "KMSCTL_SECRET_ID",
                         fmt::format("secret id of {}", *options.role_id),
                         "--role-id goes with --secret-id-file, or KMSCTL_SECRET_ID set");
}

Result<vault::Login> login_of(const KmsOptions& options, const Session& session, bool is_agent) {
  if (options.kubernetes_role) {
    vault::KubernetesLogin login{.role = *options.kubernetes_role};
    if (options.auth_path) login.path = *options.auth_path;
    auto jwt = cli::secret_from_file(options.kubernetes_token_file.value_or(vault::service_account_token),
                                     longest_token);
    if (!jwt) return std::unexpected(std::move(jwt.error()));
    login.jwt = fixed(std::move(*jwt));
    return login;
  }
  if (options.role_id) {
    vault::AppRoleLogin login{.role_id = *options.role_id};
    if (options.auth_path) login.path = *options.auth_path;
    login.is_wrapped = options.wrapped_secret_id.has_value();
    auto secret_id = find_secret_id(options, session);
    if (!secret_id) return std::unexpected(std::move(secret_id.error()));
    login.secret_id = fixed(std::move(*secret_id));
    return login;
  }
  auto token = find_token(options, session);
  // An agent behind a socket may have a token of its own.
  if (!token && is_agent && !options.token_file && !options.token) return vault::AgentLogin{};
  if (!token) return std::unexpected(std::move(token.error()));
  return vault::TokenLogin{fixed(std::move(*token))};
}

}  // namespace

Result<vault::ClientSettings> vault_settings(const KmsOptions& options, const Session& session) {
  vault::ClientSettings settings;
  auto urls = vault::http::parse_urls(*options.address);
  if (!urls) return std::unexpected(std::move(urls.error()));
  warn_of_transport(*urls, session);
  settings.addresses = std::move(*urls);
  const auto timeout = cli::duration(options.timeout, "--timeout");
  if (!timeout) return std::unexpected(timeout.error());
  settings.request_timeout = *timeout;
  settings.connect_timeout = std::min(settings.connect_timeout, *timeout);
  settings.renews = false;
  settings.attempts = 6;  // some two seconds: a person waits, and a script can try again
  auto tls = tls_of(options);
  if (!tls) return std::unexpected(std::move(tls.error()));
  settings.tls = std::move(*tls);
  const bool is_agent = std::ranges::all_of(settings.addresses, [](const vault::http::Url& url) {
    return url.scheme == vault::http::Url::Scheme::local;
  });
  auto login = login_of(options, session, is_agent);
  if (!login) return std::unexpected(std::move(login.error()));
  settings.login = std::move(*login);
  settings.name_space = given_namespace(options).value_or("");
  return settings;
}

std::optional<std::string> given_namespace(const KmsOptions& options) {
  const auto given = options.name_space ? options.name_space : environment("VAULT_NAMESPACE");
  if (!given) return std::nullopt;
  return vault::http::without_stray_slashes(*given);
}

bool logs_in(const KmsOptions& options) { return options.role_id || options.kubernetes_role; }

}  // namespace keyway::kmsctl
