// Request bodies, written member by member into wiping memory. Inside vault.
#pragma once

#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include <core/error.h>
#include <core/hex.h>
#include <core/json.h>
#include <core/secret.h>

namespace keyway::vault {

// Body writes one JSON object. What cannot be written (text that is not UTF-8) is the error that `take`
// gives.
class Body {
 public:
  Body() { out_.append("{"); }

  Body& text(Text name, Text value) {
    member(name);
    if (auto ok = append_json_string(out_, value); !ok && !problem_) problem_ = std::move(ok.error());
    return *this;
  }
  // base64 writes bytes in the encoding of all of Vault's binary values.
  Body& base64(Text name, Bytes value) {
    member(name);
    out_.append("\"");
    out_.append(to_base64_secret(value).reveal());
    out_.append("\"");
    return *this;
  }
  Body& number(Text name, std::int64_t value) {
    member(name);
    out_.append(fmt::format("{}", value));
    return *this;
  }
  // An array of objects, or of strings: begin_list, then begin_item and members, or item_text, for each.
  Body& begin_list(Text name) {
    member(name);
    out_.append("[");
    is_first_ = true;
    return *this;
  }
  Body& begin_item() {
    if (!is_first_) out_.append(",");
    out_.append("{");
    is_first_ = true;
    return *this;
  }
  Body& end_item() {
    out_.append("}");
    is_first_ = false;
    return *this;
  }
  Body& item_text(Text value) {
    if (!is_first_) out_.append(",");
    is_first_ = false;
    if (auto ok = append_json_string(out_, value); !ok && !problem_) problem_ = std::move(ok.error());
    return *this;
  }
  Body& end_list() {
    out_.append("]");
    is_first_ = false;
    return *this;
  }

  Result<SecretBuffer> take() {
    if (problem_) return std::unexpected(std::move(*problem_));
    out_.append("}");
    return std::move(out_);
  }

 private:
  void member(Text name) {
    if (!is_first_) out_.append(",");
    is_first_ = false;
    out_.append("\"");
    out_.append(name);  // our own names: nothing in them needs escaping
    out_.append("\":");
  }

  SecretBuffer out_;
  std::optional<Error> problem_;
  bool is_first_ = true;
};

}  // namespace keyway::vault
