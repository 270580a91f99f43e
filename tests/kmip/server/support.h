// A server engine in a laboratory: requests are built from the model's types, answers decoded strictly.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include <kmip/model/message.h>
#include <kmip/server/operations.h>

namespace keyway::kmip {

// So that a failed check shows names.
template <class E>
  requires(enumeration_of<E> != Enumeration::none)
std::ostream& operator<<(std::ostream& out, E value) {
  return out << name(value);
}
inline std::ostream& operator<<(std::ostream& out, Version version) { return out << name(version); }

}  // namespace keyway::kmip

namespace keyway::kmip::server::test {

using enum Version;
inline constexpr Version every_version[] = {V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1};

// TestClock stands still until a test moves it.
struct TestClock final : Clock {
  std::chrono::sys_seconds time{std::chrono::seconds(1'700'000'000)};
  std::chrono::sys_seconds now() const override { return time; }
  void pass(std::chrono::seconds some) { time += some; }
};

// Reply owns the response and what was decoded of it.
struct Reply {
  SecretBuffer bytes;
  ResponseMessage message;

  const ResponseBatchItem& item(std::size_t i = 0) const { return message.items.at(i); }
  bool succeeded(std::size_t i = 0) const { return item(i).result_status == ResultStatus::Success; }
  // The reason of a refusal; none when the item succeeded.
  std::optional<ResultReason> reason(std::size_t i = 0) const { return item(i).result_reason; }
  std::string text(std::size_t i = 0) const { return std::string(item(i).result_message.value_or("")); }

  template <Structured T>
  T payload(Version version, std::size_t i = 0) const {
    INFO(text(i));
    REQUIRE(succeeded(i));
    REQUIRE(item(i).payload);
    auto decoded = decode_item<T>(*item(i).payload, Settings{version, Mode::strict, {}});
    REQUIRE_MESSAGE(decoded, (decoded ? std::string() : describe(decoded.error())));
    return std::move(*decoded);
  }
};

// read decodes a response message, which must be one.
inline Reply read(SecretBuffer bytes, Version version) {
  Reply reply{std::move(bytes), {}};
  auto decoded = decode_message<ResponseMessage>(reply.bytes.view(), Tag::ResponseMessage,
                                                 Settings{version, Mode::strict, {}});
  REQUIRE_MESSAGE(decoded, (decoded ? std::string() : describe(decoded.error())));
  reply.message = std::move(*decoded);
  CHECK(reply.message.header.protocol_version.number() == number_of(version));
  CHECK(reply.message.header.time_stamp.has_value());
  REQUIRE_FALSE(reply.message.items.empty());
  CHECK(static_cast<std::size_t>(reply.message.header.batch_count) == reply.message.items.size());
  return reply;
}

// Message collects requests into one message.
class Message {
 public:
  explicit Message(Version version) : version_(version) { header.protocol_version = version; }

  RequestHeader header;

  template <OperationRequest R>
  Message& add(const R& request, Text id = {}) {
    SecretBuffer& payload = *payloads_.emplace_back(std::make_unique<SecretBuffer>());
    const auto encoded = encode(payload, Tag::RequestPayload, request, version_);
    REQUIRE_MESSAGE(encoded, (encoded ? std::string() : describe(encoded.error())));
    RequestBatchItem& item = items_.emplace_back();
    item.operation = R::operation;
    if (!id.empty()) item.unique_batch_item_id = bytes_of(id);
    item.payload = {Tag::RequestPayload, Type::Structure, payload.view().subspan(item_header_size)};
    header.batch_count = static_cast<std::int32_t>(items_.size());
    return *this;
  }
  RequestBatchItem& last() { return items_.back(); }

  SecretBuffer bytes() {
    RequestMessage message{header, std::move(items_)};
    SecretBuffer out;
    const auto encoded = encode(out, Tag::RequestMessage, message, version_);
    REQUIRE_MESSAGE(encoded, (encoded ? std::string() : describe(encoded.error())));
    items_ = std::move(message.items);
    return out;
  }
  Version version() const { return version_; }

 private:
  Version version_;
  std::vector<std::unique_ptr<SecretBuffer>> payloads_;
  std::vector<RequestBatchItem> items_;
};

class Lab {
 public:
  explicit Lab(Quirks quirks = {}) : Lab(with(quirks)) {}
  explicit Lab(EngineSettings settings)
      : engine_([&] {
          settings.clock = &clock;
          return std::make_unique<Engine>(std::move(settings));
        }()) {}

  static EngineSettings with(Quirks quirks) {
    EngineSettings settings;
    settings.quirks = quirks;
    return settings;
  }

  TestClock clock;
  Engine& engine() { return *engine_; }

  Reply send(Message& message) {
    return read(engine_->handle(message.bytes().view(), "test"), message.version());
  }

  template <OperationRequest R>
  Reply ask(const R& request, Version version) {
    Message message(version);
    message.add(request);
    Reply reply = send(message);
    CHECK(reply.message.items.size() == 1);
    return reply;
  }
  // answer is the payload of a request that must succeed. Views in it live until the next answer.
  template <OperationRequest R>
  typename R::Response answer(const R& request, Version version) {
    last_ = ask(request, version);
    return last_.payload<typename R::Response>(version);
  }

  std::string create(Version version, Attributes attributes) {
    CreateRequest request;
    request.attributes = std::move(attributes);
    return std::string(answer(request, version).unique_identifier);
  }
  // active_key is an AES-256 key that may encrypt and decrypt, and its identifier.
  std::string active_key(Version version, Text name = {});

  State state(const std::string& id, Version version) {
    GetAttributesRequest request;
    request.unique_identifier = id;
    const auto state = answer(request, version).attributes.get<State>(Tag::State);
    REQUIRE(state);
    return *state;
  }
  void revoke(const std::string& id, RevocationReasonCode code, Version version) {
    answer(RevokeRequest{Identifier(id), {code, {}}, {}}, version);
  }

 private:
  std::unique_ptr<Engine> engine_;
  Reply last_;
};

// aes is the attributes of an AES key.
inline Attributes aes(std::int32_t bits = 256, Text name = {},
                      CryptographicUsageMask usage = CryptographicUsageMask::Encrypt |
                                                     CryptographicUsageMask::Decrypt) {
  Attributes attributes;
  attributes.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::AES);
  attributes.add(Tag::CryptographicLength, bits);
  attributes.add(Tag::CryptographicUsageMask, usage);
  if (!name.empty()) attributes.add(Tag::Name, Name{name});
  return attributes;
}

inline std::string Lab::active_key(Version version, Text name) {
  std::string id = create(version, aes(256, name));
  answer(ActivateRequest{Identifier(id)}, version);
  return id;
}

// by_version picks the reason of the generation.
inline ResultReason by_version(Version version, ResultReason in_1x, ResultReason in_2x) {
  return version < V2_0 ? in_1x : in_2x;
}

}  // namespace keyway::kmip::server::test
