// export and import: an object with all its attributes, in a file.
#include <core/crypto.h>
#include <core/digest.h>
#include <kmip/client/objects.h>
#include <kmip/model/create.h>
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

// The bytes that an object is, which its Digest is over; none for one without key material in the clear.
std::optional<Bytes> material_of(const kmip::ManagedObject& object) {
  if (const kmip::KeyBlock* block = object.key_block()) {
    if (const Secret* key = block->key_bytes()) return key->reveal();
    return block->wrapped_key_value;
  }
  if (object.certificate) return object.certificate->certificate_value;
  if (object.opaque_object) return object.opaque_object->opaque_data_value;
  return std::nullopt;
}

bool has_material(const kmip::ManagedObject& object) {
  const kmip::KeyBlock* block = object.key_block();
  return material_of(object).has_value() || (block && block->key_value);
}

// The file is the server's answer as it came: nothing is lost in it, it says its own version, and every tool
// that reads KMIP messages reads it.
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
  auto answer = (*client)->call(kmip::question(request));
  if (!answer) return console.failed(answer.error());
  const auto message = answer->message;
  const auto reply = kmip::typed_reply(request, std::move(answer));
  if (!reply) return console.failed(reply.error());
  const auto text = kmip::write_messages(message->view(), *kmip::encoding_named(options.to));
  if (!text) return console.failed(text.error());
  if (auto written = write_output(console, options.out, text->view()); !written)
    return console.failed(written.error());
  if (has_material((*reply)->object)) return Exit::done;
  console.say(fmt::format("the KMS gave no key material for '{}': the file holds its attributes only",
                          printable(*id, 128)));
  return Exit::partly_done;
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
  if (!version || response->items.size() != 1 ||
      response->items[0].operation.value_or(kmip::Operation::Export) != kmip::Operation::Export ||
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

std::optional<Hash> hash_of(kmip::HashingAlgorithm algorithm) {
  switch (algorithm) {
    case kmip::HashingAlgorithm::SHA_1: return Hash::sha1;
    case kmip::HashingAlgorithm::SHA_256: return Hash::sha256;
    case kmip::HashingAlgorithm::SHA_384: return Hash::sha384;
    case kmip::HashingAlgorithm::SHA_512: return Hash::sha512;
    default: return std::nullopt;
  }
}

// check_digests compares the material with each Digest in the file that is over it in this form: a damaged
// file must not become a key, least of all in place of a good one.
Result<void> check_digests(const kmip::ExportResponse& exported, const cli::Console& console) {
  const auto material = material_of(exported.object);
  const kmip::KeyBlock* block = exported.object.key_block();
  bool compared = false;
  for (const kmip::Digest& digest : exported.attributes.all<kmip::Digest>(kmip::Tag::Digest)) {
    const auto hash = hash_of(digest.hashing_algorithm);
    const bool same_form =
        !block || !digest.key_format_type || *digest.key_format_type == block->key_format_type;
    if (!hash || !material || !digest.digest_value || !same_form || (block && block->key_wrapping_data))
      continue;
    const auto computed = keyway::digest(*hash, *material);
    if (!computed) return std::unexpected(computed.error());
    if (!equal_in_constant_time(computed->reveal(), *digest.digest_value))
      return fail_with_advice(ErrorKind::corrupt, "the file is damaged or was changed; nothing was sent",
                              "the object does not fit the {} digest that is stored with it",
                              name(digest.hashing_algorithm));
    compared = true;
  }
  if (!compared) console.say("the file has no digest that the object could be checked with");
  return {};
}

bool can_carry(const kmip::Attributes::View& view, kmip::Version version) {
  kmip::CreateRequest probe;  // any payload with attributes
  probe.attributes.add_raw(view.tag, view.vendor, view.name, view.index, view.value ? &*view.value : nullptr);
  SecretBuffer scratch;
  return kmip::encode(scratch, kmip::Tag::RequestPayload, probe, version).has_value();
}

// The attributes that the new object can have; what the version in use cannot carry is named.
kmip::Attributes attributes_for(const kmip::Attributes& exported, const ImportOptions& options,
                                kmip::Version version, const cli::Console& console) {
  kmip::Attributes attributes;
  for (std::size_t i = 0; i < exported.size(); ++i) {
    const auto view = exported[i];
    const bool renamed = view.tag == kmip::Tag::Name && !options.name.empty();
    if (is_given_anew(view.tag) || renamed) continue;
    if (can_carry(view, version))
      attributes.add_raw(view.tag, view.vendor, view.name, view.index, view.value ? &*view.value : nullptr);
    else
      console.say(fmt::format("left out, because KMIP {} cannot carry it: {}", name(version),
                              printable(kmip::to_string(view.id()), 128)));
  }
  if (!options.name.empty()) attributes.add(kmip::Tag::Name, kmip::Name{.value = options.name});
  return attributes;
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

  if (auto checked = check_digests(exported->object, console); !checked)
    return console.failed(checked.error());
  auto client = session.client();
  if (!client) return console.failed(client.error());
  const auto facts = (*client)->connect();
  if (!facts) return console.failed(facts.error());

  kmip::ImportRequest request;
  const std::string id = options.id.empty() ? std::string(exported->object.unique_identifier) : options.id;
  request.unique_identifier = kmip::Identifier(id);
  if (facts->version >= kmip::Version::V2_0) request.object_type = exported->object.object_type;
  if (options.replace) request.replace_existing = true;
  request.attributes = attributes_for(exported->object.attributes, options, facts->version, console);
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
