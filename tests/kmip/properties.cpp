#include <algorithm>

#include <tests/kmip/operations.h>
#include <tests/kmip/properties.h>

namespace keyway::test {

using namespace kmip;

namespace {

bool same(Bytes a, Bytes b) { return std::ranges::equal(a, b); }

// The item's bytes in the message: header, value and padding.
Bytes whole(Bytes message, const Raw& item) {
  return message.subspan(item.offset, item_header_size + padded(item.value.size()));
}

class Check {
 public:
  Check(Bytes message, const Settings& settings, Payloads payloads)
      : message_(message), settings_(settings), payloads_(payloads) {}

  // Each says what is broken; empty when nothing is.
  const std::string& request() {
    const auto decoded = decode_message<RequestMessage>(message_, Tag::RequestMessage, settings_);
    if (!decoded) {
      error(decoded.error(), "the message");
      return broken_;
    }
    encodes(Tag::RequestMessage, *decoded, message_, "the message");
    if (decoded->header.authentication) {
      for (const Credential& credential : decoded->header.authentication->credentials)
        if (credential.type == CredentialType::UsernameAndPassword || payloads_ == Payloads::every)
          item<UsernameAndPassword>(credential.value, "a credential");
    }
    for (const RequestBatchItem& batch_item : decoded->items)
      payload<false>(batch_item.operation, batch_item.payload);
    return broken_;
  }

  const std::string& response() {
    const auto decoded = decode_message<ResponseMessage>(message_, Tag::ResponseMessage, settings_);
    if (!decoded) {
      error(decoded.error(), "the message");
      return broken_;
    }
    encodes(Tag::ResponseMessage, *decoded, message_, "the message");
    for (const ResponseBatchItem& batch_item : decoded->items)
      if (batch_item.payload) payload<true>(batch_item.operation.value_or(Operation{}), *batch_item.payload);
    return broken_;
  }

 private:
  template <bool Response>
  void payload(Operation operation, const Raw& raw) {
    Operations::each([&]<class Request>() {
      if (Request::operation != operation && payloads_ == Payloads::own) return;
      if constexpr (Response)
        item<typename Request::Response>(raw, "a payload");
      else
        item<Request>(raw, "a payload");
    });
  }

  template <class T>
  void item(const Raw& raw, std::string_view what) {
    const auto decoded = decode_item<T>(raw, settings_);
    if (!decoded)
      error(decoded.error(), what);
    else
      encodes(raw.tag, *decoded, whole(message_, raw), what);
  }

  template <class T>
  void encodes(Tag tag, const T& value, Bytes original, std::string_view what) {
    for (auto v = oldest_version; v <= newest_version; v = static_cast<Version>(static_cast<int>(v) + 1)) {
      if (v != settings_.version && payloads_ == Payloads::own) continue;
      SecretBuffer out;
      const auto done = encode(out, tag, value, v);
      if (!done && !out.empty()) note(what, "failed to encode and left bytes behind");
      if (!done && describe(done.error()).empty()) note(what, "failed to encode without a reason");
      if (settings_.mode != Mode::strict || v != settings_.version) continue;
      if (!done)
        note(what, "is taken by strict decoding and refused by encoding: " + describe(done.error()));
      else if (!same(out.view(), original))
        note(what, "is taken by strict decoding and encodes to other bytes");
    }
  }

  void error(const CodecError& error, std::string_view what) {
    if (error.offset > message_.size()) note(what, "has an error outside the input: " + describe(error));
    if (describe(error).empty()) note(what, "has an error without a description");
  }

  void note(std::string_view what, const std::string& property) {
    if (broken_.empty()) broken_ = std::string(what) + " " + property;
  }

  Bytes message_;
  const Settings& settings_;
  Payloads payloads_;
  std::string broken_;
};

}  // namespace

std::string violation(Bytes message, bool response, const Settings& settings, Payloads payloads) {
  Check check(message, settings, payloads);
  return response ? check.response() : check.request();
}

}  // namespace keyway::test
