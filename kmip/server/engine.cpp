#include <algorithm>
#include <mutex>

#include <kmip/model/message.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

// An answer to one batch item, or to a whole message that was refused (without an operation).
struct Answer {
  std::optional<Operation> operation;
  std::optional<Bytes> batch_id;
  std::optional<Refused> refused;
  std::string note;      // for the observer
  SecretBuffer payload;  // an encoded Response Payload; empty when refused
};

// What a response takes besides its payloads, in bytes.
constexpr std::size_t header_size = 96;
// A longer answer than any operation that changes something gives.
constexpr std::size_t room_for_change = 256;

std::size_t size_of(const Answer& answer) {
  std::size_t size = 3 * 16 + item_header_size + answer.payload.size();
  if (answer.batch_id) size += item_header_size + padded(answer.batch_id->size());
  if (answer.refused) size += item_header_size + padded(answer.refused->message.size());
  return size;
}

// peek_version reads the version in the header before anything else is known to be right.
std::optional<ProtocolNumber> peek_version(Bytes message) {
  CodecError error;
  Raw item;
  Reader reader(message);
  for (const Tag tag : {Tag::RequestMessage, Tag::RequestHeader, Tag::ProtocolVersion}) {
    if (!reader.next(item, error) || item.tag != tag || item.type != Type::Structure) return std::nullopt;
    reader = structure_content(item);
  }
  const auto version = decode_item<ProtocolVersion>(item, Settings{newest_version, Mode::lenient, {}});
  return version ? std::optional(version->number()) : std::nullopt;
}

bool is_spoken(const EngineSettings& settings, std::optional<Version> version) {
  return version && settings.oldest <= *version && *version <= settings.newest;
}

// answer_version is the newest version the server has that is not above the one asked for: what the client
// is likeliest to read. A message of unknown version is answered at the oldest, whose form all share.
Version answer_version(const EngineSettings& settings, const std::optional<ProtocolNumber>& asked) {
  Version best = settings.oldest;
  for (auto i = static_cast<int>(settings.oldest); asked && i <= static_cast<int>(settings.newest); ++i)
    if (const auto version = static_cast<Version>(i); number_of(version) <= *asked) best = version;
  return best;
}

bool credential_fits(const Credential& credential, const EngineSettings& settings, Version version) {
  if (credential.type != CredentialType::UsernameAndPassword) return false;
  const auto given = decode_item<UsernameAndPassword>(credential.value, Settings{version, Mode::strict, {}});
  if (!given) return false;
  // Both are compared always, so that the time does not tell which of them was wrong.
  const bool name = equal_in_constant_time(bytes_of(given->username), bytes_of(settings.username));
  const bool password =
      equal_in_constant_time(bytes_of(given->password.value_or(Text())), settings.password.reveal());
  return name & password;
}

Outcome<> check_authentication(const RequestHeader& header, const EngineSettings& settings, Version version) {
  if (settings.username.empty()) return {};
  if (header.authentication)
    for (const Credential& credential : header.authentication->credentials)
      if (credential_fits(credential, settings, version)) return {};
  return refuse(reason::not_authenticated, "this server wants a user name and a password, and not these");
}

Outcome<> check_header(const RequestHeader& header, std::size_t items, const EngineSettings& settings) {
  if (header.batch_count < 0 || static_cast<std::size_t>(header.batch_count) != items)
    return refuse(reason::invalid_message, "Batch Count is {}, the message has {} items", header.batch_count,
                  items);
  if (header.asynchronous_indicator == AsynchronousIndicator::Mandatory)
    return refuse(reason::unsupported_feature,
                  "this server answers at once only: Asynchronous Indicator "
                  "cannot be Mandatory");
  if (header.maximum_response_size.value_or(1) <= 0)
    return refuse(reason::invalid_field, "Maximum Response Size must be above 0");
  const auto option = header.batch_error_continuation_option.value_or(BatchErrorContinuationOption::Stop);
  if (option != BatchErrorContinuationOption::Stop && option != BatchErrorContinuationOption::Continue)
    return refuse(reason::unsupported_feature, "Batch Error Continuation Option {} is not supported",
                  spec_name(option));
  const std::uint32_t most = settings.quirks.max_batch_items;
  if (most != 0 && items > most)
    return refuse(reason::limit_exceeded, "the batch has {} items; this server takes {}", items, most);
  return {};
}

