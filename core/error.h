// What went wrong, in the caller's terms. Nothing here ever holds a secret: messages carry names and numbers.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace keyway {

// The kinds a caller may want to tell apart; the tools map each to one exit code (tools/cli/exit.h).
enum class ErrorKind : std::uint8_t {
  invalid_input,  // the caller asked for something that cannot be; nothing was sent
  refused,        // the KMS answered no; `refusal` holds its words
  unsupported,    // the other side, or the protocol version in use, cannot do this
  unreachable,    // no connection, TLS failed, closed early, or the deadline passed
  cancelled,      // the caller gave up
  corrupt,        // bytes that are not what they should be: blob, answer, check value
  not_mine,       // a wrapped key of another backend or key; try the next wrapper
  not_found,      // no such key, object or file
  internal,       // a defect of this program or of the system below it
};

std::string_view name(ErrorKind kind);

// Refusal is what a KMS said, in its own numbers and words (KMIP: 2.1 §9.18 Result Status and Reason; Vault:
// the status of HTTP, and no reason).
struct Refusal {
  std::uint32_t status = 0;
  std::uint32_t reason = 0;  // 0: none
  std::string reason_name;   // "Item Not Found"; empty when the number has no name
  std::string message;       // the server's text, cleaned of control characters; may be empty
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string what;    // what failed and where: "connect to kms:5696: connection refused"
  std::string advice;  // what to do about it; may be empty
  std::optional<Refusal> refusal;
  bool stays = false;  // unreachable, and no repetition mends it: a certificate that is not trusted

  Error&& with_advice(std::string text) && {
    advice = std::move(text);
    return std::move(*this);
  }
};

template <class T>
using Result = std::expected<T, Error>;

// fail builds the error to return: `return fail(ErrorKind::not_found, "no key named {}", name);`
template <class... Args>
std::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{kind, fmt::format(format, std::forward<Args>(args)...), {}, {}});
}

// fail_with_advice is fail with a second sentence that tells the user what to do.
template <class... Args>
std::unexpected<Error> fail_with_advice(ErrorKind kind, std::string advice,
                                        fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(
      Error{kind, fmt::format(format, std::forward<Args>(args)...), std::move(advice), {}});
}

// describe is the error as one line for a person: what, the server's words, then the advice.
std::string describe(const Error& error);

// printable replaces control characters and invalid UTF-8 of text that came from outside, and cuts it at
// `limit` bytes, so that a hostile server cannot drive a terminal.
std::string printable(std::string_view text, std::size_t limit = 512);

}  // namespace keyway
