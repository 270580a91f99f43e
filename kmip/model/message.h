// Request and response messages: headers and batch items (KMIP 1.4 §6, §7; 2.1 §8, §9).
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/common.h>
#include <kmip/model/credential.h>

namespace keyway::kmip {

struct RequestHeader {
  ProtocolVersion protocol_version;
  std::optional<std::int32_t> maximum_response_size;  // bytes
  std::optional<Text> client_correlation_value;
  std::optional<Text> server_correlation_value;
  std::optional<bool> asynchronous;                             // Asynchronous Indicator of 1.x
  std::optional<AsynchronousIndicator> asynchronous_indicator;  // of 2.x
  std::optional<bool> attestation_capable_indicator;
  std::vector<AttestationType> attestation_types;
  std::optional<Authentication> authentication;
  std::optional<BatchErrorContinuationOption> batch_error_continuation_option;
  std::optional<bool> batch_order_option;
  std::optional<DateTime> time_stamp;
  std::int32_t batch_count = 1;
};
template <>
struct Described<RequestHeader> {
  static const Shape shape;
};

struct RequestBatchItem {
  Operation operation{};
  std::optional<bool> ephemeral;
  std::optional<Bytes> unique_batch_item_id;
  Raw payload;  // decode_item<EncryptRequest>(payload, ...), by operation
  std::vector<MessageExtension> message_extensions;  // at most one in 1.x
};
template <>
struct Described<RequestBatchItem> {
  static const Shape shape;
};

struct RequestMessage {
  RequestHeader header;
  std::vector<RequestBatchItem> items;
};
template <>
struct Described<RequestMessage> {
  static const Shape shape;
};

struct ResponseHeader {
  ProtocolVersion protocol_version;
  std::optional<DateTime> time_stamp;  // required of a server, missed by some
  std::optional<Nonce> nonce;
  std::optional<Bytes> server_hashed_password;
  std::vector<AttestationType> attestation_types;
  std::optional<Text> client_correlation_value;
  std::optional<Text> server_correlation_value;
  std::int32_t batch_count = 1;
};
template <>
struct Described<ResponseHeader> {
  static const Shape shape;
};

struct ResponseBatchItem {
  std::optional<Operation> operation;  // left out when the server could not read the request
  std::optional<Bytes> unique_batch_item_id;
  ResultStatus result_status = ResultStatus::Success;
  std::optional<ResultReason> result_reason;
  std::optional<Text> result_message;
  std::optional<Bytes> asynchronous_correlation_value;
  std::optional<Raw> payload;
  std::optional<MessageExtension> message_extension;
};
template <>
struct Described<ResponseBatchItem> {
  static const Shape shape;
};

struct ResponseMessage {
  ResponseHeader header;
  std::vector<ResponseBatchItem> items;
};
template <>
struct Described<ResponseMessage> {
  static const Shape shape;
};

}  // namespace keyway::kmip
