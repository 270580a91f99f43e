// Authentication and Credential of the request header (KMIP 1.4 §2.1.2, §6.6; 2.1 §9.4, §9.11).
#pragma once

#include <optional>
#include <vector>

#include <kmip/ttlv/codec.h>

namespace keyway::kmip {

struct Credential {
  CredentialType type{};
  Raw value;  // by type: UsernameAndPassword, ...
};
template <>
struct Described<Credential> {
  static const Shape shape;
};

struct UsernameAndPassword {
  Text username;
  std::optional<Text> password;  // a view of a Secret, or of a message; never copy it into a string
};
template <>
struct Described<UsernameAndPassword> {
  static const Shape shape;
};

struct Authentication {
  std::vector<Credential> credentials;  // one up to 1.1
};
template <>
struct Described<Authentication> {
  static const Shape shape;
};

}  // namespace keyway::kmip
