#include <nlohmann/json.hpp>

#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

std::span<const Command> commands() {
  static constexpr Command list[] = {
      {"dev-server", "run a KMIP server for development and tests", declare_dev_server},
      {"discover-versions", "list the protocol versions the server speaks", declare_discover_versions},
      {"query", "show what the server says of itself", declare_query},
      {"create", "create a symmetric key in the KMS", declare_create},
      {"register", "store a key or secret of your own in the KMS", declare_register},
      {"locate", "list the objects that match", declare_locate},
      {"get", "fetch an object", declare_get},
      {"attributes", "show an object's attributes", declare_attributes},
      {"activate", "make an object usable", declare_activate},
      {"revoke", "take an object out of use", declare_revoke},
      {"destroy", "destroy an object for good", declare_destroy},
      {"encrypt", "encrypt data with a key in the KMS", declare_encrypt},
      {"decrypt", "decrypt data with a key in the KMS", declare_decrypt},
      {"wrap", "wrap a data key with a key of the KMS", declare_wrap},
      {"unwrap", "unwrap a data key", declare_unwrap},
      {"rewrap", "move a wrapped data key to another key", declare_rewrap},
      {"create-key-pair", "create a private and a public key in the KMS", declare_create_key_pair},
      {"derive", "make a key from others", declare_derive},
      {"rekey", "make a new key in place of a key", declare_rekey},
      {"add-attribute", "add an attribute to an object", declare_add_attribute},
      {"modify-attribute", "change an attribute of an object", declare_modify_attribute},
      {"set-attribute", "set an attribute of an object (KMIP 2.x)", declare_set_attribute},
      {"delete-attribute", "take an attribute from an object", declare_delete_attribute},
      {"check", "ask whether a key may be used", declare_check},
      {"archive", "move an object to slow storage", declare_archive},
      {"recover", "get an archived object back", declare_recover},
      {"export", "fetch an object with its attributes into a file", declare_export},
      {"import", "store an object from such a file", declare_import},
      {"sign", "sign data with a private key in the KMS", declare_sign},
      {"verify", "check a signature with a public key in the KMS", declare_verify},
      {"mac", "compute a message authentication code", declare_mac},
      {"mac-verify", "check a message authentication code", declare_mac_verify},
      {"hash", "hash data in the KMS", declare_hash},
      {"rng", "get random bytes from the KMS, or seed its generator", declare_rng},
      {"poll", "ask for the answer of an asynchronous request", declare_poll},
      {"cancel", "give an asynchronous request up", declare_cancel},
      {"call", "ask for any operation, with a request of your own", declare_call},
      {"convert", "show KMIP messages, or write them in another form", declare_convert},
      {"send", "send request messages as they are, and show the answers", declare_send},
  };
  return list;
}

Result<kmip::BlockingClient*> Session::client() {
  if (client_) return client_.get();
  auto settings = client_settings(connection_, console_);
  if (!settings) return std::unexpected(std::move(settings.error()));
  client_ = std::make_unique<kmip::BlockingClient>(std::move(*settings));
  return client_.get();
}

Result<std::string> Session::find(const std::string& key) {
  auto ready = client();
  if (!ready) return std::unexpected(std::move(ready.error()));
  return (*ready)->find({key});
}

Exit print_identifier(Session& session, std::string_view id) {
  const cli::Console& console = session.console();
  if (!console.json()) return console.ended(console.line(printable(id)));
  nlohmann::ordered_json json;
  json["unique_identifier"] = id;
  return console.ended(console.document(json));
}

}  // namespace keyway::kmipctl
