// Any lines as assignments: the first byte chooses the operation, the second the version.
#include <fuzz/target.h>
#include <kmip/model/message.h>
#include <kmip/model/operations.h>
#include <kmip/text/assignment.h>

using namespace keyway;
using namespace keyway::kmip;
using fuzz::require;

namespace {

std::vector<Assignment> assignments_in(Text lines) {
  std::vector<Assignment> assignments;
  while (!lines.empty()) {
    const Text line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    auto assignment = assignment_of(line);
    if (!assignment) continue;
    assignment->is_bytes = assignment->value.reveal_text().starts_with('@');
    assignments.push_back(std::move(*assignment));
  }
  return assignments;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto operations = all_operations();
  const OperationInfo& info = operations[data[0] % operations.size()];
  const auto version = static_cast<Version>(data[1] % (static_cast<unsigned>(newest_version) + 1));
  const auto assignments = assignments_in(text_of(fuzz::bytes_of(data + 2, size - 2)));
  const auto payload = build_payload(*info.request.shape, Tag::RequestPayload, version, assignments);
  if (!payload) return 0;
  const auto item = read_message(payload->view(), Tag::RequestPayload, Limits{});
  require(item.has_value(), "what is built is an item");
  // Fields that stand in the wrong relation are for the decoder to refuse.
  const auto value = info.request.make();
  static_cast<void>(decode_item(*info.request.shape, *item, value.get(), {version, Mode::strict, {}}));
  return 0;
}
