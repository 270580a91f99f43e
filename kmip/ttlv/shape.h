// How a structure is declared: a plain struct, and one constexpr row for each field.
//
//   struct EncryptResponse {
//     Text unique_identifier;                    // the member's type is the cardinality:
//     std::optional<Bytes> data;                 // T, std::optional<T> (or Boxed<T>), std::vector<T>
//   };
//   template <> struct Described<EncryptResponse> { static const Shape shape; };
//
//   constexpr Row encrypt_response[] = {         // in the .cpp, in the order of the specification's table
//       field<&EncryptResponse::unique_identifier>(Tag::UniqueIdentifier),
//       field<&EncryptResponse::data>(Tag::Data).from(Version::V1_2),
//   };
//   static_assert(well_formed(encrypt_response));
//   constinit const Shape Described<EncryptResponse>::shape{encrypt_response};
//
// A row is data: whoever interprets rows (TTLV in, TTLV out, text) needs no code for any structure.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <vector>

#include <core/secret.h>
#include <kmip/ttlv/boxed.h>
#include <kmip/ttlv/item.h>

namespace keyway::kmip {

struct Row;
struct Custom;

// Shape is the rows of a structure, in order.
struct Shape {
  std::span<const Row> rows;
  std::uint64_t required = 0;      // bit n: row n is required in some version
  std::uint64_t alternatives = 0;  // bit n: row n is one of several of which a message has one

  constexpr Shape() = default;  // a structure without fields
  constexpr Shape(std::span<const Row> table);

  // lacking is the required rows that are not among `seen`. That one of them is not demanded after all, by
  // the version or because another form of the field is there, is for a closer look to find out.
  constexpr std::uint64_t lacking(std::uint64_t seen) const {
    const std::uint64_t unseen = required & ~seen;
    return (seen & alternatives) != 0 ? unseen & ~alternatives : unseen;
  }
};

// Described<T>::shape is declared beside every structure T.
template <class T>
struct Described;

template <class T>
concept Structured = requires {
  { Described<T>::shape } -> std::convertible_to<const Shape&>;
};

// How a member's storage is filled and read.
enum class Kind : std::uint8_t {
  integer,             // std::int32_t
  long_integer,        // std::int64_t
  big_integer,         // BigInteger
  enumeration,         // an enum class of kmip/spec
  mask,                // a mask of kmip/spec, an Integer on the wire
  boolean,             // bool
  text,                // Text, a view into the message
  bytes,               // Bytes, a view into the message
  date_time,           // DateTime
  date_time_extended,  // DateTimeExtended
  interval,            // Interval
  secret,              // Secret, a ByteString copied straight into its owner
  structure,           // a Structured type
  raw,                 // Raw, left for a second step
  custom,              // a type with a codec of its own
};

// Wire<T> says how T travels. Types with a codec of their own specialise it (see Custom).
template <class T>
struct Wire;

template <class T, Kind K, Type W>
struct Plain {
  static constexpr Kind kind = K;
  static constexpr Type type = W;
  static constexpr const Shape* shape = nullptr;
  static constexpr const Custom* custom = nullptr;
};
template <>
struct Wire<std::int32_t> : Plain<std::int32_t, Kind::integer, Type::Integer> {};
template <>
struct Wire<std::int64_t> : Plain<std::int64_t, Kind::long_integer, Type::LongInteger> {};
template <>
struct Wire<BigInteger> : Plain<BigInteger, Kind::big_integer, Type::BigInteger> {};
template <>
struct Wire<bool> : Plain<bool, Kind::boolean, Type::Boolean> {};
template <>
struct Wire<Text> : Plain<Text, Kind::text, Type::TextString> {};
template <>
struct Wire<Bytes> : Plain<Bytes, Kind::bytes, Type::ByteString> {};
template <>
struct Wire<DateTime> : Plain<DateTime, Kind::date_time, Type::DateTime> {};
template <>
struct Wire<DateTimeExtended> : Plain<DateTimeExtended, Kind::date_time_extended, Type::DateTimeExtended> {};
template <>
struct Wire<Interval> : Plain<Interval, Kind::interval, Type::Interval> {};
template <>
struct Wire<Secret> : Plain<Secret, Kind::secret, Type::ByteString> {};
template <>
struct Wire<Raw> : Plain<Raw, Kind::raw, Type{}> {};
template <class E>
  requires(enumeration_of<E> != Enumeration::none)
struct Wire<E> : Plain<E, is_mask_type<E> ? Kind::mask : Kind::enumeration,
                       is_mask_type<E> ? Type::Integer : Type::Enumeration> {};
template <Structured T>
struct Wire<T> {
  static constexpr Kind kind = Kind::structure;
  static constexpr Type type = Type::Structure;
  static constexpr const Shape* shape = &Described<T>::shape;
  static constexpr const Custom* custom = nullptr;
};

enum class Cardinality : std::uint8_t { one, optional, many };

struct Row {
  Tag tag{};
  Type type{};  // Type{} when the kind takes several
  Kind kind{};
  Cardinality cardinality{};
  bool required = false;  // in the versions `required_in`: must be there in a strict message; never demanded
                          // of a lenient peer unless cardinality is one
  bool is_secret = false;
  bool is_alternative = false;  // one of several rows of the table of which a message has one
  VersionRange versions;
  VersionRange required_in;
  Version repeats_from = oldest_version;    // of Cardinality::many; stands once at most before
  const Shape* shape = nullptr;             // of Kind::structure
  const Custom* custom = nullptr;           // of Kind::custom
  void* (*add)(void* structure) = nullptr;  // where the next value goes
  const void* (*at)(const void* structure, std::size_t i) = nullptr;  // the i-th value, or null

