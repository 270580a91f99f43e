#include <cstring>
#include <exception>
#include <optional>
#include <utility>

#include <openssl/pem.h>

#include <core/file.h>
#include <core/net/pem.h>

namespace keyway::net {
namespace {

constexpr std::size_t largest_pem = 8 << 20;  // bytes; a system's whole CA bundle has about 0.3 MB

// Opened is a source's content: of a file our own, of a text the caller's, which is read where it is.
struct Opened {
  Secret file;
  Text content;
};

// A text was handed over as a whole: what follows its last block is damage, or a block that was cut off.
Result<void> check_end(const PemSource& source) {
  constexpr Text mark = "-----END ";
  const std::size_t end = source.text.rfind(mark);
  if (end == Text::npos) return {};  // no PEM at all, which the reader says better
  const std::size_t line_end = source.text.find('\n', end);
  if (line_end == Text::npos || source.text.find_first_not_of(" \t\r\n", line_end) == Text::npos) return {};
  return fail_with_advice(ErrorKind::invalid_input, "it must end with a line \"-----END ...-----\"",
                          "{}: something else follows the last PEM block", source.name());
}

Result<Opened> open(const PemSource& source) {
  Opened opened;
  if (!source.is_file()) {
    if (source.text.size() > largest_pem)
      return fail(ErrorKind::invalid_input, "{}: larger than {} bytes", source.name(), largest_pem);
    if (auto good = check_end(source); !good) return std::unexpected(std::move(good.error()));
    opened.content = source.text;
    return opened;
  }
  auto content = read_file(source.path, largest_pem);
  if (!content) {
    content.error().what = fmt::format("{}: {}", source.file_kind, content.error().what);
    return std::unexpected(std::move(content.error()));
  }
  opened.file = std::move(*content);
  opened.content = opened.file.reveal_text();
  return opened;
}

Error no_certificate(const PemSource& source, Text content) {
  std::string advice = "it must contain \"-----BEGIN CERTIFICATE-----\"";
  if (content.starts_with('\x30'))  // a DER SEQUENCE
    advice = fmt::format("it looks like DER; convert it: openssl x509 -inform DER{}{}",
                         source.is_file() ? " -in " : "", source.path);
  return Error{ErrorKind::invalid_input,
               fmt::format("{}: no PEM certificate inside", source.name()),
               std::move(advice),
               {}};
}

// What the passphrase callback needs and leaves behind.
struct Asking {
  const PemSource& source;
  const std::function<Result<Secret>()>& callback;
  bool asked = false;
  Secret passphrase;
  std::optional<Error> error;
};

Result<Secret> ask(const Asking& asking) {
  if (!asking.callback)
    return fail_with_advice(ErrorKind::invalid_input, "give its passphrase",
                            "{}: it is encrypted and no passphrase was given", asking.source.name());
  try {
    return asking.callback();
  } catch (const std::exception&) {
    return fail(ErrorKind::internal, "{}: asking for its passphrase failed", asking.source.name());
  }
}

// OpenSSL may come here twice for one key (it tries two decoders); the user is asked once.
int passphrase_callback(char* out, int size, int, void* data) {
  auto& asking = *static_cast<Asking*>(data);
  if (!std::exchange(asking.asked, true)) {
    auto answer = ask(asking);
    if (answer) asking.passphrase = std::move(*answer);
    if (!answer) asking.error = std::move(answer.error());
  }
  const std::size_t length = asking.passphrase.size();
  if (!asking.error && length > static_cast<std::size_t>(size))
    asking.error =
        Error{ErrorKind::invalid_input,
              fmt::format("{}: the passphrase is longer than {} bytes", asking.source.name(), size),
              {},
              {}};
  if (asking.error) return -1;
  if (length > 0) std::memcpy(out, asking.passphrase.reveal().data(), length);
  return static_cast<int>(length);
}

}  // namespace

std::string PemSource::name() const {
  return is_file() ? fmt::format("{} {}", file_kind, path) : std::string(text_name);
}

Result<void> check_source(const PemSource& source) {
  if (source.path.empty() || source.text.empty()) return {};
  return fail_with_advice(ErrorKind::invalid_input, "give one of both", "{}: given as text, and as {} {}",
                          source.text_name, source.file_kind, source.path);
}

Result<std::vector<X509Ptr>> read_certificates(const PemSource& source) {
  const CleanErrorQueue queue;
  const auto opened = open(source);
  if (!opened) return std::unexpected(opened.error());
  const BioPtr bio = view_as_bio(bytes_of(opened->content));
  std::vector<X509Ptr> certificates;
  for (;;) {
    X509Ptr certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!certificate) break;
    certificates.push_back(std::move(certificate));
  }
  // The end of the content is reported as a missing start line; anything else is a damaged certificate.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end)
    return fail(ErrorKind::invalid_input, "{}: certificate {} cannot be read: {}", source.name(),
                certificates.size() + 1, take_openssl_error());
  if (certificates.empty()) return std::unexpected(no_certificate(source, opened->content));
  return certificates;
}

Result<KeyPtr> read_key(const PemSource& source, const std::function<Result<Secret>()>& passphrase) {
  const CleanErrorQueue queue;
  const auto opened = open(source);
  if (!opened) return std::unexpected(opened.error());
  Asking asking{.source = source, .callback = passphrase, .asked = false, .passphrase = {}, .error = {}};
  const BioPtr bio = view_as_bio(bytes_of(opened->content));
  KeyPtr key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, passphrase_callback, &asking) : nullptr);
  if (key) return key;
  if (asking.error) return std::unexpected(std::move(*asking.error));
  if (asking.asked)
    return fail_with_advice(ErrorKind::invalid_input, "check the passphrase",
                            "{}: it does not open with this passphrase: {}", source.name(),
                            take_openssl_error());
  return fail_with_advice(ErrorKind::invalid_input, "it must contain a private key in PEM form",
                          "{}: no private key that can be read: {}", source.name(), take_openssl_error());
}

}  // namespace keyway::net
