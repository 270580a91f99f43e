// Lists in columns, for people.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <tools/cli/console.h>

namespace keyway::cli {

// Table is a list whose columns are aligned, by characters (code points), two blanks apart. It keeps the text
// of all rows, because the last may be the widest. Not thread-safe.
class Table {
 public:
  explicit Table(std::initializer_list<std::string_view> heads);

  // row adds a line. Cells that are missing at its end are empty, what is beyond the last column is left out;
  // control characters are replaced.
  void row(std::initializer_list<std::string_view> cells);
  std::size_t rows() const { return ends_.size() / columns_ - 1; }

  // print writes the heads and all rows to standard output. Errors: those of writing.
  Result<void> print(const Console& console) const;
  // write gives the text to `take`, in pieces of some 64 KiB that end with a line; it stops at an error.
  Result<void> write(const std::function<Result<void>(std::string_view)>& take) const;

 private:
  void add(std::string_view cell, std::size_t column);
  void append_line(std::string& out, std::size_t first_cell) const;
  std::string_view cell(std::size_t index) const;

  std::size_t columns_;
  std::string text_;               // of all cells, one after the other
  std::vector<std::size_t> ends_;  // where in it each cell ends
  std::vector<std::size_t> widths_;
};

}  // namespace keyway::cli
