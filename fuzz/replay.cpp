// Runs a fuzz target over files, without a fuzzer: usage: replay-TARGET FILE-OR-FOLDER...
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include <fuzz/target.h>

namespace {

std::vector<std::filesystem::path> files_of(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

bool run(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    fmt::print(stderr, "cannot read {}\n", file.string());
    return false;
  }
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  // Said first, so that a crash is preceded by its cause.
  fmt::print(stderr, "{} ({} bytes)\n", file.filename().string(), bytes.size());
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t runs = 0;
  for (int i = 1; i < count; ++i)
    for (const auto& file : files_of(arguments[i])) {
      if (!run(file)) return 2;
      ++runs;
    }
  // A folder that has moved away must not pass for one without crashes.
  if (runs == 0) fmt::print(stderr, "no seed file found\n");
  return runs > 0 ? 0 : 2;
}
