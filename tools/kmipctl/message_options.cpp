#include <tools/kmipctl/message_options.h>

namespace keyway::kmipctl {

namespace {

// Several messages of the largest size, in a form that takes more room.
constexpr std::size_t largest_file = 16 * kmip::Limits{}.message;

Result<kmip::Variables> variables_of(const std::vector<std::string>& given) {
  kmip::Variables variables;
  for (const std::string& one : given) {
    const std::size_t at = one.find('=');
    if (at == std::string::npos)
      return fail_with_advice(ErrorKind::invalid_input, "write --var NAME=VALUE", "--var needs a value");
    const Text value = Text(one).substr(at + 1);
    if (auto set = variables.set(one.substr(0, at), Secret(value)); !set)
      return std::unexpected(std::move(set.error()));
  }
  return variables;
}

}  // namespace

std::string unset_text(const std::vector<std::string>& names) {
  std::string text = "no value for";
  for (const std::string& name : names)
    text += fmt::format("{}${}", &name == names.data() ? " " : ", ", printable(name, 64));
  return text;
}

std::string unset_advice(const std::vector<std::string>& names) {
  std::string text = names.size() == 1 ? "give it one:" : "give them values:";
  for (const std::string& name : names) text += fmt::format(" --var {}=VALUE", printable(name, 64));
  return text;
}

void declare(CLI::App& app, MessageOptions& options) {
  app.add_option("FILE", options.file, "file with the messages; - is standard input")->capture_default_str();
  app.add_option("--from", options.from, "form of the input: auto, ttlv, hex, base64, xml or json")
      ->check(CLI::IsMember({"auto", "ttlv", "hex", "base64", "xml", "json"}))
      ->capture_default_str();
  app.add_option("--to", options.to, "form of the output: tree, ttlv, hex, base64, xml or json")
      ->check(CLI::IsMember({"tree", "ttlv", "hex", "base64", "xml", "json"}))
      ->capture_default_str();
  app.add_option("--var", options.variables,
                 "NAME=VALUE: what $NAME stands for in XML and JSON values; repeatable")
      ->allow_extra_args(false);
}

Result<kmip::Messages> read_messages(const MessageOptions& options) {
  auto variables = variables_of(options.variables);
  if (!variables) return std::unexpected(std::move(variables.error()));
  auto input = read_input(options.file, largest_file);
  if (!input) return std::unexpected(std::move(input.error()));
  const auto named = kmip::encoding_named(options.from);
  variables->keep_unset();  // told by unset_text
  return kmip::read_messages(input->reveal(), named.value_or(kmip::detect(input->reveal())), *variables);
}

Result<void> print_messages(const MessageOptions& options, Session& session, Bytes ttlv) {
  const kmip::Reveal reveal{};
  const auto to = kmip::encoding_named(options.to).value_or(kmip::Encoding::tree);
  auto text = kmip::write_messages(ttlv, to, session.connection().show_secrets ? &reveal : nullptr);
  if (!text) return std::unexpected(std::move(text.error()));
  return session.console().data(text->view());
}

}  // namespace keyway::kmipctl
