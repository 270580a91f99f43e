// Payloads written as assignments to their fields: "CryptographicParameters.BlockCipherMode=GCM". The field
// tables of the model say what there is, in which version and of which type.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <core/error.h>
#include <core/secret.h>
#include <kmip/ttlv/shape.h>

namespace keyway::kmip {

// Assignment is one field and its value.
//
// The path is tag names with dots between them. Fields of the same structure have the same path up to it; a
// second structure of a field that repeats is "Credential[1]"; structures stand in the order of the index. A
// field that repeats is assigned to several times. A type after a colon chooses where a field takes several:
// "UniqueIdentifier:Enumeration". Attributes are written "Attributes.NAME" in every version, NAME being a
// name of the standard, x-NAME or VENDOR:NAME; a list of them that is required is there when it has none.
struct Assignment {
  std::string path;
  Secret value;           // text as in XML: names of enumerations, numbers, dates, hexadecimal bytes
  bool is_bytes = false;  // the value is the content of a Byte String or Text String itself, not text for it
};

// assignment_of reads "PATH=VALUE". Error: invalid_input.
Result<Assignment> assignment_of(std::string_view text);

// build_payload writes the structure `tag` of `shape` with these values, in the order of the table. Errors:
// invalid_input, which names the assignment: a field that the structure does not have, a value that is not
// one, a required field that is missing; unsupported for a field that this version does not have.
Result<SecretBuffer> build_payload(const Shape& shape, Tag tag, Version version,
                                   std::span<const Assignment> assignments);

// may_be_secret tells whether the value of a field with this path may be one: a key, a password, a plain
// text.
bool may_be_secret(std::string_view path);

// FieldInfo describes one field of a structure to people.
struct FieldInfo {
  std::string path;  // "CryptographicParameters.BlockCipherMode", "Attributes.NAME"
  std::string type;  // "Enumeration BlockCipherMode", "Structure", "TextString or Integer"
  VersionRange versions;
  bool required = false;  // inside its structure, in the versions `required_in`
  VersionRange required_in;
  bool repeats = false;
  bool secret = false;
};

// fields_of lists the fields of a structure and of the structures in it, in order. A structure that was
// listed before is not taken apart again.
std::vector<FieldInfo> fields_of(const Shape& shape);

}  // namespace keyway::kmip
