#include <kmip/model/create.h>
#include <tools/kmipctl/object_options.h>

namespace keyway::kmipctl {

namespace {

struct CreateOptions {
  std::string algorithm = "AES";
  std::int32_t length = 256;
  ObjectOptions object;
};

Exit run(const CreateOptions& options, Session& session) {
  const cli::Console& console = session.console();
  auto algorithm = named_value<kmip::CryptographicAlgorithm>(options.algorithm, "--algorithm");
  if (!algorithm) return console.failed(algorithm.error());
  kmip::CreateRequest request;
  request.attributes.add(kmip::Tag::CryptographicAlgorithm, *algorithm);
  request.attributes.add(kmip::Tag::CryptographicLength, options.length);
  if (auto added = add_attributes(request.attributes, options.object); !added)
    return console.failed(added.error());
  auto reply = session.call(std::move(request));
  if (!reply) return console.failed(reply.error());
  return finish(session, options.object, std::string((*reply)->unique_identifier));
}

}  // namespace

Runner declare_create(CLI::App& app) {
  const auto options = std::make_shared<CreateOptions>();
  app.add_option("--algorithm", options->algorithm, "cryptographic algorithm")->capture_default_str();
  app.add_option("--length", options->length, "bits")->check(CLI::Range(1, 65536))->capture_default_str();
  declare(app, options->object, "Encrypt,Decrypt");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
