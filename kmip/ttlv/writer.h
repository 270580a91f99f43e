// Writer appends TTLV items to memory that wipes itself (KMIP 1.4 §9.1, 2.1 §10.1).
#pragma once

#include <cstring>

#include <core/secret.h>
#include <kmip/ttlv/item.h>

namespace keyway::kmip {

class Writer {
 public:
  // The buffer must outlive the writer; what it holds already stays in front.
  explicit Writer(SecretBuffer& out) : out_(out) {}

  // Scope writes a structure's header when it is made and its length when it ends.
  class Scope {
   public:
    Scope(SecretBuffer& out, Tag tag) : out_(out) {
      header(out.append(item_header_size), tag, Type::Structure, 0);
      start_ = out.size();
    }
    ~Scope() { store32(out_.data() + start_ - 4, static_cast<std::uint32_t>(out_.size() - start_)); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    SecretBuffer& out_;
    std::size_t start_;
  };
  [[nodiscard]] Scope structure(Tag tag) { return {out_, tag}; }

  void integer(Tag tag, std::int32_t value) { word(tag, Type::Integer, static_cast<std::uint32_t>(value)); }
  void enumeration(Tag tag, std::uint32_t value) { word(tag, Type::Enumeration, value); }
  void interval(Tag tag, Interval value) { word(tag, Type::Interval, value.seconds); }
  void long_integer(Tag tag, std::int64_t v) {
    long_word(tag, Type::LongInteger, static_cast<std::uint64_t>(v));
  }
  void boolean(Tag tag, bool value) { long_word(tag, Type::Boolean, value ? 1 : 0); }
  void date_time(Tag tag, DateTime value) {
    long_word(tag, Type::DateTime, static_cast<std::uint64_t>(value.seconds));
  }
  void date_time_extended(Tag tag, DateTimeExtended value) {
    long_word(tag, Type::DateTimeExtended, static_cast<std::uint64_t>(value.microseconds));
  }
  void text(Tag tag, Text value) { bytes(tag, bytes_of(value), Type::TextString); }
  // bytes writes any item whose value is given as its encoded bytes, and pads it with zeroes.
  void bytes(Tag tag, Bytes value, Type type = Type::ByteString) {
    const std::size_t room = padded(value.size());
    std::byte* at = out_.append(item_header_size + room);
    header(at, tag, type, static_cast<std::uint32_t>(value.size()));
    if (room == 0) return;
    at += item_header_size;
    store64(at + room - 8, 0);  // the padding, and what the value then covers
    std::memcpy(at, value.data(), value.size());
  }

 private:
  static void header(std::byte* at, Tag tag, Type type, std::uint32_t length) {
    const std::uint64_t head = static_cast<std::uint32_t>(tag) << 8 | static_cast<std::uint32_t>(type);
    store64(at, head << 32 | length);
  }
  void word(Tag tag, Type type, std::uint32_t value) {
    std::byte* at = out_.append(16);
    header(at, tag, type, 4);
    store64(at + 8, std::uint64_t{value} << 32);  // and four bytes of padding
  }
  void long_word(Tag tag, Type type, std::uint64_t value) {
    std::byte* at = out_.append(16);
    header(at, tag, type, 8);
    store64(at + 8, value);
  }

  SecretBuffer& out_;
};

}  // namespace keyway::kmip
