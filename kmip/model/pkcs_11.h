// PKCS#11 (KMIP 2.1 §6.1.37). From 2.0.
#pragma once

#include <optional>

#include <kmip/model/operation.h>

namespace keyway::kmip {

struct Pkcs11Response {
  std::optional<Text> interface;
  std::optional<PKCS_11Function> function;
  std::optional<std::int32_t> vendor_function;
  std::optional<Bytes> correlation_value;
  std::optional<Bytes> output_parameters;
  PKCS_11ReturnCode return_code{};
};
template <>
struct Described<Pkcs11Response> {
  static const Shape shape;
};

struct Pkcs11Request {
  static constexpr Operation operation = Operation::PKCS_11;
  using Response = Pkcs11Response;

  std::optional<Text> interface;
  std::optional<PKCS_11Function> function;
  std::optional<std::int32_t> vendor_function;
  std::optional<Bytes> correlation_value;
  std::optional<Bytes> input_parameters;
};
template <>
struct Described<Pkcs11Request> {
  static const Shape shape;
};

}  // namespace keyway::kmip
