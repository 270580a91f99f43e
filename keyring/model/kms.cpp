#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <vector>

#include <core/json.h>
#include <core/utf8.h>
#include <keyring/model/kms.h>

// The settings' JSON is one object of strings. "backend" says which members there are; those that may be
// empty are left out then, so that equal settings have one spelling, and a later member is absent from older
// ones. The secrets are those of the stored credentials in the order of the members: length (4 bytes,
// big-endian), then the bytes.

namespace keyway::keyring {

namespace {

enum class Kind : std::uint8_t { needed, optional, path, optional_path };
constexpr bool is_optional(Kind kind) { return kind == Kind::optional || kind == Kind::optional_path; }
constexpr bool is_path(Kind kind) { return kind == Kind::path || kind == Kind::optional_path; }

// Visitor is shown each member of the settings, by the name it has in the JSON, and may change it.
class Visitor {
 public:
  Visitor() = default;
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;
  virtual ~Visitor() = default;
  virtual void text(Text name, std::string& value, Kind kind) = 0;
  virtual void credential(Text name, Credential& value, Kind kind) = 0;
  // The value shown last for `name` is none that can be.
  virtual void wrong(Text name, std::string_view why) = 0;
};

constexpr std::array<Text, 3> auth_names = {"token", "approle", "kubernetes"};
using Auth = decltype(VaultKms::auth);

void visit(TokenAuth& auth, Visitor& visitor) { visitor.credential("token", auth.token, Kind::needed); }

void visit(AppRoleAuth& auth, Visitor& visitor) {
  visitor.text("role_id", auth.role_id, Kind::needed);
  visitor.credential("secret_id", auth.secret_id, Kind::needed);
}

void visit(KubernetesAuth& auth, Visitor& visitor) {
  visitor.text("role", auth.role, Kind::needed);
  visitor.text("token_file", auth.token_file, Kind::optional_path);
}

// choose makes `auth` the kind of that name, and leaves one that is already; false when there is none.
bool choose(Auth& auth, Text name) {
  if (name == auth_names[auth.index()]) return true;
  if (name == auth_names[0]) {
    auth = TokenAuth();
  } else if (name == auth_names[1]) {
    auth = AppRoleAuth();
  } else if (name == auth_names[2]) {
    auth = KubernetesAuth();
  } else {
    return false;
  }
  return true;
}

void visit(LocalKms& kms, Visitor& visitor) {
  visitor.text("key_file", kms.key_file, Kind::path);
  visitor.text("key", kms.key, Kind::needed);
}

void visit(KmipKms& kms, Visitor& visitor) {
  visitor.text("addresses", kms.addresses, Kind::needed);
  visitor.text("key", kms.key, Kind::needed);
  visitor.text("certificate", kms.certificate_pem, Kind::needed);
  visitor.text("ca", kms.ca_pem, Kind::optional);
  visitor.credential("client_key", kms.client_key, Kind::needed);
  // A key of several lines is no credential that a file's first line could hold.
  if (kms.client_key.place() != Credential::Place::stored)
    visitor.wrong("client_key", "is not stored, as a client key has to be");
  visitor.credential("passphrase", kms.passphrase, Kind::optional);
}

void visit(VaultKms& kms, Visitor& visitor) {
  visitor.text("addresses", kms.addresses, Kind::needed);
  visitor.text("key", kms.key, Kind::needed);
  visitor.text("namespace", kms.name_space, Kind::optional);
  visitor.text("transit_path", kms.transit_path, Kind::needed);
  visitor.text("auth_path", kms.auth_path, Kind::optional);
  visitor.text("ca", kms.ca_pem, Kind::optional);
  std::string method(auth_names[kms.auth.index()]);
  visitor.text("auth", method, Kind::needed);
  if (!choose(kms.auth, method)) return visitor.wrong("auth", "is none of token, approle and kubernetes");
  std::visit([&](auto& auth) { visit(auth, visitor); }, kms.auth);
}

void visit(KmsSettings& kms, Visitor& visitor) {
  std::visit([&](auto& backend) { visit(backend, visitor); }, kms);
}

// empty_settings is those of a backend, still without values; none when no backend has that name.
std::optional<KmsSettings> empty_settings(Text backend) {
  if (backend == name(Backend::local)) return LocalKms();
  if (backend == name(Backend::kmip)) return KmipKms();
  if (backend == name(Backend::vault)) return VaultKms();
  return std::nullopt;
}

// What is wrong with a member's value, besides being absent; null when nothing is.
const char* problem_of(Text value, Kind kind) {
  if (!is_utf8(bytes_of(value))) return "is not UTF-8";
  if (value.find('\0') != Text::npos) return "has a NUL in it";
  if (is_path(kind) && !value.empty() && !value.starts_with('/')) return "is not an absolute path";
  return nullptr;
}

// --- writing ----------------------------------------------------------------------------------------------

class SettingsWriter final : public Visitor {
 public:
  explicit SettingsWriter(Backend backend) {
    out_.append("{\"backend\":\"");
    out_.append(name(backend));
    out_.append("\"");
  }

