#include <nlohmann/json.hpp>

#include <core/hex.h>
#include <kmip/client/cryptography.h>
#include <tools/kmipctl/signature_options.h>

namespace keyway::kmipctl {

namespace {

struct MacOptions {
  SignatureOptions common;
  std::string out;
};

Exit run(const MacOptions& options, Session& session) {
  const cli::Console& console = session.console();
  const auto work = prepare(session, options.common, SignatureKind::mac);
  if (!work) return console.failed(work.error());
  auto client = session.client();
  auto reply = kmip::mac(**client, {.unique_identifier = kmip::Identifier(work->id),
                                    .cryptographic_parameters = work->parameters,
                                    .data = work->data.reveal()});
  if (!reply) return console.failed(reply.error());
  const auto& mac = (*reply)->mac_data;
  if (!mac) return console.failed(Error{ErrorKind::corrupt, "the KMS answered without a code", {}, {}});
  if (!options.out.empty()) return console.ended(write_output(console, options.out, *mac));
  if (!console.json()) return console.ended(console.line(to_hex(*mac)));
  nlohmann::ordered_json json;
  json["unique_identifier"] = work->id;
  json["mac"] = to_hex(*mac);
  return console.ended(console.document(json));
}

}  // namespace

Runner declare_mac(CLI::App& app) {
  const auto options = std::make_shared<MacOptions>();
  declare(app, options->common, SignatureKind::mac);
  app.add_option("--out", options->out, "write the bytes to this file; else they are printed in hexadecimal");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
