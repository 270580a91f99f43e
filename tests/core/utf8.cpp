#include <core/utf8.h>
#include <tests/core/support.h>

using namespace keyway;

TEST_CASE("UTF-8 is what Unicode says it is") {
  const struct {
    std::string what;
    std::string hex;
    bool good;
  } cases[] = {
      {"nothing", "", true},
      {"ASCII", "00 41 7F", true},
      {"two bytes", "C280 DFBF", true},
      {"three bytes", "E0A080 EFBFBF", true},
      {"before and after the surrogates", "ED9FBF EE8080", true},
      {"four bytes", "F0908080 F48FBFBF", true},
      {"long ASCII with one character in the middle", "41424344454647484142434445C3A947484142434445464748",
       true},
      {"long ASCII with a stray byte at the end", "4142434445464748414243444546474841424344454647A9", false},
      {"a stray byte", "80", false},
      {"overlong, two bytes", "C080", false},
      {"overlong, two bytes, greatest", "C1BF", false},
      {"overlong, three bytes", "E09FBF", false},
      {"overlong, four bytes", "F08FBFBF", false},
      {"a surrogate", "EDA080", false},
      {"above Unicode", "F4908080", false},
      {"a lead byte that does not exist", "F5808080", false},
      {"cut after the first of two", "C3", false},
      {"cut after the first of three", "E2", false},
      {"cut after the second of three", "E282", false},
      {"cut after the third of four", "F09F98", false},
      {"a lead where a third byte belongs", "E282C3", false},
      {"ASCII where a fourth byte belongs", "F09F9841", false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.what);
    const OwnedBytes bytes = test::hex(c.hex);
    CHECK(is_utf8(bytes) == c.good);
  }
}

TEST_CASE("characters are counted, not bytes") {
  const struct {
    std::string_view text;
    std::size_t count;
  } cases[] = {{"", 0},
               {"abc", 3},
               {"\xc3\xa9", 1},
               {"a\xe2\x82\xac"
                "b",
                3},
               {"\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 2}};
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(code_points(c.text) == c.count);
  }
}