Outcome<> check_items(const RequestMessage& request) {
  for (const RequestBatchItem& item : request.items) {
    if (request.items.size() > 1 && !item.unique_batch_item_id)
      return refuse(reason::invalid_message, "in a batch every item needs a Unique Batch Item ID");
    for (const MessageExtension& extension : item.message_extensions)
      if (extension.criticality_indicator)
        return refuse(reason::unknown_extension, "a critical Message Extension is not known");
  }
  return {};
}

// Outside a batch order there is no telling what "the last identifier" is; 2.x orders batches by default.
bool placeholder_allowed(const RequestHeader& header, Version version) {
  if (version >= Version::V2_0) return header.batch_order_option.value_or(true);
  return header.batch_order_option.value_or(false) &&
         header.batch_error_continuation_option != BatchErrorContinuationOption::Continue;
}

// An item of a tag from the range for extensions, at the end of an encoded structure.
void add_unknown_field(SecretBuffer& payload) {
  Writer(payload).text(static_cast<Tag>(0x54f0f0), "not in any table");
  store32(payload.data() + 4, static_cast<std::uint32_t>(payload.size() - item_header_size));
}

Raw raw_of(const SecretBuffer& item) {
  return {Tag::ResponsePayload, Type::Structure, item.view().subspan(item_header_size)};
}

}  // namespace

struct Engine::Impl {
  explicit Impl(EngineSettings s) : settings(std::move(s)) {}

  SecretBuffer handle(Bytes message, Text client);
  SecretBuffer refuse_all(Version version, Refused refused, Text client);
  void run_batch(const RequestMessage& request, Version version, std::vector<Answer>& answers);
  Answer run_item(const RequestBatchItem& item, Batch& batch, Version version, std::size_t room);
  SecretBuffer respond(Version version, const std::vector<Answer>& answers, Text client);
  void observe(const Answer& answer, Version version, Text client) const;
  ResponseBatchItem item_of(const Answer& answer, Version version) const;
  DateTime now() const { return {settings.clock->now().time_since_epoch().count()}; }

  EngineSettings settings;
  ObjectStore store;
  std::mutex mutex;
};

SecretBuffer Engine::Impl::handle(Bytes message, Text client) {
  const auto number = peek_version(message);
  const Version version = answer_version(settings, number);
  if (number && !is_spoken(settings, version_of(*number)))
    return refuse_all(version,
                      {reason::unsupported_version,
                       fmt::format("protocol version {} is not supported: this server speaks {} to {}",
                                   to_string(*number), name(settings.oldest), name(settings.newest))},
                      client);
  const auto request =
      decode_message<RequestMessage>(message, Tag::RequestMessage, {version, Mode::strict, settings.limits});
  if (!request) return refuse_all(version, unreadable(request.error(), "the request"), client);

  Outcome<> good = check_header(request->header, request->items.size(), settings);
  if (good) good = check_authentication(request->header, settings, version);
  if (good) good = check_items(*request);
  if (!good) return refuse_all(version, std::move(good.error()), client);

  std::vector<Answer> answers;
  run_batch(*request, version, answers);
  return respond(version, answers, client);
}

SecretBuffer Engine::Impl::refuse_all(Version version, Refused refused, Text client) {
  std::vector<Answer> answers(1);
  answers.front().refused = std::move(refused);
  return respond(version, answers, client);
}

void Engine::Impl::run_batch(const RequestMessage& request, Version version, std::vector<Answer>& answers) {
  const RequestHeader& header = request.header;
  const bool stops = header.batch_error_continuation_option != BatchErrorContinuationOption::Continue;
  std::size_t room = settings.largest_response;
  if (header.maximum_response_size)
    room = std::min(room, static_cast<std::size_t>(*header.maximum_response_size));
  room -= std::min(room, header_size);

  Batch batch;
  batch.placeholder_allowed = placeholder_allowed(header, version);
  for (const RequestBatchItem& item : request.items) {
    answers.push_back(run_item(item, batch, version, room));
    room -= std::min(room, size_of(answers.back()));
    if (answers.back().refused && stops) return;
  }
}

