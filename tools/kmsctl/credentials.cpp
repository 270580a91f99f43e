#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include <core/file.h>
#include <tools/cli/secret_input.h>
#include <tools/kmsctl/credentials.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

using keyring::Credential;

namespace {

constexpr std::size_t longest_credential = 16UL * 1024;  // bytes; a pod's and a batch token are long
constexpr std::size_t longest_pem = 256UL * 1024;        // bytes; a bundle of authorities is long

// One line of standard input.
Result<Credential> typed_credential(std::string_view option) {
  auto content = read_descriptor(STDIN_FILENO, longest_credential, "standard input");
  if (!content) return std::unexpected(std::move(content.error()));
  const Text text = content->reveal_text();
  Secret line(text.substr(0, text.find_first_of("\r\n")));
  if (line.empty())
    return fail(ErrorKind::invalid_input, "{}: the first line of standard input is empty", option);
  return Credential::stored(std::move(line));
}

// What the text after "env:", "systemd:" or nothing names.
Result<Credential> reference_to(const std::string& given) {
  const std::string_view text(given);
  constexpr std::string_view of_environment = "env:", of_systemd = "systemd:";
  if (text.starts_with(of_environment)) return Credential::environment(given.substr(of_environment.size()));
  if (text.starts_with(of_systemd)) return Credential::systemd(given.substr(of_systemd.size()));
  std::error_code failed;
  const auto path = std::filesystem::absolute(given, failed);
  if (failed) return fail(ErrorKind::internal, "{}: {}", printable(given, 4096), failed.message());
  return Credential::file(path.lexically_normal().string());
}

// The next block of PEM from `at` on whose label ends in "CERTIFICATE", or nothing.
Text next_certificate(Text pem, std::size_t at) {
  constexpr Text begin = "-----BEGIN ";
  for (at = pem.find(begin, at); at != Text::npos; at = pem.find(begin, at + 1)) {
    const Text label =
        pem.substr(at + begin.size(), pem.find("-----", at + begin.size()) - at - begin.size());
    if (!label.ends_with("CERTIFICATE")) continue;
    const std::string end = fmt::format("-----END {}-----", label);
    const std::size_t stop = pem.find(end, at);
    return stop == Text::npos ? Text() : pem.substr(at, stop + end.size() - at);
  }
  return {};
}

// Others may have the key already: that is to be known, and no reason to refuse.
void warn_if_open(const Session& session, const std::string& file, std::string_view option) {
  struct stat status{};
  constexpr mode_t others = S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
  if (::stat(file.c_str(), &status) != 0 || (status.st_mode & others) == 0) return;
  warn(session.console,
       fmt::format("{}: others than its owner have access to {} (mode {:04o}); run: chmod 600 {}", option,
                   printable(file, 4096), static_cast<unsigned>(status.st_mode) & 07777U,
                   printable(file, 4096)));
}

bool is_encrypted_key(Text pem) {
  return pem.find("-----BEGIN ENCRYPTED PRIVATE KEY-----") != Text::npos ||
         pem.find("Proc-Type: 4,ENCRYPTED") != Text::npos;
}

}  // namespace

const char* const reference_help = "a path, env:NAME or systemd:NAME, read at each use; '-': stdin, stored";

Result<Credential> credential_at(const std::string& given, std::string_view option) {
  if (given.empty()) return fail(ErrorKind::invalid_input, "{} is empty", option);
  if (given == "-") return typed_credential(option);
  auto credential = reference_to(given);
  Result<void> good;
  if (!credential)
    good = std::unexpected(std::move(credential.error()));
  else
    good = credential->check();
  if (good) return credential;
  good.error().what = fmt::format("{}: {}", option, good.error().what);
  return std::unexpected(std::move(good.error()));
}

Result<Credential> credential_of(const std::optional<Secret>& given, std::string_view option,
                                 const Session& session) {
  if (!given) return fail(ErrorKind::invalid_input, "{} is empty", option);
  warn(session.console,
       fmt::format("others can see {} (ps, the shell's history); use {}-file", option, option));
  return Credential::stored(given->duplicate());
}

Result<std::string> certificates_in(const std::string& file, std::string_view option) {
  const auto content = read_file(file, longest_pem);
  if (!content) return std::unexpected(content.error());
  const Text pem = content->reveal_text();
  std::string all;
  for (Text one = next_certificate(pem, 0); !one.empty();) {
    all.append(one).append("\n");
    one = next_certificate(pem, static_cast<std::size_t>(one.data() + one.size() - pem.data()));
  }
  if (all.empty())
    return fail(ErrorKind::invalid_input, "{}: {} has no certificate in PEM form", option,
                printable(file, 4096));
  return all;
}

Result<PrivateKey> private_key_in(const std::string& file, std::string_view option,
                                  const std::optional<std::string>& passphrase_file, const Session& session) {
  auto content = read_file(file, longest_pem);
  if (!content) return std::unexpected(std::move(content.error()));
  if (content->reveal_text().find("PRIVATE KEY-----") == Text::npos)
    return fail(ErrorKind::invalid_input, "{}: {} has no private key in PEM form", option,
                printable(file, 4096));
  const bool is_encrypted = is_encrypted_key(content->reveal_text());
  PrivateKey found;
  found.key = Credential::stored(std::move(*content));
  if (auto good = found.key.check(); !good) {
    good.error().what = fmt::format("{}: {}: {}", option, printable(file, 4096), good.error().what);
    return std::unexpected(std::move(good.error()));
  }
  warn_if_open(session, file, option);
  if (is_encrypted) {
    auto passphrase = cli::ask_secret(passphrase_file.value_or(""), "KMIP_CLIENT_KEY_PASSPHRASE",
                                      fmt::format("passphrase of {}", file),
                                      "give --client-key-passphrase-file or set KMIP_CLIENT_KEY_PASSPHRASE");
    if (!passphrase) return std::unexpected(std::move(passphrase.error()));
    found.passphrase = Credential::stored(std::move(*passphrase));
  }
  return found;
}

}  // namespace keyway::kmsctl
