// What every operation's request has in common, for those who handle any of them.
//
//   struct EncryptRequest {
//     static constexpr Operation operation = Operation::Encrypt;
//     using Response = EncryptResponse;
//     ...
//   };
#pragma once

#include <concepts>

#include <kmip/ttlv/codec.h>

namespace keyway::kmip {

template <class T>
concept OperationRequest = Structured<T> && Structured<typename T::Response> && requires {
  { T::operation } -> std::convertible_to<Operation>;
};

}  // namespace keyway::kmip
