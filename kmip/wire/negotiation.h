// Which protocol version to speak with a server, found out without I/O.
#pragma once

#include <optional>

#include <core/error.h>
#include <core/secret.h>
#include <kmip/wire/exchange.h>

namespace keyway::kmip {

// Negotiation asks Discover Versions, at a header version the server may not know; it steps down through the
// versions when the server refuses the header, settles on the header's version when the server reads it but
// has no Discover Versions or names none, and ends at 1.0, which has no way to ask (interop: PyKMIP answers
// Invalid Message, 1.0 servers Operation Not Supported, others an empty list).
class Negotiation {
 public:
  // `pinned` is the version the user insists on: nothing is asked then.
  explicit Negotiation(std::optional<Version> pinned) : version_(pinned) {}

  bool done() const { return version_.has_value(); }
  Version version() const { return *version_; }  // once done

  // write_question appends the next request; the header's version is asking_at().
  Result<void> write_question(SecretBuffer& out, const Login* login) const;
  Version asking_at() const;
  // read_answer takes the response. Error: corrupt when it is none; refused when the server refuses this
  // client rather than the version.
  Result<void> read_answer(Bytes message, const Limits& limits);

 private:
  std::optional<Version> version_;
  std::size_t attempt_ = 0;
};

}  // namespace keyway::kmip
