#include <core/hex.h>
#include <kmip/client/cryptography.h>
#include <tools/kmipctl/signature_options.h>

namespace keyway::kmipctl {

namespace {

struct MacVerifyOptions {
  SignatureOptions common;
  std::string mac;
};

Exit run(const MacVerifyOptions& options, Session& session) {
  const cli::Console& console = session.console();
  if (options.mac == "-" && options.common.in == "-")
    return console.failed(
        Error{ErrorKind::invalid_input, "only one of --in and --mac can be standard input", {}, {}});
  const auto given = read_input(options.mac, largest_input / 2);
  if (!given) return console.failed(given.error());
  const auto work = prepare(session, options.common, SignatureKind::mac);
  if (!work) return console.failed(work.error());
  auto client = session.client();
  auto reply = kmip::mac_verify(**client, {.unique_identifier = kmip::Identifier(work->id),
                                           .cryptographic_parameters = work->parameters,
                                           .data = work->data.reveal(),
                                           .mac_data = given->reveal()});
  if (!reply) return console.failed(reply.error());
  return print_validity(session, (*reply)->validity_indicator);
}

}  // namespace

Runner declare_mac_verify(CLI::App& app) {
  const auto options = std::make_shared<MacVerifyOptions>();
  declare(app, options->common, SignatureKind::mac);
  app.add_option("--mac", options->mac, "file with the bytes of the code")->required();
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
