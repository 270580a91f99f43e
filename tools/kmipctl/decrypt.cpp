#include <core/crypto.h>
#include <kmip/model/decrypt.h>
#include <tools/kmipctl/cipher_options.h>

namespace keyway::kmipctl {

namespace {

struct DecryptOptions {
  std::string key;
  CipherOptions cipher;
  std::string in = "-", out = "-";
};

// The parts of what encrypt wrote: IV, ciphertext, tag. Below 1.4 the tag travels at the end of the data.
Result<kmip::DecryptRequest> request_of(const Cipher& cipher, Bytes input, kmip::Version version) {
  Bytes iv = cipher.iv;
  if (iv.empty()) {
    if (input.size() < cipher.iv_size())
      return fail(ErrorKind::corrupt, "the input is too short: it has to start with an IV of {} bytes",
                  cipher.iv_size());
    iv = input.first(cipher.iv_size());
    input = input.subspan(cipher.iv_size());
  }
  kmip::DecryptRequest request;
  request.cryptographic_parameters = cipher.parameters();
  request.iv_counter_nonce = iv;
  request.data = input;
  if (cipher.is_gcm() && version >= kmip::Version::V1_4) {
    if (input.size() < gcm_tag_size)
      return fail(ErrorKind::corrupt, "the input is too short: it has to end with a tag of {} bytes",
                  gcm_tag_size);
    request.data = input.first(input.size() - gcm_tag_size);
    request.authenticated_encryption_tag = input.last(gcm_tag_size);
  }
  if (!cipher.associated_data.empty())
    request.authenticated_encryption_additional_data = cipher.associated_data;
  return request;
}

Exit run(const DecryptOptions& options, Session& session) {
  const cli::Console& console = session.console();
  auto input = read_input(options.in, largest_input / 2);
  if (!input) return console.failed(input.error());
  auto cipher = cipher_of(options.cipher);
  if (!cipher) return console.failed(cipher.error());
  const auto id = session.find(options.key);
  if (!id) return console.failed(id.error());
  auto client = session.client();
  const auto facts = (*client)->connect();
  if (!facts) return console.failed(facts.error());
  auto request = request_of(*cipher, input->reveal(), facts->version);
  if (!request) return console.failed(request.error());
  request->unique_identifier = kmip::Identifier(*id);
  auto reply = session.call(std::move(*request));
  if (!reply) return console.failed(reply.error());
  const auto& data = (*reply)->data;
  if (!data)
    return console.failed(Error{ErrorKind::corrupt, "the KMS answered Decrypt without data", {}, {}});
  return console.ended(write_output(console, options.out, data->reveal()));
}

}  // namespace

Runner declare_decrypt(CLI::App& app) {
  const auto options = std::make_shared<DecryptOptions>();
  app.description("decrypt what encrypt wrote: IV, ciphertext and GCM tag, one after the other");
  app.add_option("--key", options->key, "unique identifier, or name:NAME")->required()->envname("KMIP_KEY");
  declare(app, options->cipher);
  app.add_option("--in", options->in, "file to read")->capture_default_str();
  app.add_option("--out", options->out, "file to write")->capture_default_str();
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
