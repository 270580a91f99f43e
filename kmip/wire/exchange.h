// One request and its response, without I/O: a batch of questions is written as one message, and the answers
// in the response are matched to them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <core/error.h>
#include <core/secret.h>
#include <kmip/model/message.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

// Question is one batch item to be: an operation and its payload, which must outlive the call it is given to.
struct Question {
  Operation operation{};
  const Shape* shape = nullptr;
  const void* payload = nullptr;
};
template <OperationRequest R>
Question question(const R& request) {
  return {R::operation, &Described<R>::shape, &request};
}

// Login is a Credential of type Username and Password, sent in each request beside the TLS certificate.
struct Login {
  std::string username;
  Secret password;
};

struct RequestOptions {
  Version version = newest_version;
  const Login* login = nullptr;
  std::optional<std::int32_t> maximum_response_size;  // bytes
  // No Time Stamp and no Client Correlation Value: servers refuse requests for either, none needs them.
};

// write_request appends the message for `questions` to `out`. With one question neither Batch Order Option
// nor Unique Batch Item ID is sent; with several, every item has an id and the option is Continue, so that
// one refusal does not hide the other answers. Errors: unsupported, naming the field that this protocol
// version does not have, or the operation; invalid_input when the message is larger than servers accept.
Result<void> write_request(SecretBuffer& out, std::span<const Question> questions,
                           const RequestOptions& options);

// Answers are the payloads of a response, one for each question, in order. A refusal is an error of kind
// refused (not_found for an object the server does not have) with the server's words.
using Answers = std::vector<Result<Raw>>;

// read_answers decodes a response leniently. It accepts items without Operation or id (then by position) and
// fewer items than asked (the rest are errors); it refuses, with kind corrupt, more items than were asked,
// another operation, an id that was not asked or was answered before. Payloads are views into `message`.
Result<Answers> read_answers(Bytes message, std::span<const Question> questions, const Settings& settings,
                             Forgiven* forgiven = nullptr);

// to_error is what a failed batch item says. `what` names the operation: "Encrypt".
Error to_error(const ResponseBatchItem& item, std::string_view what);

// is_pending tells the error of an operation that the server has taken on and not finished from the others.
bool is_pending(const Error& error);

// first_version is the first version that has the operation; the table of the specification decides.
Version first_version(Operation operation);

// answers_about_its_object is false for operations whose answer names the object that they made.
constexpr bool answers_about_its_object(Operation operation) {
  switch (operation) {
    case Operation::ReKey:
    case Operation::ReCertify:
    case Operation::Certify:
    case Operation::DeriveKey:
    case Operation::CreateSplitKey:
    case Operation::JoinSplitKey: return false;
    default: return true;
  }
}

// is_safe_to_repeat is true for operations that change nothing when they stand by themselves, so that asking
// twice is the same as asking once.
constexpr bool is_safe_to_repeat(Operation operation) {
  switch (operation) {
    case Operation::DiscoverVersions:
    case Operation::Query:
    case Operation::Locate:
    case Operation::Get:
    case Operation::GetAttributes:
    case Operation::GetAttributeList:
    case Operation::Encrypt:
    case Operation::Decrypt:
    case Operation::SignatureVerify:
    case Operation::MAC:
    case Operation::MACVerify:
    case Operation::Hash:
    case Operation::Check:
    case Operation::Validate:
    case Operation::Export:
    case Operation::GetConstraints:
    case Operation::QueryAsynchronousRequests:
    case Operation::Ping: return true;
    default: return false;
  }
}

// The same for one request: a part of a stream (Init Indicator, Correlation Value, Final Indicator; 1.4
// §4.29) moves the server's state on, whatever its operation.
bool is_safe_to_repeat(const Question& question);

}  // namespace keyway::kmip
