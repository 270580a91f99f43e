// call: any operation of the standard, its request written as assignments.
#include <kmip/model/message.h>
#include <kmip/model/operations.h>
#include <kmip/text/assignment.h>
#include <kmip/text/convert.h>
#include <kmip/wire/exchange.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

namespace {

struct CallOptions {
  std::string operation;
  std::vector<std::string> assignments;
  std::string to = "tree";
  bool list = false, help = false, dry_run = false;
};

// The server-to-client operations cannot be called.
bool can_be_called(kmip::Operation operation) {
  return operation != kmip::Operation::Notify && operation != kmip::Operation::Put;
}

std::string versions_of(const kmip::VersionRange& range) {
  const auto last = std::min(range.last, kmip::newest_version);
  if (range.first == last) return std::string(kmip::name(last));
  return fmt::format("{}-{}", kmip::name(range.first), kmip::name(last));
}

kmip::VersionRange versions_of(kmip::Operation operation) {
  return kmip::find(kmip::Enumeration::Operation, static_cast<std::uint32_t>(operation))->versions;
}

Exit list_operations(const cli::Console& console) {
  std::string lines;
  for (const kmip::OperationInfo& info : kmip::all_operations())
    if (can_be_called(info.operation)) lines += name(info.operation) + "\n";
  return console.ended(console.data(bytes_of(lines)));
}

// "required", or in which versions when that is not always.
std::string requirement(const kmip::FieldInfo& field, kmip::Version first) {
  if (!field.required || field.required_in.last < first) return {};
  const kmip::VersionRange required{std::max(first, field.required_in.first), field.required_in.last};
  const bool always = field.required_in.first <= std::max(first, field.versions.first) &&
                      field.required_in.last >= std::min(field.versions.last, kmip::newest_version);
  return always ? ", required" : fmt::format(", required in {}", versions_of(required));
}

void print_fields(std::string& text, const kmip::Shape& shape, kmip::Version first) {
  for (const kmip::FieldInfo& field : kmip::fields_of(shape)) {
    const kmip::VersionRange versions{std::max(first, field.versions.first), field.versions.last};
    text += fmt::format("  {:<58} {:<9} {}{}{}{}\n", field.path, versions_of(versions), field.type,
                        requirement(field, first), field.repeats ? ", repeats" : "",
                        field.secret ? ", secret" : "");
  }
  if (shape.rows.empty()) text += "  no fields\n";
}

Exit print_help(const kmip::OperationInfo& info, const cli::Console& console) {
  const kmip::VersionRange versions = versions_of(info.operation);
  std::string text =
      fmt::format("{} (KMIP {})\n\nrequest:\n", kmip::spec_name(info.operation), versions_of(versions));
  print_fields(text, *info.request.shape, versions.first);
  text += "\nresponse:\n";
  print_fields(text, *info.response.shape, versions.first);
  text += fmt::format(
      "\nkmipctl call {} --set PATH=VALUE ...   values as in XML; @FILE is the content of a file, @- of "
      "stdin;\n"
      "PATH:TYPE=VALUE chooses one of several types, NAME[1].FIELD=VALUE is a second structure\n",
      name(info.operation));
  return console.ended(console.data(bytes_of(text)));
}

Result<const kmip::OperationInfo*> operation_of(const std::string& text) {
  const auto operation = kmip::named<kmip::Operation>(text);
  const auto* info = operation ? kmip::find_operation(*operation) : nullptr;
  if (!info || !can_be_called(info->operation))
    return fail_with_advice(ErrorKind::invalid_input, "'kmipctl call --list' names them all",
                            "'{}' is no operation that a client can ask for", printable(text, 64));
  return info;
}

Result<std::vector<kmip::Assignment>> assignments_of(const CallOptions& options,
                                                     const cli::Console& console) {
  std::vector<kmip::Assignment> assignments;
  for (const std::string& text : options.assignments) {
    auto assignment = kmip::assignment_of(text);
    if (!assignment) return std::unexpected(std::move(assignment.error()));
    const std::string_view value = assignment->value.reveal_text();
    if (value.starts_with('@')) {
      auto content = read_input(std::string(value.substr(1)), largest_input);
      if (!content) return std::unexpected(std::move(content.error()));
      assignment->value = std::move(*content);
      assignment->is_bytes = true;
    } else if (kmip::may_be_secret(assignment->path)) {
      console.say(fmt::format("{}: others on this machine may see it on the command line; @FILE is safer",
                              printable(assignment->path, 128)));
    }
    assignments.push_back(std::move(*assignment));
  }
  return assignments;
}

// Typed is a request that was checked against the model, with the bytes that it views.
struct Typed {
  SecretBuffer bytes;
  std::shared_ptr<void> value;
};
Result<Typed> typed(const kmip::OperationInfo& info, SecretBuffer bytes, kmip::Version version) {
  Typed typed{std::move(bytes), info.request.make()};
  const std::string what = fmt::format("the {} request", kmip::spec_name(info.operation));
  const auto item = kmip::read_message(typed.bytes.view(), kmip::Tag::RequestPayload, kmip::Limits{});
  Error error;
  if (!item) {
    error = kmip::to_error(item.error(), what);
  } else if (const auto done = kmip::decode_item(*info.request.shape, *item, typed.value.get(),
                                                 {version, kmip::Mode::strict, {}});
             !done) {
    error = kmip::to_error(done.error(), what);
  } else {
    return typed;
  }
  error.kind = ErrorKind::invalid_input;  // it was the user who wrote it
  error.advice = fmt::format("'kmipctl call {} --help' lists its fields", name(info.operation));
  return std::unexpected(std::move(error));
}

Exit print(const CallOptions& options, Session& session, Bytes message) {
  const kmip::Reveal reveal;
  const auto text = kmip::write_messages(message, *kmip::encoding_named(options.to),
                                         session.connection().show_secrets ? &reveal : nullptr);
  const cli::Console& console = session.console();
  return text ? console.ended(console.data(text->view())) : console.failed(text.error());
}

// The version that is insisted on; without one a dry run takes the newest.
Result<kmip::Version> version_of(const CallOptions& options, Session& session) {
  if (options.dry_run)
    return kmip::version_named(session.connection().version).value_or(kmip::newest_version);
  auto client = session.client();
  if (!client) return std::unexpected(std::move(client.error()));
  const auto facts = (*client)->connect();
  if (!facts) return std::unexpected(facts.error());
  return facts->version;
}

Exit run(const CallOptions& options, Session& session) {
  const cli::Console& console = session.console();
  if (options.list) return list_operations(console);
  const auto info = operation_of(options.operation);
  if (!info) return console.failed(info.error());
  if (options.help) return print_help(**info, console);

  const auto assignments = assignments_of(options, console);
  if (!assignments) return console.failed(assignments.error());
  const auto version = version_of(options, session);
  if (!version) return console.failed(version.error());
  auto payload =
      kmip::build_payload(*(*info)->request.shape, kmip::Tag::RequestPayload, *version, *assignments);
  if (!payload) return console.failed(payload.error());
  const auto request = typed(**info, std::move(*payload), *version);
  if (!request) return console.failed(request.error());
  const kmip::Question question{(*info)->operation, (*info)->request.shape, request->value.get()};
  if (options.dry_run) {
    SecretBuffer message;
    if (auto written = kmip::write_request(message, {&question, 1}, {.version = *version}); !written)
      return console.failed(written.error());
    return print(options, session, message.view());
  }
  auto client = session.client();
  auto reply = (*client)->call(question);
  if (!reply) return console.failed(reply.error());
  return print(options, session, reply->message->view());
}

}  // namespace