Answer Engine::Impl::run_item(const RequestBatchItem& item, Batch& batch, Version version, std::size_t room) {
  Answer answer;
  answer.operation = item.operation;
  answer.batch_id = item.unique_batch_item_id;
  const auto refused = [&answer](Reason reason, std::string message) {
    answer.payload.clear();
    answer.refused = Refused{reason, std::move(message)};
    return std::move(answer);
  };
  const Reason too_large = reason::response_too_large;

  const OperationEntry* entry = find_operation(item.operation, version, settings.quirks);
  if (!entry)
    return refused(reason::unsupported_operation,
                   fmt::format("{} is not supported at KMIP {}", spec_name(item.operation), name(version)));
  if (item.ephemeral.value_or(false))
    return refused(reason::unsupported_feature, "Ephemeral is not supported");
  // What changes an object has a small answer: it must be sure to fit before anything is changed.
  if (entry->changes && room < room_for_change + size_of(answer))
    return refused(too_large, "the answer might not fit: nothing was changed");

  Call call(settings, store, batch, item.operation, version, now(), room - std::min(room, size_of(answer)));
  auto outcome = entry->run(call, item.payload);
  if (!outcome) return refused(outcome.error().reason, std::move(outcome.error().message));
  answer.payload = std::move(call.payload());
  answer.note = call.note();
  if (settings.quirks.extra_unknown_field) add_unknown_field(answer.payload);
  if (size_of(answer) > room)
    return refused(too_large, fmt::format("the answer of {} bytes does not fit", size_of(answer)));
  return answer;
}

ResponseBatchItem Engine::Impl::item_of(const Answer& answer, Version version) const {
  const Quirks& quirks = settings.quirks;
  ResponseBatchItem item;
  if (!quirks.omit_operation_in_response) item.operation = answer.operation;
  if (quirks.answer_other_operation && item.operation)
    item.operation = *item.operation == Operation::Query ? Operation::Locate : Operation::Query;
  if (!quirks.omit_batch_id) item.unique_batch_item_id = answer.batch_id;
  if (answer.refused) {
    item.result_status = ResultStatus::OperationFailed;
    item.result_reason = answer.refused->reason.of(version);
    item.result_message = answer.refused->message;
  } else {
    item.payload = raw_of(answer.payload);
  }
  return item;
}

SecretBuffer Engine::Impl::respond(Version version, const std::vector<Answer>& answers, Text client) {
  ResponseMessage response;
  response.header.protocol_version = version;
  response.header.time_stamp = now();
  for (const Answer& answer : answers) {
    response.items.push_back(item_of(answer, version));
    observe(answer, version, client);
  }
  if (settings.quirks.too_many_items) response.items.push_back(item_of(answers.back(), version));
  response.header.batch_count = static_cast<std::int32_t>(response.items.size());
  SecretBuffer out;
  // It cannot fail: every field above exists in every version, and the payloads are encoded already.
  (void)encode(out, Tag::ResponseMessage, response, version);
  return out;
}

void Engine::Impl::observe(const Answer& answer, Version version, Text client) const {
  if (!settings.observer) return;
  Event event{client, version, answer.operation, {}, answer.note};
  if (answer.refused) {
    event.reason = answer.refused->reason.of(version);
    event.message = answer.refused->message;
  }
  settings.observer(event);
}

Engine::Engine(EngineSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
Engine::~Engine() = default;

const Limits& Engine::limits() const { return impl_->settings.limits; }

SecretBuffer Engine::handle(Bytes request, Text client) noexcept {
  try {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->handle(request, client);
  } catch (...) {
    return {};
  }
}

SecretBuffer Engine::refuse_unreadable(Text why, Text client) noexcept {
  try {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->refuse_all(impl_->settings.oldest, {reason::invalid_message, std::string(why)}, client);
  } catch (...) {
    return {};
  }
}

}  // namespace keyway::kmip::server
