// The one interpreter of field tables for TTLV, in both directions.
#pragma once

#include <kmip/ttlv/error.h>
#include <kmip/ttlv/limits.h>
#include <kmip/ttlv/reader.h>
#include <kmip/ttlv/shape.h>
#include <kmip/ttlv/writer.h>

namespace keyway::kmip {

// Strict takes only what a conforming peer of this version may send, and what it takes encodes to identical
// bytes. Lenient is for answers of real servers: it skips fields it does not know, takes known ones out of
// order or of another version, and counts what it forgave.
enum class Mode : std::uint8_t { strict, lenient };

struct Forgiven {
  std::uint32_t unknown = 0;  // fields skipped
  std::uint32_t out_of_order = 0;
  std::uint32_t other_version = 0;
  std::uint32_t padding = 0;  // padding that was not zero

  std::uint32_t total() const { return unknown + out_of_order + other_version + padding; }
};

struct Settings {
  Version version = newest_version;
  Mode mode = Mode::strict;
  Limits limits;
};

// Decoder is the context of one decoding. Custom codecs are given it.
class Decoder {
 public:
  Decoder(const Settings& settings) : settings_(settings) {}

  const Settings& settings() const { return settings_; }
  bool strict() const { return settings_.mode == Mode::strict; }
  Forgiven& forgiven() { return forgiven_; }
  const Forgiven& forgiven() const { return forgiven_; }
  CodecError& error() { return error_; }

  // Each returns false after noting the first error.
  bool structure(const Shape& shape, const Raw& item, void* into);
  bool value(const Row& row, const Raw& item, void* into);
  [[gnu::always_inline]] bool next(Reader& reader, Raw& item) {
    return reader.next(item, error_) &&
           (++elements_ <= settings_.limits.elements || fail(Errc::too_many, item));
  }
  // raw checks an item that stays undecoded: all of it in strict mode, its type otherwise.
  bool raw(const Raw& item);
  bool fail(Errc code, const Raw& item) { return fail(code, item.tag, item.offset); }
  [[gnu::cold, gnu::noinline]] bool fail(Errc code, Tag tag, std::uint32_t offset) {
    error_ = {.code = code, .tag = tag, .offset = offset};
    return false;
  }

 private:
  const Row* expected(const Shape& shape, const Raw& item, std::size_t next, std::uint64_t seen) const;
  const Row* unexpected(const Shape& shape, const Raw& item, std::size_t next, std::uint64_t seen);
  bool missing(const Shape& shape, const Raw& item, std::uint64_t seen);

  Settings settings_;
  Forgiven forgiven_;
  CodecError error_;
  std::uint32_t depth_ = 0;
  std::uint32_t elements_ = 0;
};

// Encoder is the context of one encoding.
class Encoder {
 public:
  Encoder(SecretBuffer& out, Version version) : out_(out), writer_(out), version_(version) {}

  Version version() const { return version_; }
  Writer& writer() { return writer_; }
  SecretBuffer& out() { return out_; }
  CodecError& error() { return error_; }

  bool structure(const Shape& shape, Tag tag, const void* from);
  bool value(const Row& row, const void* from);
  // item writes a value that is encoded already, unless its type or length cannot be.
  bool item(Tag tag, Type type, Bytes value);
  [[gnu::cold, gnu::noinline]] bool fail(Errc code, Tag tag) {
    error_ = {.code = code, .tag = tag, .offset = static_cast<std::uint32_t>(out_.size())};
    return false;
  }

 private:
  SecretBuffer& out_;
  Writer writer_;
  Version version_;
  CodecError error_;
};

// Custom is the codec of a type that rows cannot describe, because its layout changes with the version.
struct Custom {
  // decode takes one item; a custom field that repeats gets a call for each.
  bool (*decode)(Decoder& decoder, const Raw& item, void* into);
  // encode writes whatever stands for the value, possibly several items or none.
  bool (*encode)(Encoder& encoder, Tag tag, const void* from);
};

// decode_item decodes into a structure that is described by `shape`, for those who handle any of them.
Decoded<void> decode_item(const Shape& shape, const Raw& item, void* into, const Settings& settings,
                          Forgiven* forgiven = nullptr);

// decode_item decodes a structure that was left Raw, or any item holding one. Views in the result live as
// long as the message. `forgiven`, when given, is added to.
template <Structured T>
Decoded<T> decode_item(const Raw& item, const Settings& settings, Forgiven* forgiven = nullptr) {
  Decoded<T> result;
  if (auto done = decode_item(Described<T>::shape, item, &*result, settings, forgiven); !done)
    return std::unexpected(done.error());
  return result;
}

// read_message reads the one top-level structure of `message` and checks its tag and that nothing follows.
Decoded<Raw> read_message(Bytes message, Tag tag, const Limits& limits);

// decode_message decodes a whole message, which has the tag `tag`.
template <Structured T>
Decoded<T> decode_message(Bytes message, Tag tag, const Settings& settings, Forgiven* forgiven = nullptr) {
  const auto item = read_message(message, tag, settings.limits);
  if (!item) return std::unexpected(item.error());
  return decode_item<T>(*item, settings, forgiven);
}

// encode appends `value` to `out` as a structure with the tag `tag`. On failure `out` is as it was.
Decoded<void> encode(SecretBuffer& out, Tag tag, const Shape& shape, const void* value, Version version);
template <Structured T>
Decoded<void> encode(SecretBuffer& out, Tag tag, const T& value, Version version) {
  return encode(out, tag, Described<T>::shape, &value, version);
}

}  // namespace keyway::kmip
