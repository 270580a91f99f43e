#include <nlohmann/json.hpp>

#include <tools/kmipctl/object_options.h>
#include <tools/kmipctl/signature_options.h>

namespace keyway::kmipctl {

void declare(CLI::App& app, SignatureOptions& options, SignatureKind kind) {
  app.add_option("--key", options.key, "unique identifier, or name:NAME")->required()->envname("KMIP_KEY");
  app.add_option(
      "--algorithm", options.algorithm,
      kind == SignatureKind::signature
          ? "SHA_256WithRSAEncryption, RSASSA_PSS, ECDSAWithSHA256, ...; else what is stored with the key"
          : "HMAC_SHA256, ...; else what is stored with the key");
  app.add_option("--in", options.in, "file with the data")->capture_default_str();
}

Result<std::optional<kmip::CryptographicParameters>> parameters_of(const SignatureOptions& options,
                                                                   SignatureKind kind) {
  if (options.algorithm.empty()) return std::nullopt;
  kmip::CryptographicParameters parameters;
  if (kind == SignatureKind::mac) {
    auto algorithm = named_value<kmip::CryptographicAlgorithm>(options.algorithm, "--algorithm");
    if (!algorithm) return std::unexpected(std::move(algorithm.error()));
    parameters.cryptographic_algorithm = *algorithm;
    return parameters;
  }
  auto algorithm = named_value<kmip::DigitalSignatureAlgorithm>(options.algorithm, "--algorithm");
  if (!algorithm) return std::unexpected(std::move(algorithm.error()));
  parameters.digital_signature_algorithm = *algorithm;
  const bool pss = *algorithm == kmip::DigitalSignatureAlgorithm::RSASSA_PSS;
  // PSS says nothing of the hash by itself; SHA-256 is what everybody means.
  if (pss) parameters.hashing_algorithm = kmip::HashingAlgorithm::SHA_256;
  // The padding follows from the algorithm, but PyKMIP wants to hear it.
  if (pss || name(*algorithm).ends_with("WithRSAEncryption"))
    parameters.padding_method = pss ? kmip::PaddingMethod::PSS : kmip::PaddingMethod::PKCS1V1_5;
  return parameters;
}

Exit print_validity(Session& session, const std::optional<kmip::ValidityIndicator>& validity) {
  const cli::Console& console = session.console();
  if (!validity)
    return console.failed(Error{ErrorKind::corrupt, "the KMS did not say whether it is valid", {}, {}});
  const std::string word = name(*validity);
  nlohmann::ordered_json json;
  json["validity"] = word;
  const auto printed = console.json() ? console.document(json) : console.line(word);
  if (!printed) return console.failed(printed.error());
  return *validity == kmip::ValidityIndicator::Valid ? Exit::done : Exit::integrity;
}

Result<Work> prepare(Session& session, const SignatureOptions& options, SignatureKind kind) {
  Work work;
  auto data = read_input(options.in, largest_input / 2);
  if (!data) return std::unexpected(std::move(data.error()));
  work.data = std::move(*data);
  auto parameters = parameters_of(options, kind);
  if (!parameters) return std::unexpected(std::move(parameters.error()));
  work.parameters = *parameters;
  auto id = session.find(options.key);
  if (!id) return std::unexpected(std::move(id.error()));
  work.id = std::move(*id);
  return work;
}

}  // namespace keyway::kmipctl
