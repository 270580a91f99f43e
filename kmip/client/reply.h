// A typed answer together with the memory it views.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <core/error.h>
#include <core/secret.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>
#include <kmip/wire/exchange.h>

namespace keyway::kmip {

// RawReply is the answer to one question, its payload not yet decoded.
struct RawReply {
  std::shared_ptr<const SecretBuffer> message;  // shared by the answers of one batch
  Raw payload;
  Settings settings;
};

// Reply owns an answer and the wiping memory its views point into. Movable, not copyable.
template <class T>
class Reply {
 public:
  Reply(std::shared_ptr<const SecretBuffer> message, T value)
      : message_(std::move(message)), value_(std::move(value)) {}

  const T& operator*() const& { return value_; }
  const T* operator->() const { return &value_; }
  // Views of a reply that is about to die would dangle.
  const T& operator*() const&& = delete;
  // take_secret moves a Secret out of the answer: reply.take(&DecryptResponse::data).
  template <class Member>
  Member take(Member T::* member) && {
    return std::move(value_.*member);
  }

 private:
  std::shared_ptr<const SecretBuffer> message_;
  T value_;
};

namespace detail {

// The object that a request names, and the one that an answer names; null when it names none.
inline const Text* asked_for(const Identifier& id) { return id.text(); }
inline const Text* asked_for(const std::optional<Identifier>& id) { return id ? id->text() : nullptr; }
inline const Text* answered_for(const Text& id) { return &id; }
inline const Text* answered_for(const std::optional<Text>& id) { return id ? &*id : nullptr; }

}  // namespace detail

// typed_reply decodes the payload as the response of `request`'s operation, and checks that it is about the
// object that was asked for.
template <OperationRequest R>
Result<Reply<typename R::Response>> typed_reply(const R& request, Result<RawReply> raw) {
  using Response = typename R::Response;
  if (!raw) return std::unexpected(std::move(raw.error()));
  auto value = decode_item<Response>(raw->payload, raw->settings);
  if (!value)
    return std::unexpected(
        to_error(value.error(), fmt::format("the server's answer to {}", spec_name(R::operation))));
  if constexpr (answers_about_its_object(R::operation) && requires {
                  detail::asked_for(request.unique_identifier);
                  detail::answered_for(value->unique_identifier);
                }) {
    const Text* asked = detail::asked_for(request.unique_identifier);
    const Text* answered = detail::answered_for(value->unique_identifier);
    if (asked && answered && *asked != *answered)
      return fail(ErrorKind::corrupt, "{}: the server answered for object '{}' where '{}' was asked",
                  spec_name(R::operation), printable(*answered, 128), printable(*asked, 128));
  }
  return Reply<Response>(std::move(raw->message), std::move(*value));
}

}  // namespace keyway::kmip
