// Unique Identifier in requests: text, or from 2.0 an Enumeration or an Integer that stands for one
// (KMIP 2.1 §4.58, §11.58).
#pragma once

#include <variant>

#include <kmip/ttlv/codec.h>

namespace keyway::kmip {

// Identifier is what a request names an object by. Left out altogether, the server takes the ID Placeholder.
struct Identifier {
  std::variant<Text, UniqueIdentifier, std::int32_t> value;

  Identifier() = default;
  Identifier(Text text) : value(text) {}
  Identifier(const std::string& text) : value(Text(text)) {}
  Identifier(std::string&&) = delete;  // a view of it would dangle
  Identifier(const char* text) : value(Text(text)) {}
  Identifier(UniqueIdentifier placeholder) : value(placeholder) {}
  Identifier(std::int32_t position) : value(position) {}

  // text is the identifier itself, or null when the request means one of the batch.
  const Text* text() const { return std::get_if<Text>(&value); }
};

extern const Custom identifier_codec;

template <>
struct Wire<Identifier> {
  static constexpr Kind kind = Kind::custom;
  static constexpr Type type = Type{};
  static constexpr const Shape* shape = nullptr;
  static constexpr const Custom* custom = &identifier_codec;
};

}  // namespace keyway::kmip
