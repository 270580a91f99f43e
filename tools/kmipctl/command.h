// What every command of kmipctl is: a name, its options, and what it does with a session.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include <CLI/App.hpp>

#include <kmip/client/blocking.h>
#include <tools/cli/console.h>
#include <tools/cli/files.h>
#include <tools/kmipctl/connection.h>

namespace keyway::kmipctl {

using cli::Exit;
using cli::read_input;
using cli::write_output;

// Session connects when a command first needs the server.
class Session {
 public:
  Session(const Connection& connection, const cli::Console& console)
      : connection_(connection), console_(console) {}

  const cli::Console& console() const { return console_; }
  const Connection& connection() const { return connection_; }

  // client makes the client; it connects with the first call.
  Result<kmip::BlockingClient*> client();
  // call sends one operation.
  template <kmip::OperationRequest R>
  Result<kmip::Reply<typename R::Response>> call(R request) {
    auto ready = client();
    if (!ready) return std::unexpected(std::move(ready.error()));
    return (*ready)->call(std::move(request));
  }
  // find resolves "name:NAME" to a unique identifier.
  Result<std::string> find(const std::string& key);

 private:
  const Connection& connection_;
  const cli::Console& console_;
  std::unique_ptr<kmip::BlockingClient> client_;
};

using Runner = std::function<Exit(Session&)>;

struct Command {
  const char* name;
  const char* help;
  // declare adds the options to the command's own App and returns what runs it. It knows nothing of sessions,
  // and the runner nothing of parsing.
  Runner (*declare)(CLI::App& app);
};

// The commands, each in a file of its name.
Runner declare_dev_server(CLI::App& app);
Runner declare_discover_versions(CLI::App& app);
Runner declare_query(CLI::App& app);
Runner declare_create(CLI::App& app);
Runner declare_register(CLI::App& app);
Runner declare_locate(CLI::App& app);
Runner declare_get(CLI::App& app);
Runner declare_attributes(CLI::App& app);
Runner declare_activate(CLI::App& app);
Runner declare_revoke(CLI::App& app);
Runner declare_destroy(CLI::App& app);
Runner declare_encrypt(CLI::App& app);
Runner declare_decrypt(CLI::App& app);
Runner declare_wrap(CLI::App& app);
Runner declare_unwrap(CLI::App& app);
Runner declare_rewrap(CLI::App& app);
Runner declare_create_key_pair(CLI::App& app);
Runner declare_derive(CLI::App& app);
Runner declare_rekey(CLI::App& app);
Runner declare_add_attribute(CLI::App& app);
Runner declare_modify_attribute(CLI::App& app);
Runner declare_set_attribute(CLI::App& app);
Runner declare_delete_attribute(CLI::App& app);
Runner declare_check(CLI::App& app);
Runner declare_archive(CLI::App& app);
Runner declare_recover(CLI::App& app);
Runner declare_export(CLI::App& app);
Runner declare_import(CLI::App& app);
Runner declare_sign(CLI::App& app);
Runner declare_verify(CLI::App& app);
Runner declare_mac(CLI::App& app);
Runner declare_mac_verify(CLI::App& app);
Runner declare_hash(CLI::App& app);
Runner declare_rng(CLI::App& app);
Runner declare_poll(CLI::App& app);
Runner declare_cancel(CLI::App& app);
Runner declare_call(CLI::App& app);
Runner declare_convert(CLI::App& app);
Runner declare_send(CLI::App& app);

std::span<const Command> commands();

// One identifier, printed alone or as {"unique_identifier": ...}: what most commands answer.
Exit print_identifier(Session& session, std::string_view id);

// on_object is the command of an operation that needs nothing but the object.
template <kmip::OperationRequest R>
Runner on_object(CLI::App& app) {
  const auto id = std::make_shared<std::string>();
  app.add_option("ID", *id, "unique identifier, or name:NAME")->required();
  return [id](Session& session) {
    const auto found = session.find(*id);
    if (!found) return session.console().failed(found.error());
    R request;
    request.unique_identifier = kmip::Identifier(*found);
    auto reply = session.call(std::move(request));
    if (!reply) return session.console().failed(reply.error());
    return print_identifier(session, *found);
  };
}

// The size of the largest input a command reads: what a request can carry.
inline constexpr std::size_t largest_input = kmip::largest_request;

}  // namespace keyway::kmipctl
