#include <core/hex.h>
#include <kmip/client/cryptography.h>
#include <tools/kmipctl/signature_options.h>

namespace keyway::kmipctl {

namespace {

struct VerifyOptions {
  SignatureOptions common;
  std::string signature;
};

Exit run(const VerifyOptions& options, Session& session) {
  const cli::Console& console = session.console();
  if (options.signature == "-" && options.common.in == "-")
    return console.failed(
        Error{ErrorKind::invalid_input, "only one of --in and --signature can be standard input", {}, {}});
  const auto given = read_input(options.signature, largest_input / 2);
  if (!given) return console.failed(given.error());
  const auto work = prepare(session, options.common, SignatureKind::signature);
  if (!work) return console.failed(work.error());
  auto client = session.client();
  auto reply = kmip::signature_verify(**client, {.unique_identifier = kmip::Identifier(work->id),
                                                 .cryptographic_parameters = work->parameters,
                                                 .data = work->data.reveal(),
                                                 .signature_data = given->reveal()});
  if (!reply) return console.failed(reply.error());
  return print_validity(session, (*reply)->validity_indicator);
}

}  // namespace

Runner declare_verify(CLI::App& app) {
  const auto options = std::make_shared<VerifyOptions>();
  declare(app, options->common, SignatureKind::signature);
  app.add_option("--signature", options->signature, "file with the bytes of the signature")->required();
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
