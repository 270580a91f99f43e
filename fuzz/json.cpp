// Any text as messages in JSON, and as an answer that is asked for all it holds.
#include <string>

#include <core/json.h>
#include <fuzz/text.h>

namespace {

using namespace keyway;
using fuzz::require;

void check_string(const JsonView& string) {
  const auto meaning = string.text();
  require(meaning.has_value() && string.equals(meaning->reveal_text()), "a string equals what it means");
  SecretBuffer written;
  require(append_json_string(written, meaning->reveal_text()).has_value(),
          "what a string means can be written");
  const auto again = Json::parse(text_of(written.view()));
  require(again && again->root().equals(meaning->reveal_text()), "a written string reads back the same");
}

// Depth is limited, so this may recurse.
void check_value(const JsonView& value) {
  require(value && value.kind(), "what is gone over is there");
  if (value.is(JsonKind::string)) check_string(value);
  require(!value.number() || value.is(JsonKind::number), "only numbers are numbers");
  require(value.boolean().has_value() == value.is(JsonKind::boolean), "only booleans are booleans");
  std::size_t count = 0;
  for (const JsonView item : value.items()) {
    check_value(item);
    ++count;
  }
  for (const auto& [name, of_name] : value.members()) {
    check_string(name);
    check_value(of_name);
    require(value.size() > 32 || value.member(name.text()->reveal_text()), "every name is found");
    ++count;
  }
  require(count == value.size(), "the size is what is gone over");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto answer = Json::parse(text_of(fuzz::bytes_of(data, size)));
  if (answer) check_value(answer->root());
  return fuzz::check_text(data, size, kmip::read_json);
}
