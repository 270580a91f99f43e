// Sends every OASIS test case below a folder through TTLV, the typed model, XML and JSON, and back:
// oasis-tests FOLDER, or the folder in KEYWAY_OASIS_CASES. The files are not part of this repository; without
// them the test says that it was skipped (exit code 77).
//
// What the writer makes is compared with the file by rules of its own, not with the reader's.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <pugixml.hpp>

#include <kmip/text/convert.h>
#include <kmip/text/json.h>
#include <kmip/text/xml.h>
#include <kmip/ttlv/reader.h>
#include <kmip/ttlv/tree.h>
#include <tests/kmip/properties.h>

using namespace keyway;
using namespace keyway::kmip;

namespace {

constexpr int skipped = 77;
constexpr std::int64_t now = 1'500'000'000;

// What the test cases leave to the one who runs them, where a Text String cannot hold the name itself.
const std::pair<std::string, std::string> bytes_to_fill_in[] = {{"AUTHENTICATED_ENCRYPTION_TAG", "0102"},
                                                                {"CORRELATION_VALUE", "0304"},
                                                                {"DATA_0", "05"},
                                                                {"DATA_25", "06"},
                                                                {"IV_COUNTER_NONCE", "0708"},
                                                                {"KEY_MATERIAL_0", "09"},
                                                                {"KEY_MATERIAL_1", "0a"},
                                                                {"KEY_VALUE_0", "0b"},
                                                                {"KEY_VALUE_1", "0c"},
                                                                {"MAC_DATA", "0d"},
                                                                {"SIGNATURE_DATA", "0e"},
                                                                {"SHORT_UNIQUE_IDENTIFIER_0", "0f"},
                                                                {"SHORT_UNIQUE_IDENTIFIER_1", "10"}};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// A date as POSIX seconds, by way of the C library.
std::string seconds_of(const std::string& date) {
  if (date.starts_with("$NOW")) return std::to_string(now + std::atoll(date.c_str() + 4));
  std::tm parts{};
  const char* zone = strptime(date.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (!zone) return "not a date: " + date;
  long long seconds = timegm(&parts);
  if (*zone == '+' || *zone == '-') {
    const long long east = std::atoll(std::string(zone + 1, 2).c_str()) * 3600 + std::atoll(zone + 4) * 60;
    seconds -= *zone == '+' ? east : -east;
  }
  return std::to_string(seconds);
}

std::string canonical_value(const std::string& type, std::string value) {
  if (type == "DateTime") return seconds_of(value);
  if (type == "ByteString" || type == "BigInteger") {
    for (const auto& [name, bytes] : bytes_to_fill_in)
      if (value == "$" + name) return bytes;
    return lower(value);
  }
  if (type == "Integer" && value.find(' ') != std::string::npos) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at != std::string::npos;) {
      const std::size_t end = value.find(' ', at);
      names.push_back(value.substr(at, end - at));
      at = end == std::string::npos ? end : end + 1;
    }
    std::ranges::sort(names);
    return fmt::format("{}", fmt::join(names, " "));
  }
  return value;
}

// canonical gives each element one line.
void canonical(const pugi::xml_node& node, const std::string& indent, std::vector<std::string>& lines) {
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    const std::string type = child.attribute("type").as_string("Structure");
    lines.push_back(fmt::format("{}{} {} {}", indent, child.name(), type,
                                canonical_value(type, child.attribute("value").value())));
    canonical(child, indent + " ", lines);
  }
}

std::vector<std::string> canonical(Text xml) {
  pugi::xml_document document;
  std::vector<std::string> lines;
  if (!document.load_buffer(xml.data(), xml.size())) return {"not well-formed"};
  canonical(document, "", lines);
  return lines;
}

std::string first_difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto [at, other] = std::ranges::mismatch(a, b);
  return fmt::format("\"{}\" became \"{}\"", at == a.end() ? "nothing" : *at,
                     other == b.end() ? "nothing" : *other);
}

bool is_canonical(Bytes messages, std::string& why) {
  for (Reader reader(messages); !reader.done();) {
    Raw item;
    CodecError error;
    if (reader.next(item, error) && check_canonical(item, {}, error)) continue;
    why = describe(error);
    return false;
  }
  return true;
}

// typed_mistake sends each message through the typed model and back.
std::string typed_mistake(Bytes messages) {
  for (Reader reader(messages); !reader.done();) {
    Raw item;
    CodecError error;
    if (!reader.next(item, error)) return describe(error);
    const std::size_t size = item_header_size + padded(item.value.size());
    if (const std::string wrong = test::nonconformity(messages.subspan(item.offset, size)); !wrong.empty())
      return fmt::format("message at byte {}: {}", item.offset, wrong);
  }
  return {};
}

// mistake_in converts one file there and back; empty when all is well.
std::string mistake_in(const std::filesystem::path& path, const Variables& variables) {
  const std::string xml = read_file(path);
  SecretBuffer ttlv;
  if (const auto read = read_xml(xml, ttlv, variables); !read) return describe(read.error());
  std::string why;
  if (!is_canonical(ttlv.view(), why)) return "TTLV that is not canonical: " + why;

  if (why = typed_mistake(ttlv.view()); !why.empty()) return "as typed messages: " + why;

  const auto again = write_xml(ttlv.view());
  if (!again) return describe(again.error());
  const auto before = canonical(xml);
  const auto after = canonical(text_of(again->view()));
  if (before != after) return first_difference(before, after);

  const auto json = write_json(ttlv.view());
  if (!json) return describe(json.error());
  SecretBuffer from_json;
  if (const auto read = read_json(text_of(json->view()), from_json, variables); !read)
    return describe(read.error());
  if (!std::ranges::equal(ttlv.view(), from_json.view())) return "JSON makes other bytes of it";
  return {};
}

// mistake_by_itself converts one file there and back with no variable given.
std::string mistake_by_itself(const std::filesystem::path& path) {
  Variables variables;
  variables.keep_unset();
  const std::string xml = read_file(path);
  const Messages messages = read_messages(bytes_of(xml), Encoding::xml, variables);
  if (messages.damage) return "without variables: " + describe(*messages.damage);
  for (const Encoding encoding : {Encoding::xml, Encoding::json}) {
    const auto text = write_messages(messages.ttlv.view(), encoding);
    if (!text) return describe(text.error());
    const Messages again = read_messages(text->view(), encoding);
    if (again.damage) return describe(*again.damage);
    if (!std::ranges::equal(messages.ttlv.view(), again.ttlv.view()))
      return fmt::format("without variables {} makes other bytes of it", name(encoding));
  }
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  const char* variable = std::getenv("KEYWAY_OASIS_CASES");
  const std::string folder = count > 1 && *arguments[1] != '\0' ? arguments[1] : variable ? variable : "";
  if (folder.empty()) {
    fmt::print("skipped: no folder of OASIS test cases; give one with -Doasis_cases or KEYWAY_OASIS_CASES\n");
    return skipped;
  }
  Variables variables{std::chrono::sys_seconds(std::chrono::seconds(now))};
  for (const auto& [name, bytes] : bytes_to_fill_in)
    if (!variables.set(name, Secret(Text(bytes)))) return 1;
  int files = 0;
  int failed = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".xml") continue;
    ++files;
    std::string mistake = mistake_in(entry.path(), variables);
    if (mistake.empty()) mistake = mistake_by_itself(entry.path());
    if (mistake.empty()) continue;
    ++failed;
    fmt::print(stderr, "{}: {}\n", entry.path().string(), mistake);
  }
  fmt::print("{} test cases, {} failed\n", files, failed);
  return files > 0 && failed == 0 ? 0 : 1;
}
