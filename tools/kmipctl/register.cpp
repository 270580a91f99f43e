#include <kmip/model/register.h>
#include <tools/kmipctl/object_options.h>

namespace keyway::kmipctl {

namespace {

struct RegisterOptions {
  std::string type = "symmetric-key";
  std::string algorithm = "AES";
  std::string secret_type = "Password";
  std::string file = "-";
  bool transparent = false;
  ObjectOptions object;
};

kmip::KeyBlock key_block(Secret material, bool transparent) {
  kmip::KeyBlock block;
  kmip::KeyValue& value = block.key_value.emplace();
  if (transparent) {
    block.key_format_type = kmip::KeyFormatType::TransparentSymmetricKey;
    value.transparent.emplace().key = std::move(material);
  } else {
    block.key_format_type = kmip::KeyFormatType::Raw;
    value.key_material = std::move(material);
  }
  return block;
}

Result<void> fill_symmetric_key(kmip::RegisterRequest& request, const RegisterOptions& options,
                                Secret material) {
  auto algorithm = named_value<kmip::CryptographicAlgorithm>(options.algorithm, "--algorithm");
  if (!algorithm) return std::unexpected(std::move(algorithm.error()));
  const auto bits = static_cast<std::int32_t>(material.size() * 8);
  request.object_type = kmip::ObjectType::SymmetricKey;
  request.attributes.add(kmip::Tag::CryptographicAlgorithm, *algorithm);
  request.attributes.add(kmip::Tag::CryptographicLength, bits);
  kmip::KeyBlock& block = request.object.symmetric_key.emplace().key_block;
  block = key_block(std::move(material), options.transparent);
  block.cryptographic_algorithm = *algorithm;
  block.cryptographic_length = bits;
  return {};
}

Result<void> fill_secret_data(kmip::RegisterRequest& request, const RegisterOptions& options,
                              Secret material) {
  auto type = named_value<kmip::SecretDataType>(options.secret_type, "--secret-type");
  if (!type) return std::unexpected(std::move(type.error()));
  request.object_type = kmip::ObjectType::SecretData;
  auto& data = request.object.secret_data.emplace();
  data.type = *type;
  data.key_block = key_block(std::move(material), false);
  // Every server takes Opaque for Secret Data, and gives it back as Raw or Opaque.
  data.key_block.key_format_type = kmip::KeyFormatType::Opaque;
  return {};
}

Exit run(const RegisterOptions& options, Session& session) {
  const cli::Console& console = session.console();
  auto material = read_input(options.file, largest_input / 2);
  if (!material) return console.failed(material.error());
  if (material->empty())
    return console.failed(
        Error{ErrorKind::invalid_input, "there is nothing to register: the input is empty", {}, {}});
  kmip::RegisterRequest request;
  const bool secret = options.type == "secret-data";
  auto filled = secret ? fill_secret_data(request, options, std::move(*material))
                       : fill_symmetric_key(request, options, std::move(*material));
  if (!filled) return console.failed(filled.error());
  ObjectOptions object = options.object;
  // Strict servers refuse Encrypt and Decrypt on Secret Data.
  if (object.usage.empty()) object.usage = secret ? "DeriveKey" : "Encrypt,Decrypt";
  if (auto added = add_attributes(request.attributes, object); !added) return console.failed(added.error());
  auto reply = session.call(std::move(request));
  if (!reply) return console.failed(reply.error());
  return finish(session, object, std::string((*reply)->unique_identifier));
}

}  // namespace

Runner declare_register(CLI::App& app) {
  const auto options = std::make_shared<RegisterOptions>();
  app.add_option("FILE", options->file, "file with the key bytes; - is standard input")
      ->capture_default_str();
  app.add_option("--type", options->type, "what it is")
      ->check(CLI::IsMember({"symmetric-key", "secret-data"}))
      ->capture_default_str();
  app.add_option("--algorithm", options->algorithm, "algorithm of a symmetric key")->capture_default_str();
  app.add_option("--secret-type", options->secret_type, "Password or Seed, for secret data")
      ->capture_default_str();
  app.add_flag("--transparent", options->transparent, "send a symmetric key as Transparent Symmetric Key");
  declare(app, options->object, "");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
