// Response messages made to measure, good and bad, as a server would send them.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <core/bytes.h>
#include <core/error.h>
#include <kmip/model/message.h>

namespace keyway {

// So that a failed check shows the kind by name. Found by doctest through the namespace of ErrorKind.
inline std::ostream& operator<<(std::ostream& out, ErrorKind kind) { return out << name(kind); }

}  // namespace keyway

namespace keyway::kmip {

inline std::ostream& operator<<(std::ostream& out, Version version) { return out << name(version); }

}  // namespace keyway::kmip

namespace keyway::kmip::test {

// Item is one batch item of a response. What is absent is left out of the message.
struct Item {
  std::optional<Operation> operation;
  std::optional<std::uint32_t> id;  // the id that write_request gives the item of this number, from 1
  ResultStatus status = ResultStatus::Success;
  std::optional<ResultReason> reason;
  std::string message;
  std::optional<OwnedBytes> payload;  // the items inside Response Payload
  std::optional<OwnedBytes> correlation_value{};
};

Item success(Operation operation, OwnedBytes payload = {});
// The server has taken the operation on and works on it.
Item pending(Operation operation, OwnedBytes correlation_value);
Item refusal(std::optional<Operation> operation, ResultReason reason, std::string message = {});

// The message that holds `items`, with a header of that version.
OwnedBytes response(std::vector<Item> items, Version version = Version::V1_4);

// payload_of is the inside of the structure `value`, encoded for `version`.
template <Structured T>
OwnedBytes payload_of(const T& value, Version version = Version::V1_4) {
  SecretBuffer out;
  if (!encode(out, Tag::ResponsePayload, value, version)) return {};
  return owned(out.view().subspan(item_header_size));
}

// contains is for what an error must say.
inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace keyway::kmip::test
