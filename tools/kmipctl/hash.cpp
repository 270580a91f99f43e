#include <nlohmann/json.hpp>

#include <core/hex.h>
#include <kmip/client/cryptography.h>
#include <tools/kmipctl/object_options.h>

namespace keyway::kmipctl {

namespace {

struct HashOptions {
  std::string algorithm = "SHA_256";
  std::string in = "-", out;
};

Exit run(const HashOptions& options, Session& session) {
  const cli::Console& console = session.console();
  auto algorithm = named_value<kmip::HashingAlgorithm>(options.algorithm, "--algorithm");
  if (!algorithm) return console.failed(algorithm.error());
  const auto data = read_input(options.in, largest_input / 2);
  if (!data) return console.failed(data.error());
  auto client = session.client();
  if (!client) return console.failed(client.error());
  kmip::HashRequest request;
  request.cryptographic_parameters.hashing_algorithm = *algorithm;
  request.data = data->reveal();
  auto reply = kmip::hash(**client, std::move(request));
  if (!reply) return console.failed(reply.error());
  const auto& hash = (*reply)->data;
  if (!hash) return console.failed(Error{ErrorKind::corrupt, "the KMS answered Hash without data", {}, {}});
  if (!options.out.empty()) return console.ended(write_output(console, options.out, *hash));
  if (!console.json()) return console.ended(console.line(to_hex(*hash)));
  nlohmann::ordered_json json;
  json["hashing_algorithm"] = name(*algorithm);
  json["hash"] = to_hex(*hash);
  return console.ended(console.document(json));
}

}  // namespace

Runner declare_hash(CLI::App& app) {
  const auto options = std::make_shared<HashOptions>();
  app.add_option("--algorithm", options->algorithm, "hashing algorithm")->capture_default_str();
  app.add_option("--in", options->in, "file with the data")->capture_default_str();
  app.add_option("--out", options->out, "write the bytes to this file; else they are printed in hexadecimal");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