  void text(Text name, std::string& value, Kind kind) override {
    if (value.empty() && is_optional(kind)) return;
    if (value.empty()) return wrong(name, "is missing");
    if (const char* problem = problem_of(value, kind)) return wrong(name, problem);
    out_.append(",\"");
    out_.append(name);  // our own names: nothing in them needs escaping
    out_.append("\":");
    if (!append_json_string(out_, value)) wrong(name, "is not UTF-8");
  }

  void credential(Text name, Credential& value, Kind kind) override {
    if (auto ok = value.check(); !ok) return wrong(name, "cannot be kept: " + ok.error().what);
    std::string written = value.written();
    text(name, written, kind);
  }

  void wrong(Text name, std::string_view why) override {
    if (problem_.empty()) problem_ = fmt::format("KMS settings: \"{}\" {}", name, why);
  }

  Result<std::string> take() {
    out_.append("}");
    if (!problem_.empty()) return fail(ErrorKind::invalid_input, "{}", problem_);
    if (out_.size() > longest_settings)
      return fail(ErrorKind::invalid_input, "KMS settings: they take {} bytes, the limit is {}", out_.size(),
                  longest_settings);
    return std::string(text_of(out_.view()));
  }

 private:
  SecretBuffer out_;
  std::string problem_;
};

class SecretsWriter final : public Visitor {
 public:
  void text(Text, std::string&, Kind) override {}
  void wrong(Text, std::string_view) override {}
  void credential(Text, Credential& value, Kind) override {
    if (value.place() != Credential::Place::stored) return;
    const auto secret = value.read();
    if (!secret) return;  // what is stored can be read
    out_.append(to_big_endian(static_cast<std::uint32_t>(secret->size())));
    out_.append(secret->reveal());
  }
  Secret take() { return Secret(std::move(out_)); }

 private:
  SecretBuffer out_;
};

// --- reading ----------------------------------------------------------------------------------------------

std::unexpected<Error> corrupt(std::string_view why) {
  return fail_with_advice(ErrorKind::corrupt, "restore the keyring from a backup, or set the KMS again",
                          "KMS settings: {}", why);
}

class SettingsReader final : public Visitor {
 public:
  // No secrets at all: stored credentials are withheld.
  SettingsReader(JsonView root, std::optional<Bytes> secrets)
      : root_(root), has_secrets_(secrets), secrets_(secrets.value_or(Bytes())) {}

  // read_backend gives the settings to be filled.
  std::optional<KmsSettings> read_backend() {
    std::string backend;
    text("backend", backend, Kind::needed);
    auto kms = empty_settings(backend);
    if (!kms) wrong("backend", "is none of local, kmip and vault");
    return kms;
  }

