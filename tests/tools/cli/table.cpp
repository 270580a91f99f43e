#include <algorithm>
#include <string>
#include <vector>

#include <tests/core/support.h>
#include <tools/cli/table.h>

using namespace keyway;
using namespace keyway::cli;

namespace {

std::string text_of(const Table& table) {
  std::string all;
  REQUIRE(table.write([&](std::string_view text) -> Result<void> {
    all += text;
    return {};
  }));
  return all;
}

}  // namespace

TEST_CASE("columns are as wide as their widest cell, and no line ends with blanks") {
  Table table({"NAME", "ENCRYPTED", "KEY"});
  CHECK(table.rows() == 0);
  CHECK(text_of(table) == "NAME  ENCRYPTED  KEY\n");
  table.row({"archive", "yes", "fs-key"});
  table.row({"a", "no", ""});
  table.row({"b", "", ""});
  table.row({"c", "", "k"});
  CHECK(table.rows() == 4);
  CHECK(text_of(table) ==
        "NAME     ENCRYPTED  KEY\n"
        "archive  yes        fs-key\n"
        "a        no\n"
        "b\n"
        "c                   k\n");
}

TEST_CASE("characters count, not bytes") {
  Table table({"N", "X"});
  table.row({"\xc3\xa9\xe2\x82\xac", "1"});
  table.row({"ab", "2"});
  CHECK(text_of(table) == "N   X\n\xc3\xa9\xe2\x82\xac  1\nab  2\n");
}

TEST_CASE("what would drive the terminal is replaced") {
  Table table({"NAME", "X"});
  table.row({"a\x1b[2Jb\n", "\xff"});
  CHECK(text_of(table) == "NAME     X\na?[2Jb?  ?\n");
}

TEST_CASE("rows that are too short or too long keep the columns") {
  Table table({"A", "B"});
  table.row({"1"});
  table.row({});
  table.row({"1", "2", "3"});
  CHECK(table.rows() == 3);
  CHECK(text_of(table) == "A  B\n1\n\n1  2\n");
}

TEST_CASE("many rows are written in few pieces, each of whole lines") {
  constexpr std::size_t rows = 100'000;
  Table table({"NAME", "ENCRYPTED", "KEY"});
  std::size_t expected = 0;
  for (std::size_t i = 0; i < rows; ++i) table.row({"filesystem-" + std::to_string(100'000 + i), "yes", "k"});
  expected = std::string_view("filesystem-100000  yes        k\n").size() * rows;
  std::size_t pieces = 0, bytes = 0, lines = 0;
  REQUIRE(table.write([&](std::string_view text) -> Result<void> {
    ++pieces;
    bytes += text.size();
    lines += static_cast<std::size_t>(std::ranges::count(text, '\n'));
    CHECK(text.ends_with('\n'));
    CHECK(text.size() < 70'000);
    return {};
  }));
  CHECK(lines == rows + 1);
  CHECK(bytes == expected + std::string_view("NAME               ENCRYPTED  KEY\n").size());
  CHECK(pieces <= bytes / 65'536 + 1);
}

TEST_CASE("writing ends with the first error") {
  Table table({"NAME"});
  for (int i = 0; i < 100'000; ++i) table.row({"name"});
  int pieces = 0;
  const auto written = table.write([&](std::string_view) -> Result<void> {
    ++pieces;
    return fail(ErrorKind::internal, "the pipe is closed");
  });
  REQUIRE_FALSE(written);
  CHECK(written.error().what == "the pipe is closed");
  CHECK(pieces == 1);
}
