// The ten examples of the specification (KMIP 1.4 §9.1.2), read and written.
#include <functional>

#include <doctest/doctest.h>

#include <kmip/ttlv/codec.h>
#include <tests/kmip/hex.h>

using namespace keyway;
using namespace keyway::kmip;
using test::from_hex;
using test::to_hex;

namespace {

constexpr auto example = static_cast<Tag>(0x420020);

template <class T>
struct Holder {
  T value{};
};

// Reads and writes one value with the row that a member of type T has.
template <class T>
struct Example {
  static constexpr Row row = field<&Holder<T>::value>(example);

  static T read(Bytes item) {
    Reader reader(item);
    Raw raw;
    CodecError error;
    REQUIRE(reader.next(raw, error));
    CHECK(reader.done());
    CHECK(raw.tag == example);
    CHECK(raw.type == row.type);
    T value{};
    Decoder decoder(Settings{});
    REQUIRE(decoder.value(row, raw, &value));
    return value;
  }
  static std::string write(const T& value) {
    SecretBuffer out;
    Encoder encoder(out, newest_version);
    REQUIRE(encoder.value(row, &value));
    return to_hex(out.view());
  }
};

template <class T>
void check_both_ways(Text hex, const T& value) {
  const OwnedBytes item = from_hex(hex);
  CHECK(Example<T>::read(item) == value);
  CHECK(Example<T>::write(value) == to_hex(item));
}

struct Inner {
  BatchErrorContinuationOption first{};
  std::int32_t second = 0;
};
constexpr Row inner_rows[] = {
    field<&Inner::first>(static_cast<Tag>(0x420004)),
    field<&Inner::second>(static_cast<Tag>(0x420005)),
};
constexpr Shape inner{inner_rows};

}  // namespace

TEST_CASE("an Integer containing the decimal value 8") {
  check_both_ways<std::int32_t>("42 00 20 | 02 | 00 00 00 04 | 00 00 00 08 00 00 00 00", 8);
}

TEST_CASE("a Long Integer containing the decimal value 123456789000000000") {
  check_both_ways<std::int64_t>("42 00 20 | 03 | 00 00 00 08 | 01 B6 9B 4B A5 74 92 00", 123456789000000000);
}

TEST_CASE("a Big Integer containing the decimal value 1234567890000000000000000000") {
  const OwnedBytes item =
      from_hex("42 00 20 | 04 | 00 00 00 10 | 00 00 00 00 03 FD 35 EB 6B C2 DF 46 18 08 00 00");
  const auto value = Example<BigInteger>::read(item);
  CHECK(to_hex(value.value) == "0000000003fd35eb6bc2df4618080000");
  CHECK(Example<BigInteger>::write(value) == to_hex(item));
}

TEST_CASE("an Enumeration with value 255") {
  check_both_ways("42 00 20 | 05 | 00 00 00 04 | 00 00 00 FF 00 00 00 00", static_cast<Operation>(255));
}

TEST_CASE("a Boolean with the value True") {
  check_both_ways("42 00 20 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 01", true);
}

TEST_CASE("a Text String with the value \"Hello World\"") {
  check_both_ways<Text>("42 00 20 | 07 | 00 00 00 0B | 48 65 6C 6C 6F 20 57 6F 72 6C 64 00 00 00 00 00",
                        "Hello World");
}

TEST_CASE("a Byte String with the value { 0x01, 0x02, 0x03 }") {
  const OwnedBytes item = from_hex("42 00 20 | 08 | 00 00 00 03 | 01 02 03 00 00 00 00 00");
  const Bytes value = Example<Bytes>::read(item);
  CHECK(to_hex(value) == "010203");
  CHECK(Example<Bytes>::write(value) == to_hex(item));
  CHECK(Example<Secret>::write(Secret(value)) == to_hex(item));
  CHECK(Example<Secret>::read(item) == Secret(value));
}

TEST_CASE("a Date-Time, containing the value for Friday, March 14, 2008, 11:56:40 GMT") {
  check_both_ways("42 00 20 | 09 | 00 00 00 08 | 00 00 00 00 47 DA 67 F8", DateTime{1205495800});
}

TEST_CASE("an Interval, containing the value for 10 days") {
  check_both_ways("42 00 20 | 0A | 00 00 00 04 | 00 0D 2F 00 00 00 00 00", Interval{10 * 24 * 60 * 60});
}

TEST_CASE("a Structure containing an Enumeration, value 254, followed by an Integer, value 255") {
  const OwnedBytes item = from_hex({
      "42 00 20 | 01 | 00 00 00 20",
      "42 00 04 | 05 | 00 00 00 04 | 00 00 00 FE 00 00 00 00",
      "42 00 05 | 02 | 00 00 00 04 | 00 00 00 FF 00 00 00 00",
  });
  const auto raw = read_message(item, example, Limits{});
  REQUIRE(raw);
  Inner value;
  Decoder decoder(Settings{});
  REQUIRE(decoder.structure(inner, *raw, &value));
  CHECK(static_cast<std::uint32_t>(value.first) == 254);
  CHECK(value.second == 255);
  SecretBuffer out;
  REQUIRE(encode(out, example, inner, &value, newest_version));
  CHECK(to_hex(out.view()) == to_hex(item));
}

// KMIP 2.0 §10.1.2 added this type; it has no example of its own.
TEST_CASE("a Date-Time-Extended counts microseconds") {
  check_both_ways("42 00 20 | 0B | 00 00 00 08 | 00 04 48 64 5C EF EE 00",
                  DateTimeExtended{1205495800'000000});
}
