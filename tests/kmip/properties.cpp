#include <algorithm>

#include <kmip/model/message.h>
#include <kmip/model/operations.h>
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
  Check(Bytes message, const Settings& settings, Payloads payloads, bool must_decode = false)
      : message_(message), settings_(settings), payloads_(payloads), must_decode_(must_decode) {}

  // Each says what is broken; empty when nothing is.
  const std::string& request() {
    const auto decoded = decode_message<RequestMessage>(message_, Tag::RequestMessage, settings_);
    if (!decoded) {
      error(decoded.error(), "the message");
      return broken_;
    }
    encodes(Tag::RequestMessage, Described<RequestMessage>::shape, &*decoded, message_, "the message");
    if (decoded->header.authentication)
      for (const Credential& credential : decoded->header.authentication->credentials)
        if (const PayloadInfo info = credential_value(credential.type); info.shape)
          item(info, credential.value, "a credential");
    for (const RequestBatchItem& batch_item : decoded->items)
      payload(false, batch_item.operation, batch_item.payload);
    return broken_;
  }

  const std::string& response() {
    const auto decoded = decode_message<ResponseMessage>(message_, Tag::ResponseMessage, settings_);
    if (!decoded) {
      error(decoded.error(), "the message");
      return broken_;
    }
    encodes(Tag::ResponseMessage, Described<ResponseMessage>::shape, &*decoded, message_, "the message");
    for (const ResponseBatchItem& batch_item : decoded->items)
      if (batch_item.payload) payload(true, batch_item.operation.value_or(Operation{}), *batch_item.payload);
    return broken_;
  }

  const std::string& alone(const Raw& raw, const PayloadInfo& info) {
    item(info, raw, "the payload");
    return broken_;
  }

 private:
  void payload(bool response, Operation operation, const Raw& raw) {
    if (must_decode_ && !find_operation(operation)) note(name(operation), "is not in the model");
    for (const OperationInfo& info : all_operations())
      if ((info.operation == operation || payloads_ == Payloads::every) && exists(info.operation))
        item(response ? info.response : info.request, raw, "a payload");
  }

  // The rows of an operation say nothing of the versions before it.
  bool exists(Operation operation) const {
    return find(Enumeration::Operation, static_cast<std::uint32_t>(operation))
        ->versions.holds(settings_.version);
  }

  void item(const PayloadInfo& info, const Raw& raw, std::string_view what) {
    const auto value = info.make();
    if (const auto decoded = decode_item(*info.shape, raw, value.get(), settings_); !decoded)
      return error(decoded.error(), what);
    encodes(raw.tag, *info.shape, value.get(), whole(message_, raw), what);
  }

  void encodes(Tag tag, const Shape& shape, const void* value, Bytes original, std::string_view what) {
    for (auto v = oldest_version; v <= newest_version; v = static_cast<Version>(static_cast<int>(v) + 1)) {
      if (v != settings_.version && payloads_ == Payloads::own) continue;
      SecretBuffer out;
      const auto done = encode(out, tag, shape, value, v);
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
    if (must_decode_) note(what, "is refused: " + describe(error));
    if (error.offset > message_.size()) note(what, "has an error outside the input: " + describe(error));
    if (describe(error).empty()) note(what, "has an error without a description");
  }

  void note(std::string_view what, const std::string& property) {
    if (broken_.empty()) broken_ = std::string(what) + " " + property;
  }

  Bytes message_;
  const Settings& settings_;
  Payloads payloads_;
  bool must_decode_;
  std::string broken_;
};

}  // namespace

std::string violation(Bytes message, bool response, const Settings& settings, Payloads payloads) {
  Check check(message, settings, payloads);
  return response ? check.response() : check.request();
}

std::string payload_violation(Bytes item, const PayloadInfo& info, const Settings& settings) {
  CodecError error;
  Raw raw;
  Reader reader(item);
  if (!reader.next(raw, error) || raw.type != Type::Structure) return {};
  return Check(item, settings, Payloads::every).alone(raw, info);
}

std::string nonconformity(Bytes message) {
  CodecError error;
  Raw outer;
  Reader reader(message);
  if (!reader.next(outer, error)) return describe(error);
  // The lenient reading of a header takes any version; that of a request is enough to find it in both.
  const bool response = outer.tag == Tag::ResponseMessage;
  std::optional<Version> version;
  for (Reader inside = structure_content(outer); !inside.done() && !version;) {
    Raw header;
    if (!inside.next(header, error)) return describe(error);
    Raw number;
    Reader fields = structure_content(header);
    if (!fields.next(number, error)) return describe(error);
    const auto decoded = decode_item<ProtocolVersion>(number, Settings{newest_version, Mode::lenient, {}});
    if (!decoded) return describe(decoded.error());
    version = version_of(decoded->number());
    if (!version) return "a protocol version that Keyway does not speak";
  }
  const Settings settings{version.value_or(newest_version), Mode::strict, {}};
  Check check(message, settings, Payloads::own, true);
  return response ? check.response() : check.request();
}

}  // namespace keyway::test
