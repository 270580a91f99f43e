#include <chrono>

#include <core/clock.h>
#include <kmip/model/revoke.h>
#include <tools/kmipctl/object_options.h>

namespace keyway::kmipctl {

namespace {

struct RevokeOptions {
  std::string id;
  std::string reason = "CessationOfOperation";
  std::string message;
};

Exit run(const RevokeOptions& options, Session& session) {
  const cli::Console& console = session.console();
  auto reason = named_value<kmip::RevocationReasonCode>(options.reason, "--reason");
  if (!reason) return console.failed(reason.error());
  const auto id = session.find(options.id);
  if (!id) return console.failed(id.error());
  kmip::RevokeRequest request;
  request.unique_identifier = kmip::Identifier(*id);
  request.revocation_reason.code = *reason;
  if (!options.message.empty()) request.revocation_reason.message = options.message;
  // The date belongs to the compromise reasons and is refused with others (1.4 §4.20).
  if (*reason == kmip::RevocationReasonCode::KeyCompromise ||
      *reason == kmip::RevocationReasonCode::CACompromise)
    request.compromise_occurrence_date = kmip::DateTime{system_clock().now().time_since_epoch().count()};
  auto reply = session.call(std::move(request));
  if (!reply) return console.failed(reply.error());
  return print_identifier(session, *id);
}

}  // namespace

Runner declare_revoke(CLI::App& app) {
  const auto options = std::make_shared<RevokeOptions>();
  app.add_option("ID", options->id, "unique identifier, or name:NAME")->required();
  app.add_option("--reason", options->reason, "KeyCompromise, CessationOfOperation, Superseded, ...")
      ->capture_default_str();
  app.add_option("--message", options->message, "text to keep with the reason");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
