// Any bytes as messages in the form that they look like, written in the form that the first byte says.
#include <algorithm>

#include <fuzz/target.h>
#include <kmip/text/convert.h>

using namespace keyway;
using namespace keyway::kmip;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto to = static_cast<Encoding>(data[0] % 6);
  const Bytes input = fuzz::bytes_of(data + 1, size - 1);
  const Variables variables{std::chrono::sys_seconds(std::chrono::seconds(1'500'000'000))};
  const Messages messages = read_messages(input, detect(input), variables);
  require(messages.damage || !messages.ttlv.empty(), "there is a message or an error");
  const auto written = write_messages(messages.ttlv.view(), to);
  require(written.has_value(), "undamaged messages can be written");
  static_cast<void>(write_messages(messages.damaged.view(), Encoding::tree));
  if (to == Encoding::tree || messages.ttlv.empty()) return 0;
  const Messages again = read_messages(written->view(), to, variables);
  require(!again.damage, "what was written can be read");
  const bool has_padding = to == Encoding::xml || to == Encoding::json;
  require(again.ttlv.size() == messages.ttlv.size(), "what was written has the same size");
  if (!has_padding)
    require(std::ranges::equal(again.ttlv.view(), messages.ttlv.view()),
            "what was written is read as the same bytes");
  return 0;
}
