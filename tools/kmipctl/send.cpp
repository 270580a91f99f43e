#include <kmip/model/message.h>
#include <kmip/ttlv/codec.h>
#include <kmip/wire/exchange.h>
#include <tools/kmipctl/message_options.h>

namespace keyway::kmipctl {

namespace {

// requests_in cuts the messages apart. Error: invalid_input when one is not a request.
Result<std::vector<Bytes>> requests_in(Bytes messages) {
  std::vector<Bytes> requests;
  for (kmip::Reader reader(messages); !reader.done();) {
    const Bytes rest = reader.left();
    kmip::Raw item;
    kmip::CodecError error;
    if (!reader.next(item, error)) return std::unexpected(kmip::to_error(error, "the request"));
    if (item.tag != kmip::Tag::RequestMessage || item.type != kmip::Type::Structure)
      return fail_with_advice(ErrorKind::invalid_input, "only Request Messages can be sent; nothing was sent",
                              "message {} is a {}", requests.size() + 1, name(item.tag));
    requests.push_back(rest.first(rest.size() - reader.left().size()));
  }
  return requests;
}

// Outcome counts what became of the batch items, and how the failed ones end by themselves.
struct Outcome {
  std::size_t done = 0;
  std::optional<Exit> failed;

  void add(Exit end) { failed = !failed || *failed == end ? end : Exit::refused; }
  Exit exit() const { return !failed ? Exit::done : done > 0 ? Exit::partly_done : *failed; }
};

// report names each batch item of a response that failed.
void report(const cli::Console& console, Bytes response, std::size_t number, Outcome& outcome) {
  const kmip::Settings lenient{kmip::newest_version, kmip::Mode::lenient, {}};
  const auto message =
      kmip::decode_message<kmip::ResponseMessage>(response, kmip::Tag::ResponseMessage, lenient);
  if (!message)
    return outcome.add(console.failed(kmip::to_error(message.error(), fmt::format("answer {}", number))));
  for (std::size_t i = 0; i < message->items.size(); ++i) {
    const auto status = message->items[i].result_status;
    if (status == kmip::ResultStatus::Success || status == kmip::ResultStatus::OperationPending)
      ++outcome.done;
    else
      outcome.add(console.failed(
          kmip::to_error(message->items[i], fmt::format("answer {}, batch item {}", number, i + 1))));
  }
}

Exit run(const MessageOptions& options, Session& session) {
  const cli::Console& console = session.console();
  const auto messages = read_messages(options);
  if (!messages) return console.failed(messages.error());
  if (messages->damage) return console.failed(*messages->damage);
  // A server would take the name of a variable for a value, and a key's bytes for a key.
  if (!messages->unset.empty())
    return console.failed(Error{ErrorKind::invalid_input,
                                unset_text(messages->unset) + "; nothing was sent",
                                unset_advice(messages->unset),
                                {}});
  const auto requests = requests_in(messages->ttlv.view());
  if (!requests) return console.failed(requests.error());
  auto client = session.client();
  if (!client) return console.failed(client.error());

  // What has been answered is printed, whatever happens to the rest.
  SecretBuffer answers;
  Outcome outcome;
  std::size_t number = 0;
  for (const Bytes request : *requests) {
    SecretBuffer message(request.size());
    message.append(request);
    auto answer = (*client)->exchange(std::move(message));
    if (!answer) {
      outcome.add(console.failed(answer.error()));
      break;
    }
    answers.append(answer->view());
    report(console, answer->view(), ++number, outcome);
  }
  if (answers.empty()) return outcome.exit();
  const auto printed = print_messages(options, session, answers.view());
  return printed ? outcome.exit() : console.failed(printed.error());
}

}  // namespace

Runner declare_send(CLI::App& app) {
  const auto options = std::make_shared<MessageOptions>();
  app.description(
      "send request messages of any form as they are, and show the answers; no version is negotiated");
  declare(app, *options);
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
