#include <algorithm>
#include <cstring>

#include <core/utf8.h>
#include <kmip/ttlv/codec.h>
#include <kmip/ttlv/tree.h>

namespace keyway::kmip {

namespace {

// What the row's storage holds, by kind. One place for the casts.
template <class T>
T& as(void* storage) {
  return *static_cast<T*>(storage);
}
template <class T>
const T& as(const void* storage) {
  return *static_cast<const T*>(storage);
}
// Enumerations and masks are enum classes over std::uint32_t, each a type of its own.
std::uint32_t number_in(const void* storage) {
  std::uint32_t number = 0;
  std::memcpy(&number, storage, sizeof number);
  return number;
}
void set_number(void* storage, std::uint32_t number) { std::memcpy(storage, &number, sizeof number); }

}  // namespace

// expected finds the row that takes `item` where the order of the table says it should be; null when the
// item is wrong there.
inline const Row* Decoder::expected(const Shape& shape, const Raw& item, std::size_t next,
                                    std::uint64_t seen) const {
  const auto rows = shape.rows;
  for (std::size_t i = next; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if (row.tag != item.tag || !row.takes(item.type) || !row.versions.holds(settings_.version)) continue;
    // The forms of one field stand side by side in the table; a message holds one of them.
    for (std::size_t k = i; k > 0 && rows[k - 1].tag == item.tag; --k)
      if ((seen >> (k - 1) & 1) != 0) return nullptr;
    return &row;
  }
  return nullptr;
}

// unexpected finds out what is wrong with an item that was not expected, or which row takes it when that is
// forgiven.
const Row* Decoder::unexpected(const Shape& shape, const Raw& item, std::size_t next, std::uint64_t seen) {
  const auto rows = shape.rows;
  const Row* late = nullptr;
  const Row* other_version = nullptr;
  bool known = false;
  bool already = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if (row.tag != item.tag) continue;
    known = true;
    const bool fits = row.takes(item.type);
    already |= (seen >> i & 1) != 0 && !(fits && row.repeats(settings_.version));
    if (!fits) continue;
    if (!row.versions.holds(settings_.version))
      other_version = &row;
    else if (i < next)
      late = &row;
  }
  // In strict reading whatever is not in its place joins the others, which are written as they came.
  if (!rows.empty() && rows.back().takes_any() && (strict() || (!late && !other_version)))
    return &rows.back();
  if (already || !known || (!late && !other_version)) {
    fail(already ? Errc::repeated : known ? Errc::bad_type : Errc::unknown_tag, item);
    return nullptr;
  }
  if (strict()) {
    fail(late ? Errc::out_of_order : Errc::not_in_version, item);
    return nullptr;
  }
  ++(late ? forgiven_.out_of_order : forgiven_.other_version);
  return late ? late : other_version;
}

// missing is called when a required row was not seen. Of rows that are alternatives one is enough.
bool Decoder::missing(const Shape& shape, const Raw& item, std::uint64_t seen) {
  const auto rows = shape.rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const bool demanded =
        row.demanded(settings_.version) && (strict() || row.cardinality == Cardinality::one);
    if (!demanded || (seen >> i & 1) != 0 || !row.versions.holds(settings_.version)) continue;
    bool alternative = false;
    for (std::size_t k = 0; k < rows.size(); ++k)
      alternative |= rows[k].alternative_to(row) && (seen >> k & 1) != 0;
    if (alternative) continue;
    const auto end = item.offset + item_header_size + item.value.size();
    fail(Errc::missing, row.tag, static_cast<std::uint32_t>(end));
    return true;
  }
  return false;
}

