#include <kmip/model/activate.h>
#include <kmip/model/common.h>
#include <tools/kmipctl/object_options.h>

namespace keyway::kmipctl {

Result<kmip::CryptographicUsageMask> usage_mask(const std::string& text) {
  auto mask = kmip::CryptographicUsageMask{};
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find_first_of(",| ", start), text.size());
    if (end > start) {
      auto bit = named_value<kmip::CryptographicUsageMask>(text.substr(start, end - start), "--usage");
      if (!bit) return bit;
      mask = mask | *bit;
    }
    start = end + 1;
  }
  return mask;
}

void declare(CLI::App& app, ObjectOptions& options, const std::string& default_usage) {
  options.usage = default_usage;
  app.add_option("--name", options.name, "name to find it by later");
  app.add_option("--usage", options.usage, "what it may be used for, separated by commas")
      ->capture_default_str();
  app.add_flag("--activate", options.activate, "activate it at once");
}

Result<void> add_attributes(kmip::Attributes& attributes, const ObjectOptions& options) {
  auto usage = usage_mask(options.usage);
  if (!usage) return std::unexpected(std::move(usage.error()));
  attributes.add(kmip::Tag::CryptographicUsageMask, *usage);
  if (!options.name.empty()) attributes.add(kmip::Tag::Name, kmip::Name{.value = options.name});
  return {};
}

Exit finish(Session& session, const ObjectOptions& options, std::string id) {
  const Exit printed = print_identifier(session, id);
  if (!options.activate || printed != Exit::done) return printed;
  kmip::ActivateRequest request;
  request.unique_identifier = kmip::Identifier(id);
  auto reply = session.call(std::move(request));
  if (reply) return Exit::done;
  Error error = std::move(reply.error());
  error.what =
      fmt::format("object '{}' was made but could not be activated: {}", printable(id, 128), error.what);
  return session.console().failed(error);
}

}  // namespace keyway::kmipctl
