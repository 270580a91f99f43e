// JSON answers asked by name, and strings written for requests (RFC 8259). A string stays in the caller's
// text, escaped, until it is asked for: a secret in one never leaves wiping memory.
#pragma once

#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <core/bytes.h>
#include <core/error.h>
#include <core/json_nodes.h>
#include <core/secret.h>

namespace keyway {

template <class Element>
class JsonRange;
struct JsonMember;

// JsonView is one value of a Json, or nothing: what is not there, or is of another kind than was asked for,
// answers none to every question, so that `root.member("data").member("keys")` needs one check, at its end.
// Valid as long as the text and the Json are; the Json may be moved. Thread-safe.
class JsonView {
 public:
  JsonView() noexcept = default;

  explicit operator bool() const noexcept { return nodes_ != nullptr; }
  bool is(JsonKind kind) const noexcept { return nodes_ != nullptr && nodes_[index_].kind == kind; }
  std::optional<JsonKind> kind() const noexcept;

  // member is the value of that name in an object. Where the name stands more than once the last counts;
  // names are compared unescaped, byte by byte. Takes time proportional to the number of members.
  JsonView member(Text name) const;
  // The values of an array, the members of an object, in their order; none of anything else. Going over all
  // takes time proportional to their number.
  JsonRange<JsonView> items() const noexcept;
  JsonRange<JsonMember> members() const noexcept;
  // size counts the items or members, one by one; 0 for anything else.
  std::size_t size() const noexcept;

  // text is what a string means, in memory that is wiped; plain_text is the same for what is not secret.
  std::optional<Secret> text() const;
  std::optional<std::string> plain_text() const;
  // equals tells whether this is a string that means `text`.
  bool equals(Text text) const;
  // number is a number whose value is integral and fits, however it is written: "1.5e3" is 1500.
  std::optional<std::int64_t> number() const noexcept;
  std::optional<bool> boolean() const noexcept;

 private:
  friend class Json;
  template <class Element>
  friend class JsonRange;
  JsonView(Text text, const JsonNode* nodes, std::uint32_t index) noexcept
      : text_(text), nodes_(nodes), index_(index) {}
  // source is the value as it stands in the text; of a string without its quotation marks, still escaped.
  Text source() const noexcept;
  JsonView after() const noexcept { return {text_, nodes_, nodes_[index_].next}; }

  Text text_;
  const JsonNode* nodes_ = nullptr;
  std::uint32_t index_ = 0;
};

struct JsonMember {
  JsonView name;  // a string
  JsonView value;
};

// JsonRange is what JsonView::items() and members() give: `for (const JsonView item : list.items())`.
template <class Element>
class JsonRange {
 public:
  class iterator {
   public:
    using value_type = Element;
    using difference_type = std::ptrdiff_t;

    iterator() noexcept = default;
    Element operator*() const noexcept {
      if constexpr (is_member)
        return {at_, at_.after()};
      else
        return at_;
    }
    iterator& operator++() noexcept {
      at_ = is_member ? at_.after().after() : at_.after();
      return *this;
    }
    iterator operator++(int) noexcept {
      const iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const iterator& other) const noexcept { return at_.index_ == other.at_.index_; }
    bool operator==(std::default_sentinel_t) const noexcept { return at_.index_ == end_; }

   private:
    friend class JsonRange;
    iterator(JsonView at, std::uint32_t end) noexcept : at_(at), end_(end) {}
    JsonView at_;
    std::uint32_t end_ = 0;
  };

  iterator begin() const noexcept { return first_; }
  std::default_sentinel_t end() const noexcept { return {}; }
  bool empty() const noexcept { return first_ == end(); }

 private:
  friend class JsonView;
  static constexpr bool is_member = !std::is_same_v<Element, JsonView>;
  JsonRange() noexcept = default;
  // The values inside `parent`, an array or object.
  explicit JsonRange(const JsonView& parent) noexcept
      : first_({parent.text_, parent.nodes_, parent.index_ + 1}, parent.nodes_[parent.index_].next) {}
  iterator first_;
};

struct JsonLimits {
  std::uint32_t depth = 32;       // objects and arrays inside one another
  std::size_t nodes = 1'000'000;  // values and member names, 16 bytes of memory each
};

// Json is one JSON text, checked as a whole. Immutable; thread-safe to read.
class Json {
 public:
  // parse reads a text that is one value with white space around it. The text stays the caller's, who keeps
  // it as long as the Json and its views. Error: corrupt, with what is wrong at which byte, never the
  // text: not JSON, not UTF-8, more after the value, over 4 GiB, or beyond `limits`.
  static Result<Json> parse(Text text, const JsonLimits& limits = {});

  JsonView root() const noexcept { return {text_, document_.nodes.data(), 0}; }

 private:
  Json(Text text, JsonDocument document) noexcept : text_(text), document_(std::move(document)) {}
  Text text_;
  JsonDocument document_;
};

// append_json_string appends `text` as a string, quotation marks and all. Error: invalid_input when it is not
// UTF-8; nothing is appended then.
Result<void> append_json_string(SecretBuffer& out, Text text);

}  // namespace keyway
