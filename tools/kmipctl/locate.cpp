#include <nlohmann/json.hpp>

#include <kmip/model/common.h>
#include <kmip/model/locate.h>
#include <tools/kmipctl/object_options.h>

namespace keyway::kmipctl {

namespace {

struct LocateOptions {
  std::string name, object_type, state, algorithm;
  std::int32_t length = 0;
  std::int32_t maximum = 0, offset = 0;
};

template <class E>
Result<void> add_filter(kmip::Attributes& attributes, kmip::Tag tag, const std::string& text,
                        std::string_view option) {
  if (text.empty()) return {};
  auto value = named_value<E>(text, option);
  if (!value) return std::unexpected(std::move(value.error()));
  attributes.add(tag, *value);
  return {};
}

Result<kmip::LocateRequest> request_of(const LocateOptions& o) {
  using kmip::Tag;
  kmip::LocateRequest request;
  if (o.maximum > 0) request.maximum_items = o.maximum;
  if (o.offset > 0) request.offset_items = o.offset;
  kmip::Attributes& filters = request.attributes;
  if (!o.name.empty()) filters.add(Tag::Name, kmip::Name{.value = o.name});
  auto good = add_filter<kmip::ObjectType>(filters, Tag::ObjectType, o.object_type, "--object-type");
  if (good) good = add_filter<kmip::State>(filters, Tag::State, o.state, "--state");
  if (good)
    good = add_filter<kmip::CryptographicAlgorithm>(filters, Tag::CryptographicAlgorithm, o.algorithm,
                                                    "--algorithm");
  if (!good) return std::unexpected(std::move(good.error()));
  if (o.length > 0) filters.add(Tag::CryptographicLength, o.length);
  return request;
}

Exit run(const LocateOptions& options, Session& session) {
  const cli::Console& console = session.console();
  auto request = request_of(options);
  if (!request) return console.failed(request.error());
  auto reply = session.call(std::move(*request));
  if (!reply) return console.failed(reply.error());
  const auto& answer = **reply;
  if (console.json()) {
    nlohmann::ordered_json json;
    json["unique_identifiers"] = nlohmann::ordered_json::array();
    for (const Text id : answer.unique_identifiers) json["unique_identifiers"].push_back(std::string(id));
    if (answer.located_items) json["located_items"] = *answer.located_items;
    return console.ended(console.document(json));
  }
  std::string lines;
  for (const Text id : answer.unique_identifiers) lines += printable(id) + "\n";
  return console.ended(console.data(bytes_of(lines)));
}

}  // namespace

Runner declare_locate(CLI::App& app) {
  const auto o = std::make_shared<LocateOptions>();
  app.add_option("--name", o->name, "objects of this name");
  app.add_option("--object-type", o->object_type, "SymmetricKey, SecretData, ...");
  app.add_option("--state", o->state, "PreActive, Active, Deactivated, Compromised, ...");
  app.add_option("--algorithm", o->algorithm, "AES, ...");
  app.add_option("--length", o->length, "bits")->check(CLI::Range(1, 1 << 20));
  app.add_option("--maximum", o->maximum, "at most so many")->check(CLI::Range(1, 1 << 30));
  app.add_option("--offset", o->offset, "leave out so many first (from KMIP 1.3)")
      ->check(CLI::Range(0, 1 << 30));
  return [o](Session& session) { return run(*o, session); };
}

}  // namespace keyway::kmipctl
