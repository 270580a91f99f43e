#include <algorithm>
#include <array>

#include <kmip/model/all_operations.h>
#include <kmip/model/operations.h>

namespace keyway::kmip {

namespace {

template <class List>
struct Table;
template <class... Requests>
struct Table<OperationList<Requests...>> {
  static constexpr std::array<OperationInfo, sizeof...(Requests)> rows = {OperationInfo{
      Requests::operation, payload_info<Requests>, payload_info<typename Requests::Response>}...};
};

}  // namespace

std::span<const OperationInfo> all_operations() { return Table<AllOperations>::rows; }

const OperationInfo* find_operation(Operation operation) {
  const auto operations = all_operations();
  const auto at = std::ranges::find(operations, operation, &OperationInfo::operation);
  return at == operations.end() ? nullptr : &*at;
}

}  // namespace keyway::kmip
