#include <nlohmann/json.hpp>

#include <core/crypto.h>
#include <core/hex.h>
#include <core/random.h>
#include <kmip/model/encrypt.h>
#include <tools/kmipctl/cipher_options.h>

namespace keyway::kmipctl {

namespace {

struct EncryptOptions {
  std::string key;
  CipherOptions cipher;
  std::string in = "-", out = "-";
};

Exit run(const EncryptOptions& options, Session& session) {
  const cli::Console& console = session.console();
  auto plain = read_input(options.in, largest_input / 2);
  if (!plain) return console.failed(plain.error());
  auto cipher = cipher_of(options.cipher);
  if (!cipher) return console.failed(cipher.error());
  if (cipher->iv.empty()) cipher->iv = system_random().bytes(cipher->iv_size());
  const auto id = session.find(options.key);
  if (!id) return console.failed(id.error());

  kmip::EncryptRequest request;
  request.unique_identifier = kmip::Identifier(*id);
  request.cryptographic_parameters = cipher->parameters();
  request.data = plain->reveal();
  request.iv_counter_nonce = cipher->iv;
  if (!cipher->associated_data.empty())
    request.authenticated_encryption_additional_data = cipher->associated_data;
  auto reply = session.call(std::move(request));
  if (!reply) return console.failed(reply.error());
  const auto& answer = **reply;
  if (!answer.data)
    return console.failed(Error{ErrorKind::corrupt, "the KMS answered Encrypt without data", {}, {}});
  const Bytes tag = answer.authenticated_encryption_tag.value_or(Bytes{});
  if (cipher->is_gcm() && tag.empty() && answer.data->size() == plain->size())
    return console.failed(
        Error{ErrorKind::corrupt,
              "the KMS encrypted with GCM but gave no tag: this could not be decrypted again",
              "use --mode CBC with this server and protocol version",
              {}});
  if (console.json()) {
    nlohmann::ordered_json json;
    json["unique_identifier"] = *id;
    json["iv"] = to_hex(cipher->iv);
    json["data"] = to_hex(*answer.data);
    json["tag"] = to_hex(tag);
    return console.ended(console.document(json));
  }
  OwnedBytes all = cipher->iv;
  all.insert(all.end(), answer.data->begin(), answer.data->end());
  all.insert(all.end(), tag.begin(), tag.end());
  return console.ended(write_output(console, options.out, all));
}

}  // namespace

Runner declare_encrypt(CLI::App& app) {
  const auto options = std::make_shared<EncryptOptions>();
  app.description(
      "encrypt data with a key in the KMS; the output is IV, ciphertext and GCM tag, one after the other");
  app.add_option("--key", options->key, "unique identifier, or name:NAME")->required()->envname("KMIP_KEY");
  declare(app, options->cipher);
  app.add_option("--in", options->in, "file to read")->capture_default_str();
  app.add_option("--out", options->out, "file to write")->capture_default_str();
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
