#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <vector>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <core/file.h>
#include <core/net/certificates.h>
#include <core/net/tls.h>
#include <kmip/server/dev_identity.h>

namespace keyway::kmip::server {

namespace {

namespace fs = std::filesystem;

constexpr auto validity = std::chrono::days(90);
constexpr auto clock_skew = std::chrono::minutes(5);
constexpr std::size_t longest_pem = 64u << 10;

struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using CertificatePtr = std::unique_ptr<X509, FreeCertificate>;

std::unexpected<Error> unusable(const fs::path& file, const std::string& why) {
  return fail_with_advice(ErrorKind::invalid_input,
                          "empty the folder to have a new identity made; clients then need the new files",
                          "development identity: {}: {}", file.string(), why);
}

Result<void> make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) {
    std::error_code error;
    if (fs::is_directory(folder, error)) return {};
    return fail(ErrorKind::invalid_input, "{} is not a folder", folder.string());
  }
  const int why = errno;
  return fail(why == ENOENT ? ErrorKind::not_found : ErrorKind::invalid_input, "make the folder {}: {}",
              folder.string(), std::strerror(why));
}

// make_all makes and writes everything. Keys come first: a certificate without its key would look complete.
Result<void> make_all(const DevIdentity& files, const Clock& clock) {
  net::CertificateRequest request;
  request.not_before = clock.now() - clock_skew;
  request.not_after = clock.now() + validity;
  request.common_name = "Keyway development CA";
  request.is_ca = true;
  const auto ca = net::make_certificate(request, nullptr);
  if (!ca) return std::unexpected(ca.error());

  request.is_ca = false;
  request.common_name = "keyway client";
  request.for_client = true;
  const auto client = net::make_certificate(request, &*ca);
  if (!client) return std::unexpected(client.error());

  request.common_name = "localhost";
  request.for_client = false;
  request.for_server = true;
  request.dns_names = {"localhost"};
  request.ip_addresses = {"127.0.0.1", "::1"};
  const auto server = net::make_certificate(request, &*ca);
  if (!server) return std::unexpected(server.error());

  const struct {
    const fs::path& path;
    Bytes content;
    keyway::Mode mode;
  } contents[] = {
      {files.server_key, server->key.reveal(), keyway::Mode::secret},
      {files.client_key, client->key.reveal(), keyway::Mode::secret},
      {files.server_certificate, bytes_of(server->certificate), keyway::Mode::shared},
      {files.client_certificate, bytes_of(client->certificate), keyway::Mode::shared},
      {files.ca, bytes_of(ca->certificate), keyway::Mode::shared},
  };
  for (const auto& [path, content, mode] : contents)
    if (auto written = create_file(path, content, mode); !written) return written;
  return {};
}

Result<CertificatePtr> read_certificate(const fs::path& path, const Clock& clock) {
  const auto pem = read_file(path, longest_pem);
  if (!pem) return unusable(path, pem.error().what);
  const Bytes bytes = pem->reveal();
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  CertificatePtr certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  if (!certificate) return unusable(path, "not a certificate in PEM form");
  std::time_t now = clock.now().time_since_epoch().count();
  if (X509_cmp_time(X509_get0_notBefore(certificate.get()), &now) > 0) return unusable(path, "not valid yet");
  if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &now) < 0) return unusable(path, "it has expired");
  return certificate;
}

// check_pair wants a key that only its owner can read and that belongs to the certificate, and a certificate
// signed by the CA.
Result<void> check_pair(const fs::path& certificate_path, const fs::path& key_path, const DevIdentity& files,
                        X509* ca, const Clock& clock) {
  if (auto key = read_private_file(key_path, longest_pem); !key) return unusable(key_path, key.error().what);
  const auto certificate = read_certificate(certificate_path, clock);
  if (!certificate) return std::unexpected(certificate.error());
  const int is_signed = X509_verify(certificate->get(), X509_get0_pubkey(ca));
  ERR_clear_error();
  if (is_signed != 1) return unusable(certificate_path, "not signed by the CA beside it");
  net::TlsSettings settings;
  settings.ca_file = files.ca.string();
  settings.certificate_file = certificate_path.string();
  settings.key_file = key_path.string();
  // Building a context finds what does not belong together.
  if (auto context = net::TlsContext::client(settings); !context) return std::unexpected(context.error());
  return {};
}

Result<void> check_all(const DevIdentity& files, const Clock& clock) {
  const auto ca = read_certificate(files.ca, clock);
  if (!ca) return std::unexpected(ca.error());
  if (auto good = check_pair(files.server_certificate, files.server_key, files, ca->get(), clock); !good)
    return good;
  return check_pair(files.client_certificate, files.client_key, files, ca->get(), clock);
}

}  // namespace

Result<DevIdentity> prepare_dev_identity(const fs::path& folder, const Clock& clock) {
  if (auto made = make_folder(folder); !made) return std::unexpected(made.error());
  DevIdentity files{folder / "ca.pem",     folder / "server.pem", folder / "server.key",
                    folder / "client.pem", folder / "client.key", false};
  std::vector<fs::path> missing;
  for (const fs::path* file : {&files.ca, &files.server_certificate, &files.server_key,
                               &files.client_certificate, &files.client_key}) {
    std::error_code error;
    // A dangling link counts as there: nothing is ever written over.
    if (fs::symlink_status(*file, error).type() == fs::file_type::not_found) missing.push_back(*file);
  }
  if (missing.size() == 5) {
    files.is_new = true;
    if (auto made = make_all(files, clock); !made) return std::unexpected(made.error());
    return files;
  }
  if (!missing.empty()) return unusable(missing.front(), "missing, while others of the identity are there");
  if (auto good = check_all(files, clock); !good) return std::unexpected(good.error());
  return files;
}

}  // namespace keyway::kmip::server
