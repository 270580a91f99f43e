#include <tests/kmip/wire/response.h>

namespace keyway::kmip::test {

namespace {

void write(Writer& writer, const Item& item) {
  const auto batch_item = writer.structure(Tag::BatchItem);
  if (item.operation) writer.enumeration(Tag::Operation, static_cast<std::uint32_t>(*item.operation));
  if (item.id) writer.bytes(Tag::UniqueBatchItemID, to_big_endian(*item.id));
  writer.enumeration(Tag::ResultStatus, static_cast<std::uint32_t>(item.status));
  if (item.reason) writer.enumeration(Tag::ResultReason, static_cast<std::uint32_t>(*item.reason));
  if (!item.message.empty()) writer.text(Tag::ResultMessage, item.message);
  if (item.correlation_value) writer.bytes(Tag::AsynchronousCorrelationValue, *item.correlation_value);
  if (item.payload) writer.bytes(Tag::ResponsePayload, *item.payload, Type::Structure);
}

}  // namespace

Item success(Operation operation, OwnedBytes payload) {
  Item item;
  item.operation = operation;
  item.payload = std::move(payload);
  return item;
}

Item pending(Operation operation, OwnedBytes correlation_value) {
  Item item;
  item.operation = operation;
  item.status = ResultStatus::OperationPending;
  item.correlation_value = std::move(correlation_value);
  return item;
}

Item refusal(std::optional<Operation> operation, ResultReason reason, std::string message) {
  Item item;
  item.operation = operation;
  item.status = ResultStatus::OperationFailed;
  item.reason = reason;
  item.message = std::move(message);
  return item;
}

OwnedBytes response(std::vector<Item> items, Version version) {
  SecretBuffer out;
  Writer writer(out);
  {
    const auto message = writer.structure(Tag::ResponseMessage);
    {
      const auto header = writer.structure(Tag::ResponseHeader);
      {
        const auto protocol = writer.structure(Tag::ProtocolVersion);
        const ProtocolNumber number = number_of(version);
        writer.integer(Tag::ProtocolVersionMajor, number.major);
        writer.integer(Tag::ProtocolVersionMinor, number.minor);
      }
      writer.date_time(Tag::TimeStamp, {.seconds = 1'700'000'000});
      writer.integer(Tag::BatchCount, static_cast<std::int32_t>(items.size()));
    }
    for (const Item& item : items) write(writer, item);
  }
  return owned(out.view());
}

}  // namespace keyway::kmip::test
