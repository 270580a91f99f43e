#include <kmip/ttlv/error.h>

namespace keyway::kmip {

std::string_view name(Errc code) {
  constexpr std::string_view names[] = {"item cut short",
                                        "bytes after the end",
                                        "unknown item type",
                                        "wrong item type",
                                        "impossible length",
                                        "padding is not zero",
                                        "impossible value",
                                        "unknown field",
                                        "field out of order",
                                        "field repeated",
                                        "field missing",
                                        "not in this protocol version",
                                        "not the message asked for",
                                        "nested too deeply",
                                        "too many elements",
                                        "too long"};
  const auto index = static_cast<std::size_t>(code);
  return index < std::size(names) ? names[index] : "unknown error";
}

std::string describe(const CodecError& error) {
  std::string text = fmt::format("{} at byte {}", name(error.code), error.offset);
  std::string_view separator = ": ";
  const auto add = [&](Tag tag) {
    text += separator;
    text += name(tag);
    separator = "/";
  };
  for (auto i = error.depth; i-- > 0;) add(error.path[i]);
  if (error.tag != Tag{}) add(error.tag);  // an item cut within its header has no tag
  return text;
}

Error to_error(const CodecError& error, std::string_view what) {
  return Error{ErrorKind::corrupt, fmt::format("{} is not valid KMIP: {}", what, describe(error)), {}, {}};
}

}  // namespace keyway::kmip
