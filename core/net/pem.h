// Certificates and private keys of PEM files, or of PEM text that somebody else keeps. For the .cpp files of
// core/net only; not installed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <core/error.h>
#include <core/net/openssl.h>
#include <core/secret.h>

namespace keyway::net {

// PemSource is where PEM comes from, a file or a text, and how messages call it. What the views refer to must
// outlive it.
struct PemSource {
  Text file_kind;  // "key file"
  Text text_name;  // "the private key"
  Text path;
  Text text;

  bool given() const { return !path.empty() || !text.empty(); }
  bool is_file() const { return !path.empty(); }
  std::string name() const;  // "key file /etc/kms/client.key", "the private key"
};

// check_source refuses a source that is a file and a text: which of both was meant is not for us to guess.
Result<void> check_source(const PemSource& source);

// read_certificates reads all certificates, at least one, in their order. What is no certificate between PEM
// blocks is skipped, but a text must end with a block. Errors: not_found for a missing file; invalid_input,
// with the source's name.
Result<std::vector<X509Ptr>> read_certificates(const PemSource& source);

// read_key reads the first private key; `passphrase` is asked at most once, when it is encrypted. Errors as
// above, and what `passphrase` says.
Result<KeyPtr> read_key(const PemSource& source, const std::function<Result<Secret>()>& passphrase);

}  // namespace keyway::net
