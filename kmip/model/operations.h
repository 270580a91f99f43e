// The operations as data, for those who handle any of them: what each payload looks like, and how to make
// one.
#pragma once

#include <memory>
#include <span>

#include <kmip/ttlv/shape.h>

namespace keyway::kmip {

struct PayloadInfo {
  const Shape* shape = nullptr;
  // make gives an empty payload of the right type, to decode into and encode from by its shape.
  std::shared_ptr<void> (*make)() = nullptr;
};

template <Structured T>
constexpr PayloadInfo payload_info = {&Described<T>::shape,
                                      [] { return std::static_pointer_cast<void>(std::make_shared<T>()); }};

struct OperationInfo {
  Operation operation{};
  PayloadInfo request;
  PayloadInfo response;
};

// all_operations has every operation of 1.0 to 2.1, by its name. Thread-safe, as is find_operation.
std::span<const OperationInfo> all_operations();

// find_operation is null when Keyway does not know the payloads of `operation`.
const OperationInfo* find_operation(Operation operation);

}  // namespace keyway::kmip
