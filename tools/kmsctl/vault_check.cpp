#include <algorithm>
#include <chrono>

#include <tools/kmsctl/vault_check.h>
#include <vault/client/key_wrapper.h>

namespace keyway::kmsctl {

namespace {

using Capabilities = std::vector<std::string>;

// A token with less to live than this is about to expire.
constexpr std::chrono::seconds soon = std::chrono::days(1);

bool has(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

std::string in_words(std::chrono::seconds time) {
  using std::chrono::days, std::chrono::hours, std::chrono::minutes;
  const auto count = [time](auto unit) { return std::chrono::duration_cast<decltype(unit)>(time).count(); };
  if (time >= days(2)) return fmt::format("{} days", count(days()));
  if (time >= hours(2)) return fmt::format("{} hours", count(hours()));
  if (time >= minutes(2)) return fmt::format("{} minutes", count(minutes()));
  return fmt::format("{} seconds", time.count());
}

// A name that a server could have made to look like something else is shown without its control characters,
// and so are the facts.
Report::Facts texts(const std::vector<std::string>& list) {
  Report::Facts json = Report::Facts::array();
  for (const std::string& text : list) json.push_back(printable(text));
  return json;
}

class VaultCheck {
 public:
  VaultCheck(Report& report, vault::BlockingClient& client, const vault::TransitKey& key,
             const VaultCheckOptions& options)
      : report_(report), client_(client), key_(key), options_(options) {}

  void run() {
    if (!health()) return skip_after_health();
    if (!token()) return skip_after_token();
    key();
    policy();
    round_trip();
  }

 private:
  bool health();
  bool knows_namespaces(const std::string& version);
  void name_space(const std::string& version);
  void skip_after_health();
  bool token();
  void skip_after_token();
  void token_lifetime(const vault::TokenFacts& facts);
  void key();
  void key_protection(const vault::KeyInfo& info);
  void policy();
  void allowed(std::string_view name, const std::string& path, const Capabilities& list,
               std::string_view needed, bool is_vital);
  void creates(const std::string& path, const Capabilities& list);
  void round_trip();

  std::string path(std::string_view call) const {
    return fmt::format("{}/{}/{}", key_.mount, call, key_.name);
  }

  Report& report_;
  vault::BlockingClient& client_;
  const vault::TransitKey& key_;
  const VaultCheckOptions& options_;
  Result<vault::KeyInfo> info_ = fail(ErrorKind::internal, "the key was not read");
  std::int64_t uses_left_ = 0;
};

bool VaultCheck::health() {
  const auto health = client_.health();
  if (!health) {
    report_.failed("reachable", health.error());
    report_.skip_all({"initialized", "unsealed"}, "the server was not reached");
    return false;
  }
  const std::string cluster =
      health->cluster_name.empty() ? std::string() : fmt::format(", cluster {}", health->cluster_name);
  const std::string_view role = health->standby ? "standby" : "active";
  report_.ok("reachable",
             fmt::format("{}, version {}, {}{}", options_.address, health->version, role, cluster),
             {{"version", printable(health->version)},
              {"standby", health->standby},
              {"status", health->status},
              {"cluster_name", printable(health->cluster_name)}});
  if (!health->initialized) {
    report_.failed("initialized", Error{ErrorKind::unreachable,
                                        "the server is not initialised",
                                        "initialise it (vault operator init)",
                                        {}});
    report_.skipped("unsealed", "the server is not initialised");
    return false;
  }
  report_.ok("initialized", "yes");
  if (health->sealed) {
    report_.failed(
        "unsealed",
        Error{ErrorKind::unreachable, "the server is sealed", "unseal it (vault operator unseal)", {}});
    return false;
  }
  report_.ok("unsealed", "yes");
  name_space(health->version);
  return true;
}

// Vault has namespaces in its Enterprise edition ("1.15.2+ent"). OpenBao, from 2.3 on, refuses to tell its
// health in one, even in one that is not there.
bool VaultCheck::knows_namespaces(const std::string& version) {
  if (version.find("+ent") != std::string::npos) return true;
  vault::Question question = vault::ask_health();
  question.purpose = vault::Purpose::other;
  question.in_namespace = true;
  const auto response = client_.send(std::move(question));
  return !response && response.error().refusal.has_value();
}

// Others do not refuse the header: they do not look at it, and the key of the root is taken for the tenant's.
void VaultCheck::name_space(const std::string& version) {
  if (options_.name_space.empty()) return;
  Report::Facts values = {{"namespace", options_.name_space}};
  if (knows_namespaces(version)) return report_.ok("namespace", options_.name_space, std::move(values));
  report_.warning(
      "namespace",
      fmt::format("a server of version {} ignores namespaces: '{}' is not looked at, and the root "
                  "namespace is used",
                  version, options_.name_space),
      std::move(values));
}

void VaultCheck::skip_after_health() {
  report_.skip_all({"token", "token-lifetime", "key", "key-protection", "policy-encrypt", "policy-decrypt",
                    "policy-rewrap", "policy-read", "policy-create", round_trip_name, latency_name},
                   "the server does not serve");
}

bool VaultCheck::token() {
  const auto facts = client_.token_facts();
  if (!facts) {
    // A token without the policy `default` may not ask about itself, and be good all the same.
    // Only a good token learns whether a key is there.
    const bool refused = facts.error().kind == ErrorKind::refused;
    const auto info = refused ? client_.read_key(key_) : std::unexpected(facts.error());
    if (!info && (!refused || info.error().kind != ErrorKind::not_found)) {
      report_.failed("token", facts.error());
      return false;
    }
    report_.warning("token", "good, but its policy does not let it look itself up (auth/token/lookup-self)");
    report_.skipped("token-lifetime", "the server does not tell");
    return true;
  }
  uses_left_ = facts->uses_left;
  std::string detail =
      fmt::format("{}, {}, policies {}", facts->display_name, facts->type, fmt::join(facts->policies, ", "));
  Report::Facts values = {{"display_name", printable(facts->display_name)},
                          {"type", printable(facts->type)},
                          {"policies", texts(facts->policies)},
                          {"orphan", facts->is_orphan}};
  if (has(facts->policies, "root"))
    report_.warning("token", detail + "; a root token may do everything: make one with a policy",
                    std::move(values));
  else
    report_.ok("token", std::move(detail), std::move(values));
  token_lifetime(*facts);
  return true;
}

void VaultCheck::skip_after_token() {
  report_.skip_all({"token-lifetime", "key", "key-protection", "policy-encrypt", "policy-decrypt",
                    "policy-rewrap", "policy-read", "policy-create", round_trip_name, latency_name},
                   "there is no good token");
}

void VaultCheck::token_lifetime(const vault::TokenFacts& facts) {
  Report::Facts values = {{"ttl_seconds", facts.ttl.count()},
                          {"expire_time", printable(facts.expire_time)},
                          {"renewable", facts.is_renewable},
                          {"uses_left", facts.uses_left}};
  const auto warning = [&](std::string detail) {
    report_.warning("token-lifetime", std::move(detail), std::move(values));
  };
  const auto ok = [&](std::string detail) {
    report_.ok("token-lifetime", std::move(detail), std::move(values));
  };
  const std::string left = in_words(facts.ttl);
  if (facts.uses_left > 0)
    return warning(fmt::format("good for {} more requests only, this check's included", facts.uses_left));
  if (facts.ttl.count() == 0) return ok("never ends");
  if (options_.logs_in) return ok(fmt::format("{} left; the login gives a new one", left));
  if (!facts.is_renewable)
    return warning(fmt::format("{} left, and it cannot be renewed: it ends {}", left, facts.expire_time));
  if (facts.ttl < soon) return warning(fmt::format("{} left, unless it is renewed before", left));
  ok(fmt::format("{} left, renewable", left));
}

void VaultCheck::key() {
  info_ = client_.read_key(key_);
  if (!info_) {
    report_.failed("key", info_.error());
    return report_.skipped("key-protection", "the key could not be read");
  }
  const vault::KeyInfo& info = *info_;
  const std::string detail =
      fmt::format("{}, {}, version {}, opens versions from {} on{}", path("keys"), info.type,
                  info.latest_version, info.min_decryption_version, info.derived ? ", derived" : "");
  Report::Facts values = {{"type", printable(info.type)},
                          {"latest_version", info.latest_version},
                          {"min_decryption_version", info.min_decryption_version},
                          {"min_encryption_version", info.min_encryption_version},
                          {"min_available_version", info.min_available_version},
                          {"derived", info.derived}};
  const auto failed = [&](ErrorKind kind, std::string what, std::string advice) {
    report_.failed("key", Error{kind, std::move(what), std::move(advice), {}}, std::move(values));
  };
  if (info.soft_deleted)
    failed(ErrorKind::refused, fmt::format("{} is deleted (softly): it wraps nothing", path("keys")),
           "restore it, or use another key");
  else if (!info.supports_encryption || !info.supports_decryption)
    failed(ErrorKind::unsupported,
           fmt::format("{} is of type {}, which does not encrypt", path("keys"), info.type),
           "use a key of type aes256-gcm96");
  else
    report_.ok("key", detail, std::move(values));
  key_protection(info);
}

void VaultCheck::key_protection(const vault::KeyInfo& info) {
  Report::Facts values = {{"exportable", info.exportable}, {"deletion_allowed", info.deletion_allowed}};
  std::string detail;
  if (info.exportable) detail = "the key can be exported, and that can never be taken back";
  if (info.deletion_allowed)
    detail +=
        fmt::format("{}the key can be deleted, and all that it wrapped with it: set deletion_allowed=false",
                    detail.empty() ? "" : "; ");
  if (info.convergent)
    detail += fmt::format("{}the key is convergent: equal data keys look equal", detail.empty() ? "" : "; ");
  if (detail.empty())
    report_.ok("key-protection", "it can neither be exported nor deleted", std::move(values));
  else
    report_.warning("key-protection", std::move(detail), std::move(values));
}

void VaultCheck::policy() {
  // What is left is needed for the round trip: a key, an encryption, a decryption.
  constexpr std::int64_t round_trip_requests = 3;
  if (uses_left_ > 0 && uses_left_ <= round_trip_requests + 2)
    return report_.skip_all(
        {"policy-encrypt", "policy-decrypt", "policy-rewrap", "policy-read", "policy-create"},
        "the token is not good for so many requests");
  const std::string encrypt = path("encrypt"), decrypt = path("decrypt"), rewrap = path("rewrap"),
                    keys = path("keys");
  const auto all = client_.capabilities({encrypt, decrypt, rewrap, keys});
  if (!all || all->size() != 4)
    return report_.skip_all(
        {"policy-encrypt", "policy-decrypt", "policy-rewrap", "policy-read", "policy-create"},
        all ? "the server does not tell" : describe(all.error()));
  allowed("policy-encrypt", encrypt, (*all)[0], "update", true);
  allowed("policy-decrypt", decrypt, (*all)[1], "update", true);
  allowed("policy-rewrap", rewrap, (*all)[2], "update", false);
  allowed("policy-read", keys, (*all)[3], "read", true);
  creates(encrypt, (*all)[0]);
}

void VaultCheck::allowed(std::string_view name, const std::string& path, const Capabilities& list,
                         std::string_view needed, bool is_vital) {
  Report::Facts values = {{"path", path}, {"capabilities", texts(list)}};
  if (has(list, needed) || has(list, "root"))
    return report_.ok(name, fmt::format("{}: {}", path, fmt::join(list, ", ")), std::move(values));
  Error error{
      ErrorKind::refused,
      fmt::format("the policy does not allow {} on {}, only: {}", needed, path, fmt::join(list, ", ")),
      fmt::format("add to it: path \"{}\" {{ capabilities = [\"{}\"] }}", path, needed),
      {}};
  if (is_vital) return report_.failed(name, error, std::move(values));
  report_.warning(name, describe(error), std::move(values));
}

void VaultCheck::creates(const std::string& path, const Capabilities& list) {
  Report::Facts values = {{"path", path}, {"capabilities", texts(list)}};
  if (has(list, "create") || has(list, "root"))
    return report_.warning(
        "policy-create",
        fmt::format("the policy allows create on {}: whoever encrypts with a name that no key "
                    "has makes a key; allow update only",
                    path),
        std::move(values));
  report_.ok("policy-create", "encrypt cannot make a key by accident", std::move(values));
}

void VaultCheck::round_trip() {
  if (!info_ && info_.error().kind == ErrorKind::not_found)
    return report_.skip_all({round_trip_name, latency_name}, "there is no key");
  if (info_ && info_->derived && options_.context.empty()) {
    report_.failed(round_trip_name, Error{ErrorKind::invalid_input,
                                          "the key is a derived one: it wraps only with a context",
                                          "give --context",
                                          {}});
    return report_.skipped(latency_name, "wrapping does not work");
  }
  vault::VaultWrapper wrapper(client_.async(), {.key = key_});
  check_round_trip(report_, wrapper, options_.context, uses_left_ > 0);
}

}  // namespace

void check_vault(Report& report, vault::BlockingClient& client, const vault::TransitKey& key,
                 const VaultCheckOptions& options) {
  VaultCheck(report, client, key, options).run();
}

}  // namespace keyway::kmsctl
