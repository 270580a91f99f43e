#include <nlohmann/json.hpp>

#include <kmip/client/objects.h>
#include <kmip/model/attribute_values.h>
#include <tools/kmipctl/object_options.h>

namespace keyway::kmipctl {

namespace {

struct KeyPairOptions {
  std::string algorithm = "RSA";
  std::int32_t length = 0;  // 0: what fits the algorithm
  std::string curve;
  std::string name;
  std::string private_usage = "Sign", public_usage = "Verify";
  bool activate = false;
};

Result<void> fill(kmip::CreateKeyPairRequest& request, const KeyPairOptions& options) {
  auto algorithm = named_value<kmip::CryptographicAlgorithm>(options.algorithm, "--algorithm");
  if (!algorithm) return std::unexpected(std::move(algorithm.error()));
  const bool rsa = *algorithm == kmip::CryptographicAlgorithm::RSA;
  kmip::Attributes& common = request.common_attributes.emplace();
  common.add(kmip::Tag::CryptographicAlgorithm, *algorithm);
  common.add(kmip::Tag::CryptographicLength, options.length > 0 ? options.length : rsa ? 2048 : 256);
  if (!options.curve.empty()) {
    auto curve = named_value<kmip::RecommendedCurve>(options.curve, "--curve");
    if (!curve) return std::unexpected(std::move(curve.error()));
    common.add(kmip::Tag::CryptographicDomainParameters,
               kmip::CryptographicDomainParameters{.recommended_curve = *curve});
  }
  const auto half = [&options](kmip::Attributes& attributes, const std::string& usage, const char* suffix) {
    ObjectOptions object;
    object.usage = usage;
    if (!options.name.empty()) object.name = options.name + suffix;
    return add_attributes(attributes, object);
  };
  auto done = half(request.private_key_attributes.emplace(), options.private_usage, "-private");
  if (done) done = half(request.public_key_attributes.emplace(), options.public_usage, "-public");
  return done;
}

Result<void> activate(Session& session, const std::string& id) {
  auto client = session.client();
  if (!client) return std::unexpected(std::move(client.error()));
  auto reply = kmip::activate(**client, {.unique_identifier = kmip::Identifier(id)});
  if (reply) return {};
  Error error = std::move(reply.error());
  error.what =
      fmt::format("key '{}' was made but could not be activated: {}", printable(id, 128), error.what);
  return std::unexpected(std::move(error));
}

Exit run(const KeyPairOptions& options, Session& session) {
  const cli::Console& console = session.console();
  kmip::CreateKeyPairRequest request;
  if (auto filled = fill(request, options); !filled) return console.failed(filled.error());
  auto client = session.client();
  if (!client) return console.failed(client.error());
  auto reply = kmip::create_key_pair(**client, std::move(request));
  if (!reply) return console.failed(reply.error());
  const std::string private_key((*reply)->private_key_unique_identifier);
  const std::string public_key((*reply)->public_key_unique_identifier);

  nlohmann::ordered_json json;
  json["private_key_unique_identifier"] = private_key;
  json["public_key_unique_identifier"] = public_key;
  // Printed before anything else can fail: nobody loses track of the keys.
  auto printed =
      console.json()
          ? console.document(json)
          : console.data(bytes_of(fmt::format("{}\n{}\n", printable(private_key), printable(public_key))));
  if (!printed) return console.failed(printed.error());
  if (!options.activate) return Exit::done;
  std::size_t activated = 0;
  Exit end = Exit::done;
  for (const std::string& id : {private_key, public_key})
    if (auto done = activate(session, id); done)
      ++activated;
    else
      end = console.failed(done.error());
  return end != Exit::done && activated > 0 ? Exit::partly_done : end;
}

}  // namespace

Runner declare_create_key_pair(CLI::App& app) {
  const auto options = std::make_shared<KeyPairOptions>();
  app.description(
      "make a private and a public key; prints the identifier of the private one, then of the public one");
  app.add_option("--algorithm", options->algorithm, "RSA, EC, ECDSA, ...")->capture_default_str();
  app.add_option("--length", options->length, "bits; 2048 for RSA and 256 otherwise when not given")
      ->check(CLI::Range(1, 65536));
  app.add_option("--curve", options->curve, "P_256, P_384, ... for EC keys");
  app.add_option("--name", options->name, "the keys are named NAME-private and NAME-public");
  app.add_option("--private-usage", options->private_usage, "usage of the private key")
      ->capture_default_str();
  app.add_option("--public-usage", options->public_usage, "usage of the public key")->capture_default_str();
  app.add_flag("--activate", options->activate, "activate both at once");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
