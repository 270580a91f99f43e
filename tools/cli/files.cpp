#include <filesystem>

#include <unistd.h>

#include <core/file.h>
#include <tools/cli/files.h>

namespace keyway::cli {

namespace {

// The text form of the longest blob there can be: a data key, its context's check value and the metadata.
constexpr std::size_t longest_blob = 512UL * 1024;

}  // namespace

bool is_standard(const std::string& file) { return file.empty() || file == "-"; }

Result<Secret> read_input(const std::string& file, std::size_t limit) {
  if (is_standard(file)) return read_descriptor(STDIN_FILENO, limit, "standard input");
  return read_file(file, limit);
}

Result<void> write_output(const Console& console, const std::string& file, Bytes content) {
  if (is_standard(file)) return console.data(content);
  return write_file(file, content, Mode::secret);
}

Result<void> refuse_terminal(const std::string& file) {
  if (!is_standard(file) || !is_terminal(STDOUT_FILENO)) return {};
  return fail_with_advice(ErrorKind::invalid_input, "redirect the output, or name a file with --out",
                          "a key is not written to a terminal");
}

Result<WrappedKey> read_wrapped_key(const std::string& file) {
  auto text = read_input(file, longest_blob);
  if (!text) return std::unexpected(std::move(text.error()));
  return wrapped_key_from_text(text->reveal_text());
}

Result<void> write_wrapped_key(const Console& console, const std::string& file, const WrappedKey& blob,
                               Existing existing) {
  std::string text = to_text(blob);
  if (is_standard(file) && is_terminal(STDOUT_FILENO)) text += '\n';
  if (existing == Existing::refuse && !is_standard(file))
    return create_file(file, bytes_of(text), Mode::secret);
  return write_output(console, file, bytes_of(text));
}

Result<void> refuse_existing(const std::string& file) {
  std::error_code ignored;
  if (is_standard(file) || !std::filesystem::exists(std::filesystem::symlink_status(file, ignored)))
    return {};
  return fail_with_advice(ErrorKind::invalid_input, "name another file, or move this one away",
                          "{} exists, and may hold the only copy of a wrapped key", file);
}

}  // namespace keyway::cli
