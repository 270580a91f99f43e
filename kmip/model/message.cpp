#include <kmip/model/message.h>

namespace keyway::kmip {

using enum Version;

constexpr Row request_header_rows[] = {
    field<&RequestHeader::protocol_version>(Tag::ProtocolVersion),
    field<&RequestHeader::maximum_response_size>(Tag::MaximumResponseSize),
    field<&RequestHeader::client_correlation_value>(Tag::ClientCorrelationValue).from(V1_4),
    field<&RequestHeader::server_correlation_value>(Tag::ServerCorrelationValue).from(V1_4),
    field<&RequestHeader::asynchronous>(Tag::AsynchronousIndicator).until(V1_4),
    field<&RequestHeader::asynchronous_indicator>(Tag::AsynchronousIndicator).from(V2_0),
    field<&RequestHeader::attestation_capable_indicator>(Tag::AttestationCapableIndicator).from(V1_2),
    field<&RequestHeader::attestation_types>(Tag::AttestationType).from(V1_2),
    field<&RequestHeader::authentication>(Tag::Authentication),
    field<&RequestHeader::batch_error_continuation_option>(Tag::BatchErrorContinuationOption),
    field<&RequestHeader::batch_order_option>(Tag::BatchOrderOption),
    field<&RequestHeader::time_stamp>(Tag::TimeStamp),
    field<&RequestHeader::batch_count>(Tag::BatchCount),
};
static_assert(well_formed(request_header_rows));
constinit const Shape Described<RequestHeader>::shape{request_header_rows};

constexpr Row request_batch_item_rows[] = {
    field<&RequestBatchItem::operation>(Tag::Operation),
    field<&RequestBatchItem::ephemeral>(Tag::Ephemeral).from(V2_0),
    field<&RequestBatchItem::unique_batch_item_id>(Tag::UniqueBatchItemID),
    field<&RequestBatchItem::payload>(Tag::RequestPayload).of(Type::Structure),
    field<&RequestBatchItem::message_extensions>(Tag::MessageExtension).many_from(V2_0),
};
static_assert(well_formed(request_batch_item_rows));
constinit const Shape Described<RequestBatchItem>::shape{request_batch_item_rows};

constexpr Row request_message_rows[] = {
    field<&RequestMessage::header>(Tag::RequestHeader),
    field<&RequestMessage::items>(Tag::BatchItem).must(),
};
static_assert(well_formed(request_message_rows));
constinit const Shape Described<RequestMessage>::shape{request_message_rows};

constexpr Row response_header_rows[] = {
    field<&ResponseHeader::protocol_version>(Tag::ProtocolVersion),
    field<&ResponseHeader::time_stamp>(Tag::TimeStamp).must(),
    field<&ResponseHeader::nonce>(Tag::Nonce).from(V1_2),
    field<&ResponseHeader::server_hashed_password>(Tag::ServerHashedPassword).from(V2_0),
    field<&ResponseHeader::attestation_types>(Tag::AttestationType).from(V1_2),
    field<&ResponseHeader::client_correlation_value>(Tag::ClientCorrelationValue).from(V1_4),
    field<&ResponseHeader::server_correlation_value>(Tag::ServerCorrelationValue).from(V1_4),
    field<&ResponseHeader::batch_count>(Tag::BatchCount),
};
static_assert(well_formed(response_header_rows));
constinit const Shape Described<ResponseHeader>::shape{response_header_rows};

constexpr Row response_batch_item_rows[] = {
    field<&ResponseBatchItem::operation>(Tag::Operation),
    field<&ResponseBatchItem::unique_batch_item_id>(Tag::UniqueBatchItemID),
    field<&ResponseBatchItem::result_status>(Tag::ResultStatus),
    field<&ResponseBatchItem::result_reason>(Tag::ResultReason),
    field<&ResponseBatchItem::result_message>(Tag::ResultMessage),
    field<&ResponseBatchItem::asynchronous_correlation_value>(Tag::AsynchronousCorrelationValue),
    field<&ResponseBatchItem::payload>(Tag::ResponsePayload).of(Type::Structure),
    field<&ResponseBatchItem::message_extension>(Tag::MessageExtension),
};
static_assert(well_formed(response_batch_item_rows));
constinit const Shape Described<ResponseBatchItem>::shape{response_batch_item_rows};

constexpr Row response_message_rows[] = {
    field<&ResponseMessage::header>(Tag::ResponseHeader),
    field<&ResponseMessage::items>(Tag::BatchItem).must(),
};
static_assert(well_formed(response_message_rows));
constinit const Shape Described<ResponseMessage>::shape{response_message_rows};

}  // namespace keyway::kmip