  // Each is the row with one thing changed.
  constexpr Row from(Version v) const {
    Row row = *this;
    row.versions.first = v;
    return row;
  }
  constexpr Row until(Version v) const {
    Row row = *this;
    row.versions.last = v;
    return row;
  }
  constexpr Row must() const {
    Row row = *this;
    row.required = true;
    return row;
  }
  constexpr Row must_until(Version v) const {
    Row row = must();
    row.required_in.last = v;
    return row;
  }
  constexpr Row must_from(Version v) const {
    Row row = must();
    row.required_in.first = v;
    return row;
  }
  constexpr Row many_from(Version v) const {
    Row row = *this;
    row.repeats_from = v;
    return row;
  }
  constexpr Row may() const {
    Row row = *this;
    row.required = false;
    return row;
  }
  constexpr Row of(Type t) const {  // of a raw field
    Row row = *this;
    row.type = t;
    return row;
  }
  constexpr Row secret() const {
    Row row = *this;
    row.is_secret = true;
    return row;
  }
  constexpr Row one_of_a_kind() const {
    Row row = *this;
    row.is_alternative = true;
    return row;
  }
  // as_integer is an enumeration that travels as an Integer.
  constexpr Row as_integer() const {
    Row row = *this;
    row.type = Type::Integer;
    row.kind = Kind::mask;
    return row;
  }

  constexpr bool demanded(Version v) const { return required && required_in.holds(v); }
  constexpr bool repeats(Version v) const { return cardinality == Cardinality::many && v >= repeats_from; }
  // alternative_to: a message has this or the other.
  constexpr bool alternative_to(const Row& other) const {
    return tag == other.tag || (is_alternative && other.is_alternative);
  }
  constexpr bool takes(Type t) const { return type == t || type == Type{}; }
  // takes_any: the row of whatever the structure holds beside its other fields (see others<>()).
  constexpr bool takes_any() const { return tag == Tag{}; }
};

constexpr std::uint64_t rows_with(std::span<const Row> rows, bool Row::* property) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].*property) bits |= std::uint64_t{1} << i;
  return bits;
}
constexpr Shape::Shape(std::span<const Row> table)
    : rows(table),
      required(rows_with(table, &Row::required)),
      alternatives(rows_with(table, &Row::is_alternative)) {}

