#include <core/hex.h>
#include <kmip/client/objects.h>
#include <tools/kmipctl/object_options.h>

namespace keyway::kmipctl {

namespace {

struct DeriveOptions {
  std::vector<std::string> keys;
  std::string method = "PBKDF2", hash = "SHA_256", algorithm = "AES";
  std::string salt, iv, data;  // hexadecimal, hexadecimal, file
  std::optional<std::int32_t> iterations;
  std::int32_t length = 256;
  ObjectOptions object;
};

// Bytes that the request views.
struct Parts {
  OwnedBytes salt, iv;
  Secret data;
  std::vector<std::string> keys;
};

Result<OwnedBytes> hexadecimal(const std::string& text, std::string_view option) {
  auto bytes = from_hex(text);
  if (!bytes) return fail(ErrorKind::invalid_input, "{}: {}", option, bytes.error().what);
  return owned(bytes->reveal());
}

Result<Parts> parts_of(const DeriveOptions& options) {
  Parts parts;
  auto salt = hexadecimal(options.salt, "--salt");
  if (!salt) return std::unexpected(std::move(salt.error()));
  parts.salt = std::move(*salt);
  auto iv = hexadecimal(options.iv, "--iv");
  if (!iv) return std::unexpected(std::move(iv.error()));
  parts.iv = std::move(*iv);
  if (!options.data.empty()) {
    auto data = read_input(options.data, largest_input / 2);
    if (!data) return std::unexpected(std::move(data.error()));
    parts.data = std::move(*data);
  }
  return parts;
}

Result<kmip::DeriveKeyRequest> request_of(const DeriveOptions& options, const Parts& parts) {
  kmip::DeriveKeyRequest request;
  auto method = named_value<kmip::DerivationMethod>(options.method, "--method");
  if (!method) return std::unexpected(std::move(method.error()));
  auto hash = named_value<kmip::HashingAlgorithm>(options.hash, "--hash");
  if (!hash) return std::unexpected(std::move(hash.error()));
  auto algorithm = named_value<kmip::CryptographicAlgorithm>(options.algorithm, "--algorithm");
  if (!algorithm) return std::unexpected(std::move(algorithm.error()));
  request.object_type = kmip::ObjectType::SymmetricKey;
  request.derivation_method = *method;
  auto& parameters = request.derivation_parameters;
  parameters.cryptographic_parameters.emplace().hashing_algorithm = *hash;
  if (!parts.iv.empty()) parameters.initialization_vector = parts.iv;
  if (!options.data.empty()) parameters.derivation_data = {parts.data.reveal()};
  if (!parts.salt.empty()) parameters.salt = parts.salt;
  parameters.iteration_count = options.iterations;
  request.attributes.add(kmip::Tag::CryptographicAlgorithm, *algorithm);
  request.attributes.add(kmip::Tag::CryptographicLength, options.length);
  if (auto added = add_attributes(request.attributes, options.object); !added)
    return std::unexpected(std::move(added.error()));
  return request;
}

Exit run(const DeriveOptions& options, Session& session) {
  const cli::Console& console = session.console();
  auto parts = parts_of(options);
  if (!parts) return console.failed(parts.error());
  auto request = request_of(options, *parts);
  if (!request) return console.failed(request.error());
  for (const std::string& key : options.keys) {
    auto id = session.find(key);
    if (!id) return console.failed(id.error());
    parts->keys.push_back(std::move(*id));
  }
  for (const std::string& id : parts->keys) request->unique_identifiers.emplace_back(id);
  auto client = session.client();
  auto reply = kmip::derive_key(**client, std::move(*request));
  if (!reply) return console.failed(reply.error());
  return finish(session, options.object, std::string((*reply)->unique_identifier));
}

}  // namespace

Runner declare_derive(CLI::App& app) {
  const auto options = std::make_shared<DeriveOptions>();
  app.description("make a symmetric key from others, and print its identifier");
  app.add_option("KEY", options->keys, "keys or secrets to derive from: unique identifiers, or name:NAME")
      ->required();
  app.add_option("--method", options->method, "PBKDF2, HASH, HMAC, ENCRYPT, NIST800_108_C, ...")
      ->capture_default_str();
  app.add_option("--hash", options->hash, "hashing algorithm of the method")->capture_default_str();
  app.add_option("--salt", options->salt, "salt of PBKDF2, hexadecimal");
  app.add_option("--iterations", options->iterations, "iteration count of PBKDF2");
  app.add_option("--iv", options->iv, "initialization vector, hexadecimal");
  app.add_option("--data", options->data, "file with the derivation data");
  app.add_option("--algorithm", options->algorithm, "algorithm of the new key")->capture_default_str();
  app.add_option("--length", options->length, "bits of the new key")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  declare(app, options->object, "Encrypt,Decrypt");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
