#include <tools/kmipctl/message_options.h>

namespace keyway::kmipctl {

namespace {

Exit run(const MessageOptions& options, Session& session) {
  const cli::Console& console = session.console();
  auto messages = read_messages(options);
  if (!messages) return console.failed(messages.error());
  // A tree has room for half a message, the other forms have not.
  if (options.to == "tree") messages->ttlv.append(messages->damaged.view());
  if (!messages->ttlv.empty())
    if (auto printed = print_messages(options, session, messages->ttlv.view()); !printed)
      return console.failed(printed.error());
  // An error about a variable without value names all of them itself.
  const bool told = messages->damage && messages->damage->kind == ErrorKind::invalid_input;
  if (!messages->unset.empty() && !told)
    console.say(fmt::format("{}, which stand for themselves in what was written; {}",
                            unset_text(messages->unset), unset_advice(messages->unset)));
  return messages->damage ? console.failed(*messages->damage) : Exit::done;
}

}  // namespace

Runner declare_convert(CLI::App& app) {
  const auto options = std::make_shared<MessageOptions>();
  app.description(
      "show KMIP messages, or write them in another form: TTLV, hexadecimal, base64, XML, JSON; needs no "
      "server");
  declare(app, *options);
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
