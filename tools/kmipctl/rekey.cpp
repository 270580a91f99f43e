#include <kmip/client/objects.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

namespace {

struct RekeyOptions {
  std::string id;
  std::optional<std::uint32_t> offset;
};

Exit run(const RekeyOptions& options, Session& session) {
  const cli::Console& console = session.console();
  const auto id = session.find(options.id);
  if (!id) return console.failed(id.error());
  kmip::ReKeyRequest request;
  request.unique_identifier = kmip::Identifier(*id);
  if (options.offset) request.offset = kmip::Interval{*options.offset};
  auto client = session.client();
  auto reply = kmip::rekey(**client, std::move(request));
  if (!reply) return console.failed(reply.error());
  console.say(fmt::format("the new key has the name now; keep '{}' for what was encrypted with it",
                          printable(*id, 128)));
  return print_identifier(session, (*reply)->unique_identifier);
}

}  // namespace

Runner declare_rekey(CLI::App& app) {
  const auto options = std::make_shared<RekeyOptions>();
  app.description("make a new key in place of a key, and print its identifier; the old one stays");
  app.add_option("ID", options->id, "unique identifier, or name:NAME")->required();
  app.add_option("--offset", options->offset, "seconds from the new key's making to its activation");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
