// poll and cancel: what becomes of a request that the server works on by itself.
#include <nlohmann/json.hpp>

#include <core/hex.h>
#include <kmip/client/server_operations.h>
#include <kmip/text/readable.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

namespace {

void declare_value(CLI::App& app, std::string& value) {
  app.add_option("CORRELATION-VALUE", value, "the asynchronous correlation value, in hexadecimal")
      ->required();
}

Result<OwnedBytes> correlation_value(const std::string& text) {
  auto bytes = from_hex(text);
  if (!bytes) return fail(ErrorKind::invalid_input, "CORRELATION-VALUE: {}", bytes.error().what);
  if (bytes->empty()) return fail(ErrorKind::invalid_input, "CORRELATION-VALUE is empty");
  return owned(bytes->reveal());
}

Exit poll_once(const std::string& text, Session& session) {
  const cli::Console& console = session.console();
  const auto value = correlation_value(text);
  if (!value) return console.failed(value.error());
  auto client = session.client();
  if (!client) return console.failed(client.error());
  auto answer = kmip::poll<kmip::PollRequest>(**client, *value);
  if (!answer) return console.failed(answer.error());
  if (!*answer) return console.ended(console.line("pending"));
  SecretBuffer items;
  kmip::Writer writer(items);
  for (const kmip::Raw& item : (**answer)->answer) writer.bytes(item.tag, item.value, item.type);
  if (session.connection().show_secrets)
    return console.ended(console.data(kmip::readable_with_secrets(items.view(), kmip::Reveal()).view()));
  return console.ended(console.data(bytes_of(kmip::readable(items.view()))));
}

Exit cancel_once(const std::string& text, Session& session) {
  const cli::Console& console = session.console();
  const auto value = correlation_value(text);
  if (!value) return console.failed(value.error());
  auto client = session.client();
  if (!client) return console.failed(client.error());
  auto reply = kmip::cancel(**client, {.asynchronous_correlation_value = *value});
  if (!reply) return console.failed(reply.error());
  return console.ended(console.line(name((*reply)->cancellation_result)));
}

}  // namespace

Runner declare_poll(CLI::App& app) {
  const auto value = std::make_shared<std::string>();
  app.description("ask for the answer of an asynchronous request; prints \"pending\" while there is none");
  declare_value(app, *value);
  return [value](Session& session) { return poll_once(*value, session); };
}

Runner declare_cancel(CLI::App& app) {
  const auto value = std::make_shared<std::string>();
  app.description("give an asynchronous request up; prints what the server says became of it");
  declare_value(app, *value);
  return [value](Session& session) { return cancel_once(*value, session); };
}

}  // namespace keyway::kmipctl
