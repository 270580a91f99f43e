// What create and register have in common: the attributes of a new object, and activating it.
#pragma once

#include <optional>
#include <string>

#include <CLI/App.hpp>

#include <kmip/model/attributes.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

struct ObjectOptions {
  std::string name;
  std::string usage;
  bool activate = false;
};
void declare(CLI::App& app, ObjectOptions& options, const std::string& default_usage);

// named_value reads a name of an enumeration. Error: invalid_input, listing the names that exist.
template <class E>
Result<E> named_value(const std::string& text, std::string_view option) {
  if (const auto value = kmip::named<E>(text)) return *value;
  std::string known;
  for (const auto& row : kmip::values(kmip::enumeration_of<E>))
    if (row.versions.first <= kmip::newest_version) known += fmt::format(" {}", row.name);
  return fail(ErrorKind::invalid_input, "{}: '{}' is none of:{}", option, printable(text, 64), known);
}

// usage_mask reads "Encrypt,Decrypt", or numbers. Error: invalid_input, listing the names that exist.
Result<kmip::CryptographicUsageMask> usage_mask(const std::string& text);

// add_attributes adds Name and Cryptographic Usage Mask as asked.
Result<void> add_attributes(kmip::Attributes& attributes, const ObjectOptions& options);

// finish prints the identifier of the new object, and then activates it when that was asked: whatever
// happens, nobody loses track of it.
Exit finish(Session& session, const ObjectOptions& options, std::string id);

}  // namespace keyway::kmipctl
