// What the KMIP KeyWrapper asks of a KMS and how it reads the answers; no I/O.
#pragma once

#include <core/random.h>
#include <core/secret.h>
#include <core/wrapped_key.h>
#include <kmip/model/decrypt.h>
#include <kmip/model/encrypt.h>

namespace keyway::kmip {

enum class CipherMode : std::uint8_t { gcm, cbc };

// A request and the bytes its views point at.
template <class R>
struct Held {
  R request;
  OwnedBytes iv;
  OwnedBytes data;
};

// encrypt_request asks to encrypt `key`, which must outlive the request, with a fresh IV of our own.
Held<EncryptRequest> encrypt_request(std::string_view key_id, CipherMode mode, const Secret& key,
                                     Random& random);

// read_encrypted says how `asked` was answered: where the tag came and which it is. None when the answer
// leaves no way to tell, or the server lost the tag: the mode is of no use with this server then.
struct Encrypted {
  KmipMechanism mechanism;
  OwnedBytes ciphertext;
};
std::optional<Encrypted> read_encrypted(const Held<EncryptRequest>& asked, const EncryptResponse& answer,
                                        CipherMode mode);

// decrypt_request asks to open `blob` with the tag at `place`, which must be possible in the version in use.
// `blob` must be of the KMIP backend and outlive the request.
Held<DecryptRequest> decrypt_request(const WrappedKey& blob, KmipMechanism::TagPlace place);

// seal_here and open_here do the same in this process, with the KMS's key.
Result<Encrypted> seal_here(const Secret& kms_key, const Secret& key, Random& random);
Result<Secret> open_here(const Secret& kms_key, const WrappedKey& blob);

// Whether a refusal may be about the cipher parameters, so that another mode or layout is worth a try.
bool is_about_parameters(const Error& error);

}  // namespace keyway::kmip
