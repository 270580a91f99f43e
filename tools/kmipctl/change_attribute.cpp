// add-attribute, modify-attribute, delete-attribute and set-attribute.
#include <CLI/Option.hpp>

#include <kmip/client/object_attributes.h>
#include <kmip/text/attribute_text.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

namespace {

struct AttributeOptions {
  std::string id, attribute, value, current;
  std::optional<std::int32_t> index;
};

void declare_object(CLI::App& app, AttributeOptions& options) {
  app.add_option("ID", options.id, "unique identifier, or name:NAME")->required();
  app.add_option("ATTRIBUTE", options.attribute, "such as Name, \"Activation Date\", x-NAME or VENDOR:NAME")
      ->required();
}

void declare_value(CLI::App& app, AttributeOptions& options) {
  app.add_option("VALUE", options.value,
                 "a name, number, date or text; a structure is Field=value;Field=value")
      ->required();
}

// Which of several instances: by its index in KMIP 1.x, by its present value in 2.x.
void declare_instance(CLI::App& app, AttributeOptions& options) {
  app.add_option("--index", options.index, "which instance, with KMIP 1.x");
  app.add_option("--current", options.current, "the present value of the instance, with KMIP 2.x");
}

// with_index is `attributes` with an index at its only attribute.
kmip::Attributes with_index(const kmip::Attributes& attributes, std::optional<std::int32_t> index) {
  const auto view = attributes[0];
  kmip::Attributes indexed;
  indexed.add_raw(view.tag, view.vendor, view.name, index, view.value ? &*view.value : nullptr);
  return indexed;
}

// fill reads what the options say of the object and the new value. Nothing is sent before all of it is good.
template <class Request>
Result<std::string> fill(Request& request, const AttributeOptions& options, Session& session) {
  if constexpr (requires { request.attribute.size(); }) {
    if (auto added = kmip::add_attribute(request.attribute, options.attribute, options.value); !added)
      return std::unexpected(std::move(added.error()));
    if (options.index) request.attribute = with_index(request.attribute, options.index);
  }
  if constexpr (requires { request.current_attribute; }) {
    if (!options.current.empty())
      if (auto added =
              kmip::add_attribute(request.current_attribute.emplace(), options.attribute, options.current);
          !added)
        return std::unexpected(std::move(added.error()));
  }
  return session.find(options.id);
}

// An instance is chosen by its index in 1.x and by its value in 2.x: the other one would be lost on the way,
// and another instance changed.
Result<void> check_instance(const AttributeOptions& options, Session& session) {
  if (!options.index && options.current.empty()) return {};
  auto client = session.client();
  if (!client) return std::unexpected(std::move(client.error()));
  const auto facts = (*client)->connect();
  if (!facts) return std::unexpected(facts.error());
  if (options.index && facts->version >= kmip::Version::V2_0)
    return fail_with_advice(ErrorKind::unsupported, "name the instance by its value: --current VALUE",
                            "--index does not exist in KMIP {}", name(facts->version));
  if (!options.current.empty() && facts->version < kmip::Version::V2_0)
    return fail_with_advice(ErrorKind::unsupported, "name the instance by its number: --index N",
                            "--current does not exist in KMIP {}", name(facts->version));
  return {};
}

template <class Request>
Exit send(Request request, const AttributeOptions& options, Session& session) {
  if (auto checked = check_instance(options, session); !checked)
    return session.console().failed(checked.error());
  const auto id = fill(request, options, session);
  if (!id) return session.console().failed(id.error());
  request.unique_identifier = kmip::Identifier(*id);
  auto reply = session.call(std::move(request));
  return reply ? print_identifier(session, *id) : session.console().failed(reply.error());
}

Exit remove(const AttributeOptions& options, Session& session) {
  const auto which = kmip::attribute_id(options.attribute);
  if (!which) return session.console().failed(which.error());
  kmip::DeleteAttributeRequest request;
  request.attribute_index = options.index;
  // 2.x names the attribute, or one instance by its value; not both.
  if (options.current.empty()) request.attribute.ids = {*which};
  return send(std::move(request), options, session);
}

}  // namespace

Runner declare_add_attribute(CLI::App& app) {
  const auto options = std::make_shared<AttributeOptions>();
  declare_object(app, *options);
  declare_value(app, *options);
  return [options](Session& session) { return send(kmip::AddAttributeRequest{}, *options, session); };
}

Runner declare_modify_attribute(CLI::App& app) {
  const auto options = std::make_shared<AttributeOptions>();
  declare_object(app, *options);
  declare_value(app, *options);
  declare_instance(app, *options);
  return [options](Session& session) { return send(kmip::ModifyAttributeRequest{}, *options, session); };
}

Runner declare_set_attribute(CLI::App& app) {
  const auto options = std::make_shared<AttributeOptions>();
  declare_object(app, *options);
  declare_value(app, *options);
  return [options](Session& session) { return send(kmip::SetAttributeRequest{}, *options, session); };
}

Runner declare_delete_attribute(CLI::App& app) {
  const auto options = std::make_shared<AttributeOptions>();
  declare_object(app, *options);
  declare_instance(app, *options);
  return [options](Session& session) { return remove(*options, session); };
}

}  // namespace keyway::kmipctl
