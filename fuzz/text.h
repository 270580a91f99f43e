// What must hold for messages in the text encodings.
#pragma once

#include <algorithm>

#include <fuzz/target.h>
#include <kmip/text/json.h>
#include <kmip/text/xml.h>

namespace keyway::fuzz {

// Variables whose time does not run, so that an input does the same each time.
inline kmip::Variables fixed_variables() {
  return kmip::Variables{std::chrono::sys_seconds(std::chrono::seconds(1'500'000'000))};
}

// check_both_ways writes undamaged messages with zero padding as XML and as JSON and reads them again.
inline void check_both_ways(Bytes messages) {
  if (messages.empty()) return;
  const auto comes_back = [&](const Result<SecretBuffer>& text, auto read) {
    require(text.has_value(), "what is undamaged can be written");
    SecretBuffer again;
    const auto done = read(text_of(text->view()), again, fixed_variables(), kmip::Limits());
    require(done.has_value(), done ? "" : describe(done.error()));
    require(std::ranges::equal(again.view(), messages), "what was written is read as the same bytes");
  };
  comes_back(kmip::write_xml(messages), kmip::read_xml);
  comes_back(kmip::write_json(messages), kmip::read_json);
}

// check_text reads a text in one of the encodings; whatever of it was read has to come back.
template <class Read>
int check_text(const std::uint8_t* data, std::size_t size, Read read) {
  SecretBuffer messages;
  const auto done = read(text_of(bytes_of(data, size)), messages, fixed_variables(), kmip::Limits());
  require(done || !done.error().what.empty(), "an error says what is wrong");
  check_both_ways(messages.view());
  return 0;
}

}  // namespace keyway::fuzz
