// export and import: an object with all its attributes, in a file.
#include <core/clock.h>
#include <kmip/client/objects.h>
#include <kmip/model/message.h>
#include <kmip/text/convert.h>
#include <tools/kmipctl/object_options.h>

namespace keyway::kmipctl {

namespace {

struct ExportOptions {
  std::string id, out = "-", to = "ttlv", format;
};
struct ImportOptions {
  std::string file = "-", id, name;
  bool replace = false;
};

// The file is the answer of an Export as a whole message: it says its own version, and every tool that reads
// KMIP messages reads it.
Result<SecretBuffer> file_of(const kmip::ExportResponse& exported, kmip::Version version) {
  SecretBuffer payload, message;
  if (auto done = kmip::encode(payload, kmip::Tag::ResponsePayload, exported, version); !done)
    return std::unexpected(kmip::to_error(done.error(), "the exported object"));
  kmip::ResponseMessage response;
  response.header.protocol_version = version;
  response.header.time_stamp = kmip::DateTime{system_clock().now().time_since_epoch().count()};
  auto& item = response.items.emplace_back();
  item.operation = kmip::Operation::Export;
  item.payload = kmip::Raw{kmip::Tag::ResponsePayload, kmip::Type::Structure,
                           payload.view().subspan(kmip::item_header_size), 0};
  if (auto done = kmip::encode(message, kmip::Tag::ResponseMessage, response, version); !done)
    return std::unexpected(kmip::to_error(done.error(), "the exported object"));
  return message;
}

Exit export_object(const ExportOptions& options, Session& session) {
  const cli::Console& console = session.console();
  kmip::ExportRequest request;
  if (!options.format.empty()) {
    auto format = named_value<kmip::KeyFormatType>(options.format, "--format");
    if (!format) return console.failed(format.error());
    request.key_format_type = *format;
  }
  const auto id = session.find(options.id);
  if (!id) return console.failed(id.error());
  request.unique_identifier = kmip::Identifier(*id);
  auto client = session.client();
  const auto facts = (*client)->connect();
  if (!facts) return console.failed(facts.error());
  auto reply = kmip::export_object(**client, std::move(request));
  if (!reply) return console.failed(reply.error());
  const auto message = file_of(**reply, facts->version);
  if (!message) return console.failed(message.error());
  const auto text = kmip::write_messages(message->view(), *kmip::encoding_named(options.to));
  if (!text) return console.failed(text.error());
  return console.ended(write_output(console, options.out, text->view()));
}

// exported_in finds the object in what export wrote. Views point into `messages`.
struct Exported {
  kmip::Version version{};
  kmip::ExportResponse object;
};
Result<Exported> exported_in(const kmip::Messages& messages) {
  const kmip::Settings lenient{kmip::newest_version, kmip::Mode::lenient, {}};
  const auto response =
      kmip::decode_message<kmip::ResponseMessage>(messages.ttlv.view(), kmip::Tag::ResponseMessage, lenient);
  if (!response) return std::unexpected(kmip::to_error(response.error(), "the file"));
  const auto version = kmip::version_of(response->header.protocol_version.number());
  if (!version || response->items.size() != 1 || response->items[0].operation != kmip::Operation::Export ||
      !response->items[0].payload)
    return fail_with_advice(ErrorKind::corrupt, "give it a file that 'kmipctl export' wrote",
                            "the file is a KMIP message, but not the answer to one Export");
  auto object = kmip::decode_item<kmip::ExportResponse>(*response->items[0].payload,
                                                        {*version, kmip::Mode::lenient, {}});
  if (!object) return std::unexpected(kmip::to_error(object.error(), "the file"));
  return Exported{*version, std::move(*object)};
}

// What belongs to the object where it was, and not to the object that is made of it.
bool is_given_anew(kmip::Tag tag) {
  switch (tag) {
    case kmip::Tag::UniqueIdentifier:
    case kmip::Tag::ShortUniqueIdentifier:
    case kmip::Tag::ObjectType:
    case kmip::Tag::Digest:
    case kmip::Tag::KeyFormatType:
    case kmip::Tag::InitialDate:
    case kmip::Tag::LastChangeDate: return true;
    default: return false;
  }
}

Exit import_object(const ImportOptions& options, Session& session) {
  const cli::Console& console = session.console();
  const auto input = read_input(options.file, largest_input);
  if (!input) return console.failed(input.error());
  if (input->empty())
    return console.failed(
        Error{ErrorKind::invalid_input, "there is nothing to import: the input is empty", {}, {}});
  const auto messages = kmip::read_messages(input->reveal(), kmip::detect(input->reveal()));
  if (messages.damage) return console.failed(*messages.damage);
  auto exported = exported_in(messages);
  if (!exported) return console.failed(exported.error());

  kmip::ImportRequest request;
  auto client = session.client();
  if (!client) return console.failed(client.error());
  const auto facts = (*client)->connect();
  if (!facts) return console.failed(facts.error());
  const std::string id = options.id.empty() ? std::string(exported->object.unique_identifier) : options.id;
  request.unique_identifier = kmip::Identifier(id);
  if (facts->version >= kmip::Version::V2_0) request.object_type = exported->object.object_type;
  if (options.replace) request.replace_existing = true;
  const kmip::Attributes& attributes = exported->object.attributes;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const auto view = attributes[i];
    const bool renamed = view.tag == kmip::Tag::Name && !options.name.empty();
    if (!is_given_anew(view.tag) && !renamed)
      request.attributes.add_raw(view.tag, view.vendor, view.name, view.index,
                                 view.value ? &*view.value : nullptr);
  }
  if (!options.name.empty()) request.attributes.add(kmip::Tag::Name, kmip::Name{.value = options.name});
  request.object = std::move(exported->object.object);
  auto reply = kmip::import_object(**client, std::move(request));
  if (!reply) return console.failed(reply.error());
  return print_identifier(session, (*reply)->unique_identifier);
}

}  // namespace

Runner declare_export(CLI::App& app) {
  const auto options = std::make_shared<ExportOptions>();
  app.description(
      "fetch an object with all its attributes into a file that import takes; it holds the key itself");
  app.add_option("ID", options->id, "unique identifier, or name:NAME")->required();
  app.add_option("--out", options->out, "file to write (mode 0600)")->capture_default_str();
  app.add_option("--to", options->to, "encoding of the file")
      ->check(CLI::IsMember({"ttlv", "hex", "base64", "xml", "json"}))
      ->capture_default_str();
  app.add_option("--format", options->format, "key format, such as Raw or PKCS_8; else the server chooses");
  return [options](Session& session) { return export_object(*options, session); };
}

Runner declare_import(CLI::App& app) {
  const auto options = std::make_shared<ImportOptions>();
  app.description("store an object from a file that export wrote, in any encoding");
  app.add_option("FILE", options->file, "file to read; - is standard input")->capture_default_str();
  app.add_option("--id", options->id, "unique identifier to give it; else the one it had");
  app.add_option("--name", options->name, "name to give it, in place of those it had");
  app.add_flag("--replace", options->replace, "replace an object that has this identifier");
  return [options](Session& session) { return import_object(*options, session); };
}

}  // namespace keyway::kmipctl