bool Decoder::structure(const Shape& shape, const Raw& item, void* into) {
  if (item.type != Type::Structure) return fail(Errc::bad_type, item);
  if (depth_ >= settings_.limits.depth) return fail(Errc::too_deep, item);
  ++depth_;
  std::uint64_t seen = 0;
  std::size_t next_row = 0;
  for (Reader reader = structure_content(item); !reader.done();) {
    Raw child;
    if (!next(reader, child)) return error_.under(item.tag);
    const Row* row = expected(shape, child, next_row, seen);
    if (!row) row = unexpected(shape, child, next_row, seen);
    if (!row) {
      if (strict() || error_.code != Errc::unknown_tag) return error_.under(item.tag);
      ++forgiven_.unknown;
      continue;
    }
    const auto i = static_cast<std::size_t>(row - shape.rows.data());
    seen |= std::uint64_t{1} << i;
    if (i >= next_row) next_row = row->repeats(settings_.version) ? i : i + 1;
    if (!value(*row, child, row->add(into))) return error_.under(item.tag);
  }
  --depth_;
  if (shape.lacking(seen) != 0 && missing(shape, item, seen)) return error_.under(item.tag);
  return true;
}

bool Decoder::raw(const Raw& item) {
  if (!is_standard(item.type)) return fail(Errc::unknown_type, item);
  if (!strict()) return true;
  Limits limits = settings_.limits;
  limits.depth -= depth_;
  return check_canonical(item, limits, error_);
}

bool Decoder::value(const Row& row, const Raw& item, void* into) {
  const std::byte* at = item.value.data();
  if (!padding_is_zero(item)) {
    if (strict()) return fail(Errc::bad_padding, item);
    ++forgiven_.padding;
  }
  switch (row.kind) {
    case Kind::integer: as<std::int32_t>(into) = static_cast<std::int32_t>(load32(at)); return true;
    case Kind::enumeration:
    case Kind::mask: set_number(into, load32(at)); return true;
    case Kind::interval: as<Interval>(into).seconds = load32(at); return true;
    case Kind::long_integer: as<std::int64_t>(into) = static_cast<std::int64_t>(load64(at)); return true;
    case Kind::date_time: as<DateTime>(into).seconds = static_cast<std::int64_t>(load64(at)); return true;
    case Kind::date_time_extended:
      as<DateTimeExtended>(into).microseconds = static_cast<std::int64_t>(load64(at));
      return true;
    case Kind::boolean: {
      const std::uint64_t number = load64(at);
      if (number > 1) return fail(Errc::bad_value, item);
      as<bool>(into) = number == 1;
      return true;
    }
    case Kind::big_integer: as<BigInteger>(into).value = item.value; return true;
    case Kind::text:
      if (strict() && !is_utf8(item.value)) return fail(Errc::bad_value, item);
      as<Text>(into) = text_of(item.value);
      return true;
    case Kind::bytes: as<Bytes>(into) = item.value; return true;
    case Kind::secret: as<Secret>(into) = Secret(item.value); return true;
    case Kind::structure: return structure(*row.shape, item, into);
    case Kind::raw: as<Raw>(into) = item; return raw(item);
    case Kind::custom: return row.custom->decode(*this, item, into);
  }
  return fail(Errc::bad_type, item);
}

namespace {

// A group that changes its form with the version has two rows over one member.
bool has_other_form(std::span<const Row> rows, const void* from, const void* value, Version version) {
  return std::ranges::any_of(
      rows, [&](const Row& row) { return row.versions.holds(version) && row.at(from, 0) == value; });
}

// The first row that this version demands and that has no value, nor any of its alternatives; null when none.
const Row* missing_row(std::span<const Row> rows, const void* from, Version version) {
  for (const Row& row : rows) {
    if (!row.demanded(version) || !row.versions.holds(version) || row.at(from, 0)) continue;
    const bool alternative = std::ranges::any_of(
        rows, [&](const Row& other) { return other.alternative_to(row) && other.at(from, 0); });
    if (!alternative) return &row;
  }
  return nullptr;
}

}  // namespace

bool Encoder::structure(const Shape& shape, Tag tag, const void* from) {
  const auto scope = writer_.structure(tag);
  const auto rows = shape.rows;
  const Version version = version_;
  std::uint64_t seen = 0;
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const Row& row = rows[n];
    const void* value = row.at(from, 0);
    if (!value) continue;
    seen |= std::uint64_t{1} << n;
    if (!row.versions.holds(version)) {
      if (has_other_form(rows, from, value, version)) continue;
      return fail(Errc::not_in_version, row.tag), error_.under(tag);
    }
    for (std::size_t i = 1; value; ++i) {
      if (!this->value(row, value)) return error_.under(tag);
      value = row.cardinality == Cardinality::many ? row.at(from, i) : nullptr;
      if (value && version < row.repeats_from) return fail(Errc::repeated, tag), error_.under(tag);
    }
  }
  if (shape.lacking(seen) != 0)
    if (const Row* missing = missing_row(rows, from, version))
      return fail(Errc::missing, missing->tag), error_.under(tag);
  return true;
}

