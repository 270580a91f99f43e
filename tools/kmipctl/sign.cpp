#include <nlohmann/json.hpp>

#include <core/hex.h>
#include <kmip/client/cryptography.h>
#include <tools/kmipctl/signature_options.h>

namespace keyway::kmipctl {

namespace {

struct SignOptions {
  SignatureOptions common;
  std::string out;
};

Exit run(const SignOptions& options, Session& session) {
  const cli::Console& console = session.console();
  const auto work = prepare(session, options.common, SignatureKind::signature);
  if (!work) return console.failed(work.error());
  auto client = session.client();
  auto reply = kmip::sign(**client, {.unique_identifier = kmip::Identifier(work->id),
                                     .cryptographic_parameters = work->parameters,
                                     .data = work->data.reveal()});
  if (!reply) return console.failed(reply.error());
  const auto& signature = (*reply)->signature_data;
  if (!signature)
    return console.failed(Error{ErrorKind::corrupt, "the KMS answered without a signature", {}, {}});
  if (!options.out.empty()) return console.ended(write_output(console, options.out, *signature));
  if (!console.json()) return console.ended(console.line(to_hex(*signature)));
  nlohmann::ordered_json json;
  json["unique_identifier"] = work->id;
  json["signature"] = to_hex(*signature);
  return console.ended(console.document(json));
}

}  // namespace

Runner declare_sign(CLI::App& app) {
  const auto options = std::make_shared<SignOptions>();
  declare(app, options->common, SignatureKind::signature);
  app.add_option("--out", options->out, "write the bytes to this file; else they are printed in hexadecimal");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
