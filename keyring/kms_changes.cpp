// Keyring's work on the KMS itself: setting it, removing it, trying it.
#include <algorithm>
#include <chrono>

#include <keyring/keyring_impl.h>
#include <keyring/model/rules.h>
#include <vault/http/request.h>

namespace keyway::keyring {

namespace {

// Names of the first filesystems with `which`, for a sentence: "a, b, c and 7 more".
std::string named(std::vector<std::string> names, std::int64_t total) {
  std::string text;
  for (const std::string& name : names) text += fmt::format("{}'{}'", text.empty() ? "" : ", ", name);
  const auto more = total - static_cast<std::int64_t>(names.size());
  if (more > 0) text += fmt::format(" and {} more", more);
  return text;
}

bool uses_app_role(const KmsSettings& kms) {
  const auto* vault = std::get_if<VaultKms>(&kms);
  return vault != nullptr && std::holds_alternative<AppRoleAuth>(vault->auth);
}

Result<void> check_values(const KmsSettings& kms) {
  if (const auto* vault = std::get_if<VaultKms>(&kms)) {
    if (auto good = check_vault_addresses(vault->addresses); !good) return good;
    if (!vault->name_space.empty())
      if (auto good = check_namespace(vault->name_space); !good) return good;
    return {};
  }
  if (const auto* kmip = std::get_if<KmipKms>(&kms)) return check_kmip_addresses(kmip->addresses);
  return {};
}

// is_same_key tells whether two configurations mean the same key, as far as their words go.
bool names_same_key(const KmsSettings& one, const KmsSettings& other) {
  if (backend_of(one) != backend_of(other) || key_of(one) != key_of(other)) return false;
  const auto* vault = std::get_if<VaultKms>(&one);
  if (vault == nullptr) return true;
  const auto& second = std::get<VaultKms>(other);
  using vault::http::without_stray_slashes;
  return vault->name_space == second.name_space &&
         without_stray_slashes(vault->transit_path) == without_stray_slashes(second.transit_path);
}

std::string described(const KmsSettings& kms) {
  const auto* vault = std::get_if<VaultKms>(&kms);
  const auto* kmip = std::get_if<KmipKms>(&kms);
  if (vault != nullptr)
    return fmt::format("vault {}, key {} at {}{}", vault->addresses, vault->key, vault->transit_path,
                       vault->name_space.empty() ? "" : ", namespace " + vault->name_space);
  if (kmip != nullptr) return fmt::format("kmip {}, key {}", kmip->addresses, kmip->key);
  return "local key " + key_of(kms);
}

}  // namespace

Result<void> round_trip(Connection& connection, const std::string& key, Random& random) {
  constexpr Text purpose = "keyway keyring check";
  const Secret probe = random.secret(filesystem_key_size);
  KeyWrapper& wrapper = connection.wrapper(key);
  const auto wrapped = wrap_one(wrapper, probe.duplicate(), bytes_of(purpose));
  if (!wrapped) return std::unexpected(wrapped.error());
  const auto opened = unwrap_one(wrapper, *wrapped, bytes_of(purpose));
  if (!opened) return std::unexpected(opened.error());
  if (*opened == probe) return {};
  return fail(ErrorKind::corrupt, "what the KMS wrapped opens, but to another key");
}

namespace {

// What a configuration was tried on: one filesystem of each key, version and login.
struct Trial {
  bool opens = false;
  std::vector<KeyCount> keys;  // as they were
};

const std::string& addresses_of(const KmsSettings& kms) {
  static const std::string none;
  const auto* vault = std::get_if<VaultKms>(&kms);
  const auto* kmip = std::get_if<KmipKms>(&kms);
  return vault != nullptr ? vault->addresses : kmip != nullptr ? kmip->addresses : none;
}

// try_on finds out whether a configuration opens what is under `former`: then it is the same key, and nothing
// has to move. At least one filesystem has to say so, if there is any. A filesystem's secret id is only shown
// to a Vault that has proved itself with a key of the cluster's, or is where it was before.
Result<Trial> try_on(Keyring::Impl& ring, const SetKms& change, Connection& connection, RowId former,
                     const KmsSettings& former_settings) {
  Trial trial;
  auto keys = ring.store.key_counts();
  if (!keys) return std::unexpected(std::move(keys.error()));
  trial.keys = std::move(*keys);
  auto rows = ring.store.one_of_each_key();
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::erase_if(*rows, [former](const FilesystemRow& row) { return row.kms != former; });
  const bool has_any = !rows->empty();
  std::erase_if(*rows, [](const FilesystemRow& row) { return row.is_damaged(); });
  std::ranges::stable_sort(*rows, {}, [](const FilesystemRow& row) { return row.login != 0; });
  const bool is_where_it_was = addresses_of(former_settings) == addresses_of(change.kms);
  std::size_t opened = 0;
  for (const FilesystemRow& row : *rows) {
    if (row.login != 0 && opened == 0 && !is_where_it_was) return trial;
    std::unique_ptr<Connection> own_connection;
    Connection* through = &connection;
    if (row.login != 0) {
      auto own = ring.sessions.own_login(row.login);
      // It is lost as well, and given again with fs update --renew-login.
      if (!own && (change.replaces_state_key || change.is_retired)) continue;
      if (!own) return std::unexpected(std::move(own.error()));
      auto connected = ring.sessions.connect_new(change.kms, &*own);
      if (!connected) return std::unexpected(std::move(connected.error()));
      own_connection = std::move(*connected);
      through = own_connection.get();
    }
    const auto key = unwrap_one(through->wrapper({}), *row.key, context_of(row));
    if (!key && key.error().kind == ErrorKind::unreachable) return std::unexpected(key.error());
    if (!key) return trial;
    ++opened;
  }
  trial.opens = opened > 0 || !has_any;
  return trial;
}

// is_still_true tells whether there are no keys but those that were tried.
Result<bool> is_still_true(Keyring::Impl& ring, const Trial& trial) {
  const auto now = ring.store.key_counts();
  if (!now) return std::unexpected(now.error());
  const auto is_known = [&](const KeyCount& key) {
    return std::ranges::any_of(trial.keys, [&](const KeyCount& tried) {
      return tried.kms == key.kms && tried.login == key.login && tried.key_id == key.key_id &&
             tried.key_version == key.key_version;
    });
  };
  return std::ranges::all_of(*now, is_known);
}

Result<void> check_own_keys(Keyring::Impl& ring, const SetKms& change) {
  if (change.converts_to_cluster_key) return {};
  const bool takes_any = backend_of(change.kms) == Backend::vault;
  std::int64_t total = 0;
  std::vector<std::string> names;
  const auto each = ring.for_pages(
      [&](const FilesystemRow& row) {
        const bool is_refused =
            !row.own_key.empty() && (!takes_any || (row.own_login == 0 && !uses_app_role(change.kms)));
        if (is_refused && ++total <= 5) names.push_back(row.name);
        return false;
      },
      [](std::vector<FilesystemRow>) -> Result<void> { return {}; });
  if (!each) return each;
  if (total == 0) return {};
  return fail_with_advice(ErrorKind::invalid_input,
                          "give --convert-to-cluster-key-on-fs to bring them under the new cluster key",
                          "filesystems have keys of their own, which {}: {}",
                          takes_any ? "needs AppRole" : "only a Vault has", named(std::move(names), total));
}

// The row whose key a configuration is, and how that was found out.
struct SameKey {
  std::optional<KmsRow> row;
  Trial trial;
};

// find_same_key looks for it among the current row, or the retired ones: by its words, and by what it opens.
// Without a check there is only the user's word; it is taken where there is no other way.
Result<SameKey> find_same_key(Keyring::Impl& ring, const SetKms& change, Connection& connection) {
  const auto rows = ring.store.all_kms();
  if (!rows) return std::unexpected(rows.error());
  for (const KmsRow& row : *rows) {
    if (row.is_current == change.is_retired) continue;
    const auto settings = settings_without_secrets(row);
    if (!settings) return std::unexpected(settings.error());
    if (!names_same_key(*settings, change.kms)) continue;
    if (change.skips_check) {
      if (change.replaces_state_key || change.is_retired) return SameKey{row, {}};
      continue;
    }
    auto trial = try_on(ring, change, connection, row.id, *settings);
    if (!trial) return std::unexpected(std::move(trial.error()));
    if (trial->opens) return SameKey{row, std::move(*trial)};
  }
  return SameKey{};
}

// A new state key seals nothing but what is given with it: whatever else is needed has to be given again.
Result<void> check_state_key(Keyring::Impl& ring, const std::optional<KmsRow>& former, bool is_same_key) {
  if (!former || is_same_key) return {};
  const auto settings = settings_without_secrets(*former);
  if (!settings) return std::unexpected(settings.error());
  const auto counts = ring.store.key_counts();
  if (!counts) return std::unexpected(counts.error());
  const bool is_needed = std::ranges::any_of(*counts, [&](const KeyCount& c) { return c.kms == former->id; });
  if (!is_needed || backend_of(*settings) == Backend::local) return {};
  return fail_with_advice(
      ErrorKind::invalid_input,
      "give the KMS and key that the filesystems are under now, and change it afterwards; where "
      "nothing of it can be opened to compare, --skip-check takes your word",
      "with a new state key, the former KMS could not be reached any more");
}

// Rows that need no state key to be read are sealed under the new one, too.
Result<void> seal_local_again(Keyring::Impl& ring) {
  auto rows = ring.store.all_kms();
  if (!rows) return std::unexpected(std::move(rows.error()));
  for (KmsRow& row : *rows) {
    const auto plain = settings_without_secrets(row);
    if (!plain || backend_of(*plain) != Backend::local) continue;
    const auto settings = ring.sessions.settings(row.id);
    if (!settings) continue;  // its file is not here: it is named again when it is
    if (auto sealed = ring.sessions.seal(row, *settings); !sealed) return sealed;
    if (auto replaced = ring.store.replace_kms(row); !replaced) return replaced;
  }
  return {};
}

std::string event_of(const SetKms& change, const SetKmsOutcome& outcome) {
  std::string detail = described(change.kms);
  if (change.is_retired) detail += "; retired";
  if (change.skips_check) detail += "; not checked, as asked";
  if (change.replaces_state_key) detail += "; with a new state key";
  if (outcome.converted > 0)
    detail += fmt::format("; {} filesystems are to be under the cluster key", outcome.converted);
  return detail;
}

// check_connection proves the configuration; a retired KMS only has to open.
Result<void> check_connection(Keyring::Impl& ring, SetKms& change, Connection& connection) {
  auto* kmip = std::get_if<KmipKms>(&change.kms);
  if (change.skips_check) {
    if (kmip != nullptr && kmip->key.starts_with("name:"))
      return fail(ErrorKind::invalid_input,
                  "without a check, a key has to be named by its unique identifier, not as '{}'",
                  printable(kmip->key, 128));
    return {};
  }
  auto key = connection.identify(key_of(change.kms));
  if (!key) return std::unexpected(std::move(key.error()));
  if (kmip != nullptr) kmip->key = std::move(*key);
  if (change.is_retired) return {};
  return round_trip(connection, key_of(change.kms), ring.random);
}

}  // namespace

Result<SetKmsOutcome> Keyring::set_kms(SetKms change) {
  Impl& ring = *impl_;
  if (auto good = check_values(change.kms); !good) return std::unexpected(std::move(good.error()));
  if (!change.is_retired)
    if (auto good = check_own_keys(ring, change); !good) return std::unexpected(std::move(good.error()));
  auto connection = ring.sessions.connect_new(change.kms, nullptr);
  if (!connection) return std::unexpected(std::move(connection.error()));
  if (auto works = check_connection(ring, change, **connection); !works)
    return std::unexpected(std::move(works.error()));

  const auto current = ring.current();
  if (!current) return std::unexpected(current.error());
  const auto same = find_same_key(ring, change, **connection);
  if (!same) return std::unexpected(same.error());
  SetKmsOutcome outcome{.is_same_key = same->row.has_value(), .key = key_of(change.kms)};
  if (change.is_retired && !outcome.is_same_key)
    return fail_with_advice(ErrorKind::not_found, "kmsctl kms lists the retired ones",
                            "no retired KMS has this key, or it does not open what is under it");
  if (change.replaces_state_key)
    if (auto good = check_state_key(ring, *current, outcome.is_same_key && !change.is_retired); !good)
      return std::unexpected(std::move(good.error()));

  auto written = ring.store.change([&]() -> Result<void> {
    const auto now = ring.current();
    if (!now) return std::unexpected(now.error());
    const bool is_as_before =
        now->has_value() == current->has_value() &&
        (!now->has_value() || ((*now)->id == (*current)->id && (*now)->revision == (*current)->revision));
    if (!is_as_before) return changed_meanwhile("the KMS");
    if (outcome.is_same_key && !change.skips_check) {
      const auto is_true = is_still_true(ring, same->trial);
      if (!is_true) return std::unexpected(is_true.error());
      if (!*is_true) return changed_meanwhile("the filesystems");
    }
    if (auto made = ring.ensure_state_key(change.replaces_state_key); !made) return made;
    if (change.replaces_state_key)
      if (auto sealed = seal_local_again(ring); !sealed) return sealed;
    KmsRow row{.is_current = !change.is_retired, .settings = {}, .sealed = {}, .set_at = ring.clock.now()};
    if (outcome.is_same_key) {
      row.id = same->row->id;
      row.revision = same->row->revision;
      if (auto sealed = ring.sessions.seal(row, change.kms); !sealed) return sealed;
      if (auto replaced = ring.store.replace_kms(row); !replaced) return replaced;
    } else {
      if (*now) {
        KmsRow retired = **ring.current();
        retired.is_current = false;
        if (auto replaced = ring.store.replace_kms(retired); !replaced) return replaced;
      }
      const auto id = ring.store.next_kms_id();
      if (!id) return std::unexpected(id.error());
      row.id = *id;
      if (auto sealed = ring.sessions.seal(row, change.kms); !sealed) return sealed;
      if (auto added = ring.store.add_kms(row); !added) return std::unexpected(added.error());
    }
    if (change.converts_to_cluster_key) {
      const auto converted = ring.store.convert_all_to_cluster_key();
      if (!converted) return std::unexpected(converted.error());
      outcome.converted = *converted;
    }
    if (auto dropped = ring.store.drop_unused(); !dropped) return std::unexpected(dropped.error());
    return ring.record("kms-set", {}, event_of(change, outcome));
  });
  ring.sessions.forget();
  if (!written) return std::unexpected(std::move(written.error()));
  const auto after = overview();
  if (!after) return std::unexpected(after.error());
  outcome.left = after->left;
  return outcome;
}

Result<Tally> Keyring::unset_kms(bool allows_downgrade, const OnProgress& progress) {
  Impl& ring = *impl_;
  const auto row = ring.current();
  if (!row) return std::unexpected(row.error());
  std::optional<KmsSettings> settings;
  if (*row) {
    auto read = settings_without_secrets(**row);
    if (!read) return std::unexpected(std::move(read.error()));
    settings = std::move(*read);
  }
  if (!settings || backend_of(*settings) == Backend::local)
    return fail(ErrorKind::not_found, "no KMS is configured: there is nothing to unset");
  const auto encrypted = ring.store.count(true);
  if (!encrypted) return std::unexpected(encrypted.error());
  if (*encrypted == 0) {
    auto removed = ring.store.change([&]() -> Result<void> {
      if (auto gone = ring.store.remove_kms((*row)->id); !gone) return gone;
      if (auto dropped = ring.store.drop_unused(); !dropped) return std::unexpected(dropped.error());
      return ring.record("kms-unset", {}, described(*settings));
    });
    ring.sessions.forget();
    if (!removed) return std::unexpected(std::move(removed.error()));
    return Tally{};
  }
  if (!allows_downgrade) {
    std::vector<std::string> names;
    const auto first = ring.store.filesystems_after(0, 10, true);
    if (!first) return std::unexpected(first.error());
    for (const FilesystemRow& filesystem : *first) names.push_back(filesystem.name);
    return fail_with_advice(
        ErrorKind::invalid_input,
        "remove them, or give --allow-downgrade to bring their keys under the local key, which "
        "is weaker",
        "{} filesystems are encrypted: {}", *encrypted, named(std::move(names), *encrypted));
  }

  Goal goal{.backend = Backend::local, .key = {}, .newest_version = {}};
  auto prepared = ring.store.change([&]() -> Result<void> {
    const auto local = ring.local_kms(false);
    if (!local) return std::unexpected(local.error());
    const auto local_settings = settings_without_secrets(*local);
    if (!local_settings) return std::unexpected(local_settings.error());
    goal.kms = local->id;
    goal.revision = local->revision;
    goal.key = key_of(*local_settings);
    return {};
  });
  ring.sessions.forget();
  if (!prepared) return std::unexpected(std::move(prepared.error()));
  auto tally = ring.move_all(goal, [](const FilesystemRow&) { return true; }, progress);
  if (!tally || tally->failed > 0) return tally;

  auto finished = ring.store.change([&]() -> Result<void> {
    const auto now = ring.current();
    if (!now) return std::unexpected(now.error());
    if (!*now || (*now)->id != (*row)->id || (*now)->revision != (*row)->revision)
      return changed_meanwhile("the KMS");
    const auto overview_now = overview();
    if (!overview_now) return std::unexpected(overview_now.error());
    for (const KmsView& kms : overview_now->kms)
      if (kms.id != goal.kms && kms.filesystems > 0)
        return fail_with_advice(ErrorKind::unreachable, "run it again",
                                "another process made filesystems under the KMS meanwhile");
    const auto local = ring.local_kms(false);
    if (!local) return std::unexpected(local.error());
    KmsRow former = **row;
    if (auto gone = ring.store.remove_kms(former.id); !gone) return gone;
    KmsRow current_local = *local;
    current_local.is_current = true;
    if (auto replaced = ring.store.replace_kms(current_local); !replaced) return replaced;
    if (auto dropped = ring.store.drop_unused(); !dropped) return std::unexpected(dropped.error());
    return ring.record("kms-unset", {},
                       fmt::format("{}; {} filesystems are under the local key now, which is weaker",
                                   described(*settings), *encrypted));
  });
  ring.sessions.forget();
  if (!finished) return std::unexpected(std::move(finished.error()));
  return tally;
}

// A retired KMS may refuse to wrap, and has to open what is left under it.
Result<void> Keyring::Impl::open_one_of_each(RowId kms) {
  auto rows = store.one_of_each_key();
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::erase_if(*rows, [kms](const FilesystemRow& row) { return row.kms != kms || row.is_damaged(); });
  for (const Result<Secret>& opened : sessions.open(*rows))
    if (!opened) return std::unexpected(opened.error());
  return {};
}

Result<std::vector<KmsHealth>> Keyring::health() {
  auto view = overview();
  if (!view) return std::unexpected(std::move(view.error()));
  std::vector<KmsHealth> all;
  for (KmsView& kms : view->kms) {
    KmsHealth health{.kms = std::move(kms), .error = {}, .newest_version = {}};
    const auto begin = std::chrono::steady_clock::now();
    const auto tried = [&]() -> Result<void> {
      if (!health.kms.is_current) return impl_->open_one_of_each(health.kms.id);
      const auto connection = impl_->sessions.connection(health.kms.id, 0);
      if (!connection) return std::unexpected(connection.error());
      auto version = (*connection)->newest_version(key_of(health.kms.settings));
      if (!version) return std::unexpected(std::move(version.error()));
      health.newest_version = std::move(*version);
      return round_trip(**connection, key_of(health.kms.settings), impl_->random);
    }();
    if (!tried) health.error = tried.error();
    health.round_trip =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    all.push_back(std::move(health));
  }
  return all;
}

}  // namespace keyway::keyring