namespace detail {

template <class T>
struct Member {
  using Value = T;
  static constexpr Cardinality cardinality = Cardinality::one;
  static void* add(T& member) { return &member; }
  static const void* at(const T& member, std::size_t i) { return i == 0 ? &member : nullptr; }
};
template <class T>
struct Member<std::optional<T>> {
  using Value = T;
  static constexpr Cardinality cardinality = Cardinality::optional;
  static void* add(std::optional<T>& member) { return &member.emplace(); }
  static const void* at(const std::optional<T>& member, std::size_t i) {
    return i == 0 && member ? std::addressof(*member) : nullptr;
  }
};
template <class T>
struct Member<Boxed<T>> {
  using Value = T;
  static constexpr Cardinality cardinality = Cardinality::optional;
  static void* add(Boxed<T>& member) { return &member.emplace(); }
  static const void* at(const Boxed<T>& member, std::size_t i) {
    return i == 0 && member ? std::addressof(*member) : nullptr;
  }
};
template <class T>
struct Member<std::vector<T>> {
  using Value = T;
  static constexpr Cardinality cardinality = Cardinality::many;
  static void* add(std::vector<T>& member) { return &member.emplace_back(); }
  static const void* at(const std::vector<T>& member, std::size_t i) {
    return i < member.size() ? &member[i] : nullptr;
  }
};

template <class S, class M>
S structure_of(M S::*);
template <class S, class M>
M member_of(M S::*);

// reach follows a path of member pointers: reach<&A::b, &B::c>(a) is a.b.c.
template <auto First, auto... Rest, class S>
auto& reach(S& structure) {
  if constexpr (sizeof...(Rest) == 0)
    return structure.*First;
  else
    return reach<Rest...>(structure.*First);
}

}  // namespace detail

// field makes the row of one member; a path of member pointers reaches into a group of fields that several
// structures share. A plain member is required, the others are not unless the row says must().
template <auto First, auto... Rest>
constexpr Row field(Tag tag) {
  using Structure = decltype(detail::structure_of(First));
  using Last = std::remove_cvref_t<decltype(detail::reach<First, Rest...>(std::declval<Structure&>()))>;
  using Member = detail::Member<Last>;
  using W = Wire<typename Member::Value>;
  Row row;
  row.tag = tag;
  row.type = W::type;
  row.kind = W::kind;
  row.cardinality = Member::cardinality;
  row.required = Member::cardinality == Cardinality::one;
  row.is_secret = W::kind == Kind::secret;
  row.shape = W::shape;
  row.custom = W::custom;
  row.add = [](void* s) { return Member::add(detail::reach<First, Rest...>(*static_cast<Structure*>(s))); };
  row.at = [](const void* s, std::size_t i) {
    return Member::at(detail::reach<First, Rest...>(*static_cast<const Structure*>(s)), i);
  };
  return row;
}

// others makes the row of whatever items a structure holds beside its fields, in a std::vector<Raw>; it is
// the last of its table. For structures that vendors fill as they like.
template <auto... Path>
constexpr Row others() {
  return field<Path...>(Tag{});
}

// joined is one table of rows and groups of rows (std::array), for fields that several structures share.
namespace detail {
template <std::size_t N>
consteval std::array<Row, N> as_group(const std::array<Row, N>& group) {
  return group;
}
consteval std::array<Row, 1> as_group(const Row& row) { return {row}; }
}  // namespace detail
template <class... Parts>
consteval auto joined(const Parts&... parts) {
  constexpr std::size_t size = (std::tuple_size_v<decltype(detail::as_group(parts))> + ...);
  std::array<Row, size> table{};
  std::size_t next = 0;
  const auto put = [&](const auto& group) {
    for (const Row& row : group) table[next++] = row;
  };
  (put(detail::as_group(parts)), ...);
  return table;
}

// well_formed checks what a table must keep to: at most 64 rows; no two rows that could both take one item;
// a row for anything stands last.
consteval bool well_formed(std::span<const Row> rows) {
  if (rows.size() > 64) return false;
  for (std::size_t i = 0; i + 1 < rows.size(); ++i)
    if (rows[i].takes_any()) return false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& a = rows[i];
    if (a.versions.last < a.versions.first) return false;
    for (std::size_t k = 0; k < i; ++k) {
      const Row& b = rows[k];
      const bool apart = a.versions.last < b.versions.first || b.versions.last < a.versions.first;
      const bool same_type = a.type == b.type || a.type == Type{} || b.type == Type{};
      if (a.tag == b.tag && same_type && !apart) return false;
    }
  }
  return true;
}

}  // namespace keyway::kmip
