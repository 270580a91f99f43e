#include <algorithm>
#include <array>
#include <limits>

#include <core/hex.h>
#include <kmip/ttlv/codec.h>
#include <kmip/wire/exchange.h>

namespace keyway::kmip {

namespace {

// The id of the n-th item is its number in four bytes: short, unique, and easy to find in a trace.
std::array<std::byte, 4> id_of(std::size_t n) {
  std::array<std::byte, 4> id{};
  store32(id.data(), static_cast<std::uint32_t>(n + 1));
  return id;
}

bool write_authentication(RequestHeader& header, const Login& login, SecretBuffer& scratch, Version version) {
  const UsernameAndPassword value{login.username, login.password.reveal_text()};
  if (!encode(scratch, Tag::CredentialValue, value, version)) return false;
  const Raw raw{Tag::CredentialValue, Type::Structure, scratch.view().subspan(item_header_size), 0};
  header.authentication.emplace().credentials.push_back({CredentialType::UsernameAndPassword, raw});
  return true;
}

Result<void> cannot_write(const CodecError& error, Operation operation, Version version) {
  if (error.code == Errc::not_in_version)
    return fail(ErrorKind::unsupported, "{}: {} cannot be sent in KMIP {}", spec_name(operation),
                name(error.tag), name(version));
  return fail(ErrorKind::invalid_input, "{}: the request cannot be written: {}", spec_name(operation),
              describe(error));
}

std::string_view advice_for(ResultReason reason) {
  switch (reason) {
    case ResultReason::PermissionDenied:
      return "the key may not be active, lack the usage, or belong to another client";
    case ResultReason::WrongKeyLifecycleState:
      return "the State of the key does not allow this: a new key has to be activated, an active one revoked "
             "before it is destroyed";
    case ResultReason::IncompatibleCryptographicUsageMask: return "the key's usage mask does not allow this";
    case ResultReason::AuthenticationNotSuccessful:
      return "check the client certificate and the user name and password";
    case ResultReason::ItemNotFound:
    case ResultReason::ObjectNotFound:
      return "check the identifier; an object of another group or domain is invisible to this certificate";
    default: return {};
  }
}

ErrorKind kind_of(ResultReason reason) {
  switch (reason) {
    case ResultReason::ItemNotFound:
    case ResultReason::ObjectNotFound: return ErrorKind::not_found;
    default: return ErrorKind::refused;
  }
}

// The server goes on by itself: its correlation value is what Poll and Cancel want.
Error pending(const ResponseBatchItem& item, Operation asked) {
  Error error;
  error.kind = ErrorKind::unsupported;
  error.what = fmt::format("{}: the server answers asynchronously and is not done yet", spec_name(asked));
  if (item.asynchronous_correlation_value)
    error.advice = fmt::format("poll for the answer with correlation value {}",
                               to_hex(*item.asynchronous_correlation_value));
  error.refusal = Refusal{static_cast<std::uint32_t>(item.result_status), 0, {}, {}};
  return error;
}

Result<Raw> payload_of(const ResponseBatchItem& item, Operation asked) {
  if (item.result_status == ResultStatus::OperationPending) return std::unexpected(pending(item, asked));
  if (item.result_status != ResultStatus::Success) return std::unexpected(to_error(item, spec_name(asked)));
  // An operation with nothing to return may leave its payload out.
  return item.payload.value_or(Raw{Tag::ResponsePayload, Type::Structure, {}, 0});
}

// Which question an item answers: by id when the request had ids and the answer has one, else by position.
Result<std::size_t> place_of(const ResponseBatchItem& item, std::size_t position, std::size_t questions) {
  if (questions < 2 || !item.unique_batch_item_id) return position;
  for (std::size_t n = 0; n < questions; ++n)
    if (equal_in_constant_time(*item.unique_batch_item_id, id_of(n))) return n;
  return fail(ErrorKind::corrupt, "item {} of the server's answer has a batch item id that was not sent",
              position + 1);
}

Result<void> write_item(Encoder& encoder, const Question& asked, std::optional<Bytes> id) {
  const Version version = encoder.version();
  if (version < first_version(asked.operation))
    return fail(ErrorKind::unsupported, "{} exists from KMIP {} on; this connection uses {}",
                spec_name(asked.operation), name(first_version(asked.operation)), name(version));
  Writer& writer = encoder.writer();
  const auto item = writer.structure(Tag::BatchItem);
  writer.enumeration(Tag::Operation, static_cast<std::uint32_t>(asked.operation));
  if (id) writer.bytes(Tag::UniqueBatchItemID, *id);
  if (!encoder.structure(*asked.shape, Tag::RequestPayload, asked.payload))
    return cannot_write(encoder.error(), asked.operation, version);
  return {};
}

// Writes the message, or a part of it before an error.
Result<void> write_message(SecretBuffer& out, std::span<const Question> questions,
                           const RequestOptions& options) {
  const Version version = options.version;
  RequestHeader header;
  header.protocol_version = version;
  header.maximum_response_size = options.maximum_response_size;
  header.batch_count = static_cast<std::int32_t>(questions.size());
  if (questions.size() > 1) header.batch_error_continuation_option = BatchErrorContinuationOption::Continue;
  SecretBuffer credential;
  if (options.login && !write_authentication(header, *options.login, credential, version))
    return fail(ErrorKind::internal, "the user name and password cannot be written");

  Encoder encoder(out, version);
  const auto message = encoder.writer().structure(Tag::RequestMessage);
  if (!encoder.structure(Described<RequestHeader>::shape, Tag::RequestHeader, &header))
    return cannot_write(encoder.error(), questions.front().operation, version);
  for (std::size_t n = 0; n < questions.size(); ++n) {
    const auto id = id_of(n);
    auto written =
        write_item(encoder, questions[n], questions.size() > 1 ? std::optional<Bytes>(id) : std::nullopt);
    if (!written) return written;
  }
  return {};
}

}  // namespace

Result<void> write_request(SecretBuffer& out, std::span<const Question> questions,
                           const RequestOptions& options) {
  if (questions.empty()) return fail(ErrorKind::invalid_input, "a request needs at least one operation");
  const std::size_t start = out.size();
  auto written = write_message(out, questions, options);
  if (const std::size_t size = out.size() - start; written && size > largest_request)
    written = fail(ErrorKind::invalid_input, "the request is {} bytes long; servers take at most {}", size,
                   largest_request);
  if (!written) out.resize(start);  // what a half-written message holds is wiped
  return written;
}

Result<Answers> read_answers(Bytes message, std::span<const Question> questions, const Settings& settings,
                             Forgiven* forgiven) {
  Settings lenient = settings;
  lenient.mode = Mode::lenient;
  const auto response = decode_message<ResponseMessage>(message, Tag::ResponseMessage, lenient, forgiven);
  if (!response) return std::unexpected(to_error(response.error(), "the server's answer"));
  const auto& items = response->items;
  if (items.empty()) return fail(ErrorKind::corrupt, "the server's answer holds no batch item");
  if (items.size() > questions.size())
    return fail(ErrorKind::corrupt, "the server's answer holds {} batch items where {} were asked",
                items.size(), questions.size());

  // A request that the server could not read as a whole gets one item without Operation (KMIP 1.4 §11.1).
  const bool all_refused = items.size() == 1 && !items[0].operation && !items[0].unique_batch_item_id &&
                           items[0].result_status == ResultStatus::OperationFailed;
  Answers answers;
  answers.reserve(questions.size());
  for (const Question& asked : questions) {
    if (all_refused)
      answers.emplace_back(std::unexpected(to_error(items[0], spec_name(asked.operation))));
    else
      answers.emplace_back(fail(ErrorKind::refused, "{}: the server did not answer this item of the batch",
                                spec_name(asked.operation)));
  }
  if (all_refused) return answers;

  std::vector<bool> answered(questions.size(), false);
  for (std::size_t n = 0; n < items.size(); ++n) {
    const ResponseBatchItem& item = items[n];
    const auto place = place_of(item, n, questions.size());
    if (!place) return std::unexpected(place.error());
    if (answered[*place])
      return fail(ErrorKind::corrupt, "the server answered item {} of the batch twice", *place + 1);
    answered[*place] = true;
    const Operation asked = questions[*place].operation;
    // The answer to a Poll is that of the operation it asks after.
    if (item.operation && *item.operation != asked && asked != Operation::Poll)
      return fail(ErrorKind::corrupt, "the server answered {} where {} was asked", name(*item.operation),
                  name(asked));
    answers[*place] = payload_of(item, asked);
  }
  return answers;
}

bool is_safe_to_repeat(const Question& question) {
  const bool in_a_stream = std::ranges::any_of(question.shape->rows, [&](const Row& row) {
    const bool moves_on =
        row.tag == Tag::InitIndicator || row.tag == Tag::CorrelationValue || row.tag == Tag::FinalIndicator;
    return moves_on && row.at(question.payload, 0) != nullptr;
  });
  return is_safe_to_repeat(question.operation) && !in_a_stream;
}

bool is_pending(const Error& error) {
  return error.refusal && error.refusal->status == static_cast<std::uint32_t>(ResultStatus::OperationPending);
}

Error to_error(const ResponseBatchItem& item, std::string_view what) {
  const auto reason = item.result_reason.value_or(ResultReason{});
  const std::string reason_name = item.result_reason ? spec_name(reason) : "no reason given";
  const std::string message = printable(item.result_message.value_or(Text{}));
  Error error;
  error.kind = kind_of(reason);
  error.what = fmt::format("{}: the server answered {}, {}{}{}", what, spec_name(item.result_status),
                           reason_name, message.empty() ? "" : ": ", message);
  error.advice = advice_for(reason);
  error.refusal = Refusal{static_cast<std::uint32_t>(item.result_status), static_cast<std::uint32_t>(reason),
                          item.result_reason ? reason_name : std::string(), message};
  return error;
}

Version first_version(Operation operation) {
  const ValueInfo* info = find(Enumeration::Operation, static_cast<std::uint32_t>(operation));
  return info ? info->versions.first : oldest_version;
}

}  // namespace keyway::kmip
