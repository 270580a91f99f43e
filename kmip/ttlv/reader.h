// Reader walks the items of one structure, or of a message, without copying (KMIP 1.4 §9.1, 2.1 §10.1).
#pragma once

#include <kmip/ttlv/error.h>
#include <kmip/ttlv/item.h>

namespace keyway::kmip {

// Copying a Reader is how to look ahead. Every item is checked against the end of what holds it and against
// the lengths its type may have; padding and values are the caller's business.
class Reader {
 public:
  // `offset` is where `bytes` starts in the message, for errors.
  explicit Reader(Bytes bytes, std::uint32_t offset = 0) : left_(bytes), offset_(offset) {}

  bool done() const { return left_.empty(); }
  std::uint32_t offset() const { return offset_; }
  Bytes left() const { return left_; }

  // next reads one item and moves past its padding. On failure it fills `error` and returns false.
  [[gnu::always_inline]] bool next(Raw& item, CodecError& error) {
    if (left_.size() < item_header_size) return fail(Errc::truncated, Tag{}, error);
    const std::uint32_t head = load32(left_.data());
    const std::uint32_t length = load32(left_.data() + 4);
    const auto tag = static_cast<Tag>(head >> 8);
    const auto type = static_cast<Type>(head & 0xff);
    // 64 bits: the length may be 0xffffffff.
    const std::uint64_t step = item_header_size + ((std::uint64_t{length} + 7) & ~std::uint64_t{7});
    if (step > left_.size()) return fail(Errc::truncated, tag, error);
    if (!length_fits(type, length)) return fail(Errc::bad_length, tag, error);
    item = {tag, type, left_.subspan(item_header_size, length), offset_};
    left_ = left_.subspan(step);
    offset_ += static_cast<std::uint32_t>(step);
    return true;
  }

 private:
  // Out of line: reading is what decoding spends its time on.
  [[gnu::cold, gnu::noinline]] bool fail(Errc code, Tag tag, CodecError& error) const {
    error = {.code = code, .tag = tag, .offset = offset_};
    return false;
  }

  Bytes left_;
  std::uint32_t offset_;
};

// padding_is_zero looks at the bytes after an item's value; `item` must come from a Reader.
inline bool padding_is_zero(const Raw& item) {
  const std::size_t n = padded(item.value.size()) - item.value.size();
  if (n == 0) return true;
  const std::uint64_t last_word = load64(item.value.data() + item.value.size() + n - 8);
  return (last_word & ((std::uint64_t{1} << 8 * n) - 1)) == 0;
}

// structure_content is the Reader over the items inside a structure.
inline Reader structure_content(const Raw& item) {
  return Reader(item.value, item.offset + static_cast<std::uint32_t>(item_header_size));
}

}  // namespace keyway::kmip
