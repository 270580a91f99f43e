#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <core/file.h>
#include <core/utf8.h>
#include <keyring/model/kms.h>

namespace keyway::keyring {

namespace {

using Place = Credential::Place;

constexpr Text stored_word = "stored";

// What stands before the name in the written form.
struct Prefix {
  Place place;
  Text text;
};
constexpr Prefix prefixes[] = {
    {Place::file, "file:"},
    {Place::environment, "env:"},
    {Place::systemd, "systemd:"},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// IEEE 1003.1 §8.1, with lower case, which shells allow as well.
bool is_variable(Text name) {
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}

// What systemd takes for a credential's name: a file name of visible ASCII without a colon.
bool is_systemd_name(Text name) {
  constexpr std::size_t longest = 255;
  const auto is_good = [](char c) { return c > ' ' && c < '\x7f' && c != '/' && c != ':'; };
  return !name.empty() && name.size() <= longest && name != "." && name != ".." &&
         std::ranges::all_of(name, is_good);
}

bool is_text(Text text) { return is_utf8(bytes_of(text)) && text.find('\0') == Text::npos; }

// What is wrong with a credential's form; null when nothing is. Paths are looked at by check() alone, so that
// one that is kept can always be read.
const char* problem_of(Place place, Text name, const Secret* secret) {
  switch (place) {
    case Place::none: return nullptr;
    case Place::stored:
      if (secret == nullptr || secret->empty()) return "the secret is empty";
      return secret->size() > longest_stored_secret ? "the secret has more than 65536 bytes" : nullptr;
    case Place::file:
      return name.empty() || !is_text(name) ? "the path of a file is a text that is not empty" : nullptr;
    case Place::environment:
      return is_variable(name)
                 ? nullptr
                 : "the name of a variable has letters, digits and '_' only, and no digit first";
    case Place::systemd:
      return is_systemd_name(name) ? nullptr
                                   : "the name of a systemd credential has 1 to 255 visible ASCII characters "
                                     "without '/' and ':'";
  }
  return "it is in a place nobody knows";
}

Result<Secret> checked(Result<Secret> content, const std::string& what) {
  if (!content) return content;
  return first_line(*content, what);
}

Result<Secret> read_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets variables here
  if (value == nullptr || *value == '\0')
    return fail_with_advice(ErrorKind::invalid_input, "set it for each process that uses the keyring",
                            "environment variable {} is {}", name, value == nullptr ? "not set" : "empty");
  const Text text(value);
  if (text.size() > longest_credential)
    return fail(ErrorKind::invalid_input, "environment variable {}: it has {} bytes, the limit is {}", name,
                text.size(), longest_credential);
  return Secret(text);
}

// The folder is systemd's, for this service alone. The files in it may carry an access list, which shows as
// permissions of the group: so they are not held to those of read_private_file.
Result<Secret> read_systemd(const std::string& name) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe): see above
  if (folder == nullptr || *folder != '/')
    return fail_with_advice(ErrorKind::invalid_input,
                            fmt::format("run this as a systemd service that has LoadCredential={}:...", name),
                            "systemd credential {}: CREDENTIALS_DIRECTORY is not set", name);
  const std::filesystem::path path = std::filesystem::path(folder) / name;
  return checked(read_file(path, longest_credential), path.native());
}

}  // namespace

Credential Credential::stored(Secret secret) {
  Credential made(Place::stored, {});
  made.secret_ = std::make_shared<const Secret>(std::move(secret));
  return made;
}

Credential Credential::file(std::string path) { return {Place::file, std::move(path)}; }
Credential Credential::environment(std::string name) { return {Place::environment, std::move(name)}; }
Credential Credential::systemd(std::string name) { return {Place::systemd, std::move(name)}; }

Result<void> Credential::check() const {
  if (const char* problem = problem_of(place_, name_, secret_.get()))
    return fail(ErrorKind::invalid_input, "{}", problem);
  if (place_ == Place::file && !name_.starts_with('/'))
    return fail(ErrorKind::invalid_input,
                "the path of a file that is read at each use has to be absolute: {}", printable(name_));
  return {};
}

std::string Credential::written() const {
  if (place_ == Place::stored) return std::string(stored_word);
  const auto* const prefix = std::ranges::find(prefixes, place_, &Prefix::place);
  return prefix == std::end(prefixes) ? std::string() : std::string(prefix->text) + name_;
}

Result<Credential> Credential::from_written(std::string_view written, Secret secret) {
  Credential made;
  if (written == stored_word) {
    made = stored(std::move(secret));
  } else {
    const auto* const prefix = std::ranges::find_if(
        prefixes, [&](const Prefix& candidate) { return written.starts_with(candidate.text); });
    if (!written.empty() && prefix == std::end(prefixes))
      return fail(ErrorKind::corrupt, "a credential in a place nobody knows");
    if (!secret.empty()) return fail(ErrorKind::corrupt, "a secret for a credential that is not stored");
    if (!written.empty()) made = Credential(prefix->place, std::string(written.substr(prefix->text.size())));
  }
  if (const char* problem = problem_of(made.place_, made.name_, made.secret_.get()))
    return fail(ErrorKind::corrupt, "{}", problem);
  return made;
}

std::string Credential::described() const {
  switch (place_) {
    case Place::none: return "none";
    case Place::stored: return "stored";
    case Place::file: return "file " + printable(name_, 4096);
    case Place::environment: return "environment variable " + printable(name_);
    case Place::systemd: return "systemd credential " + printable(name_);
  }
  return "unknown";
}

Result<Secret> Credential::read() const {
  if (const char* problem = problem_of(place_, name_, secret_.get()))
    return fail(ErrorKind::invalid_input, "{}", problem);
  switch (place_) {
    case Place::none: break;
    case Place::stored: return secret_->duplicate();
    case Place::file: return checked(read_private_file(name_, longest_credential), name_);
    case Place::environment: return read_variable(name_);
    case Place::systemd: return read_systemd(name_);
  }
  return fail(ErrorKind::invalid_input, "there is no credential");
}

}  // namespace keyway::keyring