Runner declare_call(CLI::App& app) {
  const auto options = std::make_shared<CallOptions>();
  app.description("ask for any operation of the standard, with a request of your own");
  app.set_help_flag();  // with an operation it is the operation's fields that help
  app.add_flag("-h,--help", options->help, "the fields of OPERATION, or this text");
  app.add_option("OPERATION", options->operation, "such as Encrypt or ObtainLease");
  app.add_option("--set", options->assignments,
                 "PATH=VALUE, for each field of the request; @FILE reads a file")
      ->allow_extra_args(false);
  app.add_option("--to", options->to, "form of the answer")
      ->check(CLI::IsMember({"tree", "hex", "base64", "ttlv", "xml", "json"}))
      ->capture_default_str();
  app.add_flag("--list", options->list, "list the operations");
  app.add_flag("--dry-run", options->dry_run, "print the request instead of sending it");
  return [options, &app](Session& session) {
    if (!options->operation.empty() || options->list) return run(*options, session);
    const std::string text = app.help("kmipctl");
    if (options->help) return session.console().ended(session.console().data(bytes_of(text)));
    return session.console().failed(
        Error{ErrorKind::invalid_input, "call: which operation?", "'kmipctl call --list' names them", {}});
  };
}

}  // namespace keyway::kmipctl