bool Encoder::value(const Row& row, const void* from) {
  const Tag tag = row.tag;
  switch (row.kind) {
    case Kind::integer: writer_.integer(tag, as<std::int32_t>(from)); return true;
    case Kind::enumeration: writer_.enumeration(tag, number_in(from)); return true;
    case Kind::mask: writer_.integer(tag, static_cast<std::int32_t>(number_in(from))); return true;
    case Kind::interval: writer_.interval(tag, as<Interval>(from)); return true;
    case Kind::long_integer: writer_.long_integer(tag, as<std::int64_t>(from)); return true;
    case Kind::date_time: writer_.date_time(tag, as<DateTime>(from)); return true;
    case Kind::date_time_extended: writer_.date_time_extended(tag, as<DateTimeExtended>(from)); return true;
    case Kind::boolean: writer_.boolean(tag, as<bool>(from)); return true;
    case Kind::big_integer: return item(tag, Type::BigInteger, as<BigInteger>(from).value);
    case Kind::text:
      if (!is_utf8(bytes_of(as<Text>(from)))) return fail(Errc::bad_value, tag);
      writer_.text(tag, as<Text>(from));
      return true;
    case Kind::bytes: writer_.bytes(tag, as<Bytes>(from)); return true;
    case Kind::secret: writer_.bytes(tag, as<Secret>(from).reveal()); return true;
    case Kind::structure: return structure(*row.shape, tag, from);
    case Kind::raw:
      if (!row.takes(as<Raw>(from).type)) return fail(Errc::bad_type, tag);
      return item(row.takes_any() ? as<Raw>(from).tag : tag, as<Raw>(from).type, as<Raw>(from).value);
    case Kind::custom: return row.custom->encode(*this, tag, from);
  }
  return fail(Errc::bad_type, tag);
}

bool Encoder::item(Tag tag, Type type, Bytes value) {
  if (!is_standard(type)) return fail(Errc::unknown_type, tag);
  if (!length_fits(type, value.size())) return fail(Errc::bad_length, tag);
  writer_.bytes(tag, value, type);
  return true;
}

Decoded<void> decode_item(const Shape& shape, const Raw& item, void* into, const Settings& settings,
                          Forgiven* forgiven) {
  Decoder decoder(settings);
  if (!decoder.structure(shape, item, into)) return std::unexpected(decoder.error());
  if (forgiven) {
    forgiven->unknown += decoder.forgiven().unknown;
    forgiven->out_of_order += decoder.forgiven().out_of_order;
    forgiven->other_version += decoder.forgiven().other_version;
    forgiven->padding += decoder.forgiven().padding;
  }
  return {};
}

Decoded<Raw> read_message(Bytes message, Tag tag, const Limits& limits) {
  CodecError error;
  Raw item;
  if (message.size() > limits.message) return std::unexpected(CodecError{.code = Errc::too_long, .tag = tag});
  Reader reader(message);
  if (!reader.next(item, error)) return std::unexpected(error);
  if (item.tag != tag) return std::unexpected(CodecError{.code = Errc::wrong_message, .tag = item.tag});
  if (item.type != Type::Structure) return std::unexpected(CodecError{.code = Errc::bad_type, .tag = tag});
  if (!reader.done())
    return std::unexpected(CodecError{.code = Errc::trailing_bytes, .tag = tag, .offset = reader.offset()});
  return item;
}

Decoded<void> encode(SecretBuffer& out, Tag tag, const Shape& shape, const void* value, Version version) {
  const std::size_t start = out.size();
  Encoder encoder(out, version);
  bool good = encoder.structure(shape, tag, value);
  if (good && out.size() - start > UINT32_MAX) good = encoder.fail(Errc::too_long, tag);
  if (good) return {};
  out.resize(start);
  return std::unexpected(encoder.error());
}

}  // namespace keyway::kmip
