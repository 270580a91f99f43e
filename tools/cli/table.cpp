#include <algorithm>

#include <core/utf8.h>
#include <tools/cli/table.h>

namespace keyway::cli {

namespace {

constexpr std::size_t piece = 65'536;  // bytes written at once
constexpr std::size_t gap = 2;

}  // namespace

Table::Table(std::initializer_list<std::string_view> heads)
    : columns_(std::max<std::size_t>(heads.size(), 1)), widths_(columns_) {
  row(heads);
}

void Table::row(std::initializer_list<std::string_view> cells) {
  for (std::size_t column = 0; column < columns_; ++column)
    add(column < cells.size() ? cells.begin()[column] : std::string_view(), column);
}

void Table::add(std::string_view cell, std::size_t column) {
  const std::size_t begin = text_.size();
  text_ += printable(cell, cell.size());
  ends_.push_back(text_.size());
  widths_[column] = std::max(widths_[column], code_points(std::string_view(text_).substr(begin)));
}

std::string_view Table::cell(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(text_).substr(begin, ends_[index] - begin);
}

// Blanks are owed until something follows them, so that no line ends with one.
void Table::append_line(std::string& out, std::size_t first_cell) const {
  std::size_t owed = 0;
  for (std::size_t column = 0; column < columns_; ++column) {
    const std::string_view text = cell(first_cell + column);
    if (!text.empty()) {
      out.append(owed, ' ');
      out += text;
      owed = 0;
    }
    owed += widths_[column] - code_points(text) + gap;
  }
  out += '\n';
}

Result<void> Table::write(const std::function<Result<void>(std::string_view)>& take) const {
  std::string out;
  for (std::size_t first = 0; first < ends_.size(); first += columns_) {
    append_line(out, first);
    const bool is_last = first + columns_ == ends_.size();
    if (out.size() < piece && !is_last) continue;
    if (auto ok = take(out); !ok) return ok;
    out.clear();
  }
  return {};
}

Result<void> Table::print(const Console& console) const {
  return write([&](std::string_view text) { return console.data(bytes_of(text)); });
}

}  // namespace keyway::cli
