#include <algorithm>
#include <charconv>
#include <optional>

#include <core/crypto.h>
#include <core/hex.h>
#include <core/json.h>
#include <keyring/model/rules.h>
#include <keyring/model/snapshot.h>

// The text has one form only: what is read is written again and compared. Every version of the format begins
// with the first line here and ends with the checksum of all before it, so that damage is never taken for a
// later version.

namespace keyway::keyring {

namespace {

constexpr std::int64_t format_version = 1;
constexpr Text first_line_of_text = "{\n  \"format\": \"keyway-snapshot\",\n";
constexpr Text before_checksum = "  \"checksum\": \"";
constexpr Text after_checksum = "\"\n}\n";
constexpr std::size_t checksum_size = 64;  // SHA-256 as hexadecimal digits
constexpr std::size_t tail_size = before_checksum.size() + checksum_size + after_checksum.size();
constexpr std::size_t id_size = 32;
constexpr std::size_t longest_shown = 128;  // bytes of the key's name, for people

std::unexpected<Error> refused_as_corrupt(std::string_view why,
                                          std::string advice = "use an undamaged copy of it") {
  return fail_with_advice(ErrorKind::corrupt, std::move(advice), "snapshot: {}", why);
}

// --- time: RFC 3339, in UTC, to the second
// ------------------------------------------------------------------

constexpr std::size_t time_size = 20;
using std::chrono::sys_days;
using std::chrono::year;

std::string time_text(std::chrono::sys_seconds time) {
  // Four digits are what the form has. The key must come through even when the clock was mad.
  constexpr std::chrono::sys_seconds first = sys_days(year(0) / 1 / 1);
  constexpr std::chrono::sys_seconds last = sys_days(year(10'000) / 1 / 1) - std::chrono::seconds(1);
  time = std::clamp(time, first, last);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

// number_at gives 0 for what is no number: such a text is not what time_text makes of the outcome.
int number_at(Text text, std::size_t at, std::size_t digits) {
  int number = 0;
  std::from_chars(text.data() + at, text.data() + at + digits, number);
  return number;
}

std::optional<std::chrono::sys_seconds> time_from(Text text) {
  if (text.size() != time_size) return std::nullopt;
  const std::chrono::year_month_day date(year(number_at(text, 0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number_at(text, 5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number_at(text, 8, 2))));
  if (!date.ok()) return std::nullopt;
  const std::chrono::sys_seconds time = sys_days(date) + std::chrono::hours(number_at(text, 11, 2)) +
                                        std::chrono::minutes(number_at(text, 14, 2)) +
                                        std::chrono::seconds(number_at(text, 17, 2));
  if (time_text(time) != text) return std::nullopt;
  return time;
}

// --- the form
// -------------------------------------------------------------------------------------------------

std::string checksum_of(Text content) { return to_hex(sha256(bytes_of(content))); }

// What a person wants to know of the key; it is not needed to open it.
std::string shown_key(const WrappedKey& key) {
  const std::string id = printable(key.key_id, longest_shown);
  return key.key_version.empty()
             ? id
             : fmt::format("{} version {}", id, printable(key.key_version, longest_shown));
}

bool is_id(Text text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == id_size && std::ranges::all_of(text, is_digit);
}

// check_frame looks at what all versions have in common.
Result<void> check_frame(Text text) {
  if (text.size() > longest_snapshot)
    return refused_as_corrupt(
        fmt::format("it has {} bytes, and none has more than {}", text.size(), longest_snapshot));
  if (text.find('\r') != Text::npos)
    return refused_as_corrupt("its line ends are CR LF: a transfer or an editor changed it",
                              "transfer it as binary, or turn CR LF into LF again");
  if (!text.starts_with(first_line_of_text)) return refused_as_corrupt("this is not a snapshot of Keyway");
  if (!text.ends_with('\n'))
    return refused_as_corrupt("its last line has no end: it was cut short, or an editor changed it");
  const Text tail = text.substr(text.size() - std::min(tail_size, text.size()));
  if (!tail.starts_with(before_checksum) || !tail.ends_with(after_checksum))
    return refused_as_corrupt("it does not end with its checksum: it was cut short, or changed");
  const Text content = text.substr(0, text.size() - tail_size);
  if (checksum_of(content) != tail.substr(before_checksum.size(), checksum_size))
    return refused_as_corrupt("its checksum does not fit: it was changed");
  return {};
}

Result<void> check_version(JsonView root) {
  const auto version = root.member("version").number();
  if (!version) return refused_as_corrupt("its version is missing");
  if (*version > format_version)
    return fail_with_advice(ErrorKind::unsupported, "use a Keyway at least as new as the one that took it",
                            "snapshot: it has format version {}, and this Keyway reads {}", *version,
                            format_version);
  return {};
}

Result<Snapshot> read_members(JsonView root) {
  const auto id = root.member("filesystem").member("id").plain_text();
  if (!id || !is_id(*id)) return refused_as_corrupt("the id of its filesystem is not 32 hexadecimal digits");
  const auto name = root.member("filesystem").member("name").plain_text();
  if (!name) return refused_as_corrupt("the name of its filesystem is missing");
  if (const auto good = check_filesystem_name(*name); !good) return refused_as_corrupt(good.error().what);
  const auto taken = time_from(root.member("taken").plain_text().value_or(""));
  if (!taken) return refused_as_corrupt("the time it was taken at is none");
  auto key = wrapped_key_from_text(root.member("wrapped_key").plain_text().value_or(""));
  if (!key) {
    key.error().what = "snapshot: " + key.error().what;
    return std::unexpected(std::move(key.error()));
  }
  return Snapshot{*id, *name, *taken, std::move(*key)};
}

}  // namespace

std::string to_text(const Snapshot& snapshot) {
  SecretBuffer out;
  out.append(first_line_of_text);
  out.append(fmt::format("  \"version\": {},\n  \"filesystem\": {{\"id\": ", format_version));
  // What is not UTF-8 is left out; snapshot_from_text then says that this is no snapshot.
  const auto string = [&out](Text value) { static_cast<void>(append_json_string(out, value)); };
  string(snapshot.filesystem_id);
  out.append(", \"name\": ");
  string(snapshot.filesystem_name);
  out.append("},\n  \"taken\": ");
  string(time_text(snapshot.taken));
  out.append(",\n  \"wrapped_key\": ");
  string(to_text(snapshot.key));
  out.append(",\n  \"kms\": ");
  string(name(snapshot.key.backend()));
  out.append(",\n  \"key\": ");
  string(shown_key(snapshot.key));
  out.append(",\n");
  std::string text(text_of(out.view()));
  const std::string checksum = checksum_of(text);
  text += before_checksum;
  text += checksum;
  text += after_checksum;
  return text;
}

Result<Snapshot> snapshot_from_text(Text text) {
  if (auto ok = check_frame(text); !ok) return std::unexpected(std::move(ok.error()));
  const auto json = Json::parse(text, {.depth = 8, .nodes = 1000});
  if (!json) return refused_as_corrupt(json.error().what);
  if (auto ok = check_version(json->root()); !ok) return std::unexpected(std::move(ok.error()));
  auto snapshot = read_members(json->root());
  if (snapshot && to_text(*snapshot) != text)
    return refused_as_corrupt("it is not as Keyway writes it: it was changed");
  return snapshot;
}

}  // namespace keyway::keyring