  void text(Text name, std::string& value, Kind kind) override {
    known_.emplace_back(name);
    value.clear();
    const JsonView member = root_.member(name);
    if (!member && is_optional(kind)) return;
    if (!member) return wrong(name, "is missing");
    auto text = member.plain_text();
    if (!text) return wrong(name, "is not a string");
    if (text->empty()) return wrong(name, "is there, and empty");
    if (const char* problem = problem_of(*text, kind)) return wrong(name, problem);
    value = std::move(*text);
  }

  void credential(Text name, Credential& value, Kind kind) override {
    std::string written;
    text(name, written, kind);
    if (!has_secrets_ && written == "stored") {
      value = Credential::withheld();
      return;
    }
    auto read = Credential::from_written(written, written == "stored" ? next_secret(name) : Secret());
    if (!read) return wrong(name, "is no credential: " + read.error().what);
    if (auto ok = read->check(); !ok) return wrong(name, "cannot be kept: " + ok.error().what);
    value = std::move(*read);
  }

  void wrong(Text name, std::string_view why) override {
    if (problem_.empty()) problem_ = fmt::format("\"{}\" {}", name, why);
  }

  // finish is the verdict over all that was read and all that was not.
  Result<void> finish() {
    std::vector<std::string> names;
    for (const auto& [name, value] : root_.members()) names.push_back(name.plain_text().value_or(""));
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
      wrong(printable(*twice, 64), "is there twice");
    for (const std::string& name : names)
      if (std::ranges::find(known_, name) == known_.end())
        wrong(printable(name, 64), "is unknown: written by a newer Keyway, or damaged");
    if (!problem_.empty()) return corrupt(problem_);
    if (!secrets_.empty()) return corrupt("there are more secrets than stored credentials");
    return {};
  }

 private:
  Secret next_secret(Text name) {
    constexpr std::size_t head = 4;
    if (secrets_.size() < head) {
      wrong(name, "is stored, and its secret is missing");
      return {};
    }
    const std::uint32_t size = from_big_endian(secrets_);
    if (size > secrets_.size() - head) {
      wrong(name, "is stored, and its secret is cut short");
      return {};
    }
    Secret secret(secrets_.subspan(head, size));
    secrets_ = secrets_.subspan(head + size);
    return secret;
  }

  JsonView root_;
  bool has_secrets_;
  Bytes secrets_;  // those not taken yet
  std::vector<Text> known_;
  std::string problem_;
};

}  // namespace

Backend backend_of(const KmsSettings& kms) {
  constexpr Backend backends[] = {Backend::local, Backend::kmip, Backend::vault};
  return backends[kms.index()];
}

const std::string& key_of(const KmsSettings& kms) {
  return std::visit([](const auto& backend) -> const std::string& { return backend.key; }, kms);
}

// A copy is visited, because a visitor may change what it sees; secrets are shared by copies.
Result<std::string> written(const KmsSettings& kms) {
  KmsSettings copy = kms;
  SettingsWriter writer(backend_of(kms));
  visit(copy, writer);
  return writer.take();
}

Secret secrets_of(const KmsSettings& kms) {
  KmsSettings copy = kms;
  SecretsWriter writer;
  visit(copy, writer);
  return writer.take();
}

namespace {

Result<KmsSettings> read(Text json, std::optional<Bytes> secrets) {
  if (json.size() > longest_settings)
    return corrupt(fmt::format("they have {} bytes, the limit is {}", json.size(), longest_settings));
  const auto parsed = Json::parse(json, {.depth = 4, .nodes = 100});
  if (!parsed) return corrupt(parsed.error().what);
  if (!parsed->root().is(JsonKind::object)) return corrupt("they are no JSON object");
  SettingsReader reader(parsed->root(), secrets);
  auto kms = reader.read_backend();
  if (kms) visit(*kms, reader);
  if (auto ok = reader.finish(); !ok) return std::unexpected(std::move(ok.error()));
  return std::move(*kms);
}

}  // namespace

Result<KmsSettings> read_kms(Text json, Bytes secrets) { return read(json, secrets); }
Result<KmsSettings> read_kms_without_secrets(Text json) { return read(json, std::nullopt); }

}  // namespace keyway::keyring
