#include <nlohmann/json.hpp>

#include <kmip/client/objects.h>
#include <tools/kmipctl/object_options.h>

namespace keyway::kmipctl {

namespace {

struct CheckOptions {
  std::string id, usage;
  std::optional<std::int64_t> usage_limits_count;
  std::optional<std::uint32_t> lease_time;
};

// What the server names in its answer is what it does not allow (1.4 §4.10, 2.1 §6.1.7).
nlohmann::ordered_json hindrances(const kmip::CheckResponse& answer) {
  nlohmann::ordered_json list = nlohmann::ordered_json::object();
  if (answer.usage_limits_count) list["usage_limits_count"] = *answer.usage_limits_count;
  if (answer.cryptographic_usage_mask)
    list["cryptographic_usage_mask"] =
        mask_names(kmip::Enumeration::CryptographicUsageMask,
                   static_cast<std::uint32_t>(*answer.cryptographic_usage_mask), ",");
  if (answer.lease_time) list["lease_time"] = answer.lease_time->seconds;
  return list;
}

Exit run(const CheckOptions& options, Session& session) {
  const cli::Console& console = session.console();
  kmip::CheckRequest request;
  if (!options.usage.empty()) {
    auto usage = usage_mask(options.usage);
    if (!usage) return console.failed(usage.error());
    request.cryptographic_usage_mask = *usage;
  }
  request.usage_limits_count = options.usage_limits_count;
  if (options.lease_time) request.lease_time = kmip::Interval{*options.lease_time};
  const auto id = session.find(options.id);
  if (!id) return console.failed(id.error());
  request.unique_identifier = kmip::Identifier(*id);
  auto client = session.client();
  auto reply = kmip::check(**client, std::move(request));
  if (!reply) return console.failed(reply.error());

  nlohmann::ordered_json json;
  json["unique_identifier"] = *id;
  json["refused"] = hindrances(**reply);
  const bool allowed = json["refused"].empty();
  json["allowed"] = allowed;
  std::string text = allowed ? "allowed\n" : "";
  for (const auto& [field, value] : json["refused"].items())
    text +=
        fmt::format("refused: {} {}\n", field, value.is_string() ? value.get<std::string>() : value.dump());
  const auto printed = console.json() ? console.document(json) : console.data(bytes_of(text));
  if (!printed) return console.failed(printed.error());
  return allowed ? Exit::done : Exit::refused;
}

}  // namespace

Runner declare_check(CLI::App& app) {
  const auto options = std::make_shared<CheckOptions>();
  app.description("ask whether a key may be used as the options say; what is refused ends with 3");
  app.add_option("ID", options->id, "unique identifier, or name:NAME")->required();
  app.add_option("--usage", options->usage, "what for, separated by commas");
  app.add_option("--usage-limits-count", options->usage_limits_count, "how many bytes, blocks or objects");
  app.add_option("--lease-time", options->lease_time, "for how many seconds");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
