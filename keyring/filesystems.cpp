// Keyring's work on single filesystems: making, changing, removing, snapshots.
#include <algorithm>

#include <core/hex.h>
#include <keyring/keyring_impl.h>
#include <keyring/model/rules.h>

namespace keyway::keyring {

namespace {

constexpr std::size_t id_size = 16;  // bytes

// What a filesystem's key of its own comes to, beside the cluster's configuration. Empty key: the cluster's.
struct Wanted {
  std::string key, name_space;
  std::optional<OwnLogin> login;  // with its secret
  RowId login_row = 0;            // it stands in the store already, unchanged
};

Result<void> check_takes_own_keys(const KmsSettings& kms) {
  if (backend_of(kms) == Backend::vault) return {};
  return fail(ErrorKind::invalid_input, "a filesystem's own key is for a Vault only, and the KMS is {}",
              name(backend_of(kms)));
}

// wanted_of puts together what is given now with what was there before.
Result<Wanted> wanted_of(const OwnKey& own, const KmsSettings& kms, RowId kms_row,
                         const FilesystemRow* before, const std::optional<OwnLogin>& login_before) {
  if (auto good = check_takes_own_keys(kms); !good) return std::unexpected(std::move(good.error()));
  const auto& vault = std::get<VaultKms>(kms);
  const bool had_own = before != nullptr && !before->own_key.empty();
  Wanted wanted;
  wanted.key = own.key.value_or(had_own ? before->own_key : std::string());
  if (wanted.key.empty())
    return fail(ErrorKind::invalid_input,
                "a namespace or a role of its own goes with a key of its own (--kms-key-identifier)");
  if (auto good = vault::check_key({vault.transit_path, wanted.key}); !good)
    return std::unexpected(std::move(good.error()));
  wanted.name_space = own.name_space.value_or(had_own ? before->own_namespace : vault.name_space);
  if (own.name_space)
    if (auto good = check_namespace(*own.name_space); !good) return std::unexpected(std::move(good.error()));
  if (own.role) {
    wanted.login = OwnLogin{wanted.name_space, *own.role};
    return wanted;
  }
  if (had_own && before->own_login != 0 && before->kms != kms_row)
    return fail(
        ErrorKind::invalid_input,
        "its own login is for the former KMS: give a role and a secret id for this one (--kms-role-id, "
        "--kms-secret-id-file)");
  if (had_own && before->own_login != 0 && login_before && login_before->name_space == wanted.name_space) {
    wanted.login = login_before;
    wanted.login_row = before->own_login;
    return wanted;
  }
  if (wanted.name_space != vault.name_space)
    return fail(ErrorKind::invalid_input,
                "namespace '{}' is not the cluster's ('{}'): it needs a role and a secret id of its own "
                "(--kms-role-id, --kms-secret-id-file)",
                printable(wanted.name_space, 128), printable(vault.name_space, 128));
  if (!std::holds_alternative<AppRoleAuth>(vault.auth))
    return fail(ErrorKind::invalid_input,
                "a key of its own needs AppRole: configure the cluster's KMS with a role, or give one here "
                "(--kms-role-id, --kms-secret-id-file)");
  return wanted;
}

}  // namespace

Result<void> Keyring::Impl::find_newest(Goal& goal) {
  const auto connection = sessions.connection(goal.kms, 0);
  if (!connection) return std::unexpected(connection.error());
  goal.makes_newer = (*connection)->newest_on_rewrap();
  if (!goal.makes_newer) return {};
  auto version = (*connection)->newest_version(goal.key);
  if (!version) return std::unexpected(std::move(version.error()));
  goal.newest_version = std::move(*version);
  return {};
}

Result<RowId> Keyring::Impl::put_login(RowId kms, const OwnLogin& own) {
  if (auto made = ensure_state_key(); !made) return std::unexpected(std::move(made.error()));
  const auto known = store.login(kms, own.name_space, own.role.role_id);
  if (!known) return std::unexpected(known.error());
  LoginRow row{
      .kms = kms, .name_space = own.name_space, .role_id = own.role.role_id, .source = {}, .sealed = {}};
  if (*known) {
    row.id = (*known)->id;
  } else {
    const auto id = store.next_login_id();
    if (!id) return id;
    row.id = *id;
  }
  if (auto sealed = sessions.seal(row, own.role.secret_id); !sealed)
    return std::unexpected(std::move(sealed.error()));
  if (auto put = store.put_login(row); !put) return std::unexpected(std::move(put.error()));
  return row.id;
}

namespace {

// How a new key of a filesystem is wrapped: by the cluster's key, or by its own.
class Wrapping {
 public:
  // prepare finds the KMS; the local key is made when it may be. Nothing of a filesystem is stored yet.
  static Result<Wrapping> prepare(Keyring::Impl& ring, const OwnKey& own, bool allows_no_kms,
                                  const FilesystemRow* before);

  Result<WrappedKey> wrap(const Secret& key, const FilesystemRow& row) {
    return wrap_one(connection_->wrapper(wanted_.key.empty() ? goal_.key : wanted_.key), key.duplicate(),
                    context_of(row));
  }
  Connection& connection() { return *connection_; }
  // settle writes into `row` where its key is; inside the change that stores it.
  Result<void> settle(Keyring::Impl& ring, FilesystemRow& row, WrappedKey key) const;

 private:
  Goal goal_;
  Wanted wanted_;
  std::unique_ptr<Connection> own_connection_;
  Connection* connection_ = nullptr;
};

Result<void> make_local(Keyring::Impl& ring) {
  auto made = ring.store.change([&]() -> Result<void> {
    const auto row = ring.local_kms(true);
    if (!row) return std::unexpected(row.error());
    return {};
  });
  ring.sessions.forget();
  return made;
}

Result<Wrapping> Wrapping::prepare(Keyring::Impl& ring, const OwnKey& own, bool allows_no_kms,
                                   const FilesystemRow* before) {
  auto goal = ring.goal();
  const bool has_none = !goal && goal.error().kind == ErrorKind::not_found;
  if (!goal && !has_none) return std::unexpected(std::move(goal.error()));
  if (has_none || goal->backend == Backend::local) {
    if (own.is_given())
      return fail_with_advice(ErrorKind::invalid_input, "configure it with kms set vault",
                              "a key of its own needs a Vault, and no KMS is configured");
    if (!allows_no_kms)
      return fail_with_advice(
          ErrorKind::invalid_input,
          "configure one with kms set, or give --allow-no-kms to use the local key, which is weaker",
          "no KMS is configured to encrypt with");
  }
  if (has_none) {
    if (auto made = make_local(ring); !made) return std::unexpected(std::move(made.error()));
    goal = ring.goal();
    if (!goal) return std::unexpected(std::move(goal.error()));
  }
  Wrapping wrapping;
  wrapping.goal_ = std::move(*goal);
  if (own.is_given()) {
    auto settings = ring.sessions.settings(wrapping.goal_.kms);
    if (!settings) return std::unexpected(std::move(settings.error()));
    std::optional<OwnLogin> login_before;
    if (before != nullptr && before->own_login != 0) {
      auto login = ring.sessions.own_login(before->own_login);
      if (!login && !own.role) return std::unexpected(std::move(login.error()));
      if (login) login_before = std::move(*login);
    }
    auto wanted = wanted_of(own, *settings, wrapping.goal_.kms, before, login_before);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    wrapping.wanted_ = std::move(*wanted);
    if (wrapping.wanted_.login) {
      auto connected = ring.sessions.connect_new(*settings, &*wrapping.wanted_.login);
      if (!connected) return std::unexpected(std::move(connected.error()));
      wrapping.own_connection_ = std::move(*connected);
      wrapping.connection_ = wrapping.own_connection_.get();
      return wrapping;
    }
  }
  const auto connected = ring.sessions.connection(wrapping.goal_.kms, 0);
  if (!connected) return std::unexpected(connected.error());
  wrapping.connection_ = *connected;
  return wrapping;
}

Result<void> Wrapping::settle(Keyring::Impl& ring, FilesystemRow& row, WrappedKey key) const {
  const auto revision = ring.store.revision_of(goal_.kms);
  if (!revision) return std::unexpected(revision.error());
  if (*revision != goal_.revision) return changed_meanwhile("the KMS");
  RowId login = wanted_.login_row;
  if (wanted_.login && login == 0) {
    const auto put = ring.put_login(goal_.kms, *wanted_.login);
    if (!put) return std::unexpected(put.error());
    login = *put;
  }
  row.own_key = wanted_.key;
  row.own_namespace = wanted_.key.empty() ? std::string() : wanted_.name_space;
  row.own_login = login;
  row.kms = goal_.kms;
  row.login = login;
  row.key = std::move(key);
  return {};
}

std::string described(const FilesystemRow& row) {
  if (row.is_damaged()) return "damaged";
  if (!row.is_encrypted()) return "not encrypted";
  return fmt::format("encrypted, {} key {}{}", name(row.key->backend()), row.key->key_id,
                     row.own_key.empty() ? "" : " of its own");
}

}  // namespace

Result<FilesystemView> Keyring::create_filesystem(const NewFilesystem& wanted) {
  Impl& ring = *impl_;
  if (auto good = check_filesystem_name(wanted.name); !good) return std::unexpected(std::move(good.error()));
  if (wanted.own.is_given() && !wanted.is_encrypted)
    return fail(ErrorKind::invalid_input, "a key of its own is for an encrypted filesystem (--encrypted)");
  const auto taken = ring.store.filesystem(wanted.name);  // before the KMS is asked for nothing
  if (!taken) return std::unexpected(taken.error());
  if (*taken)
    return fail(ErrorKind::invalid_input, "there is a filesystem '{}' already", printable(wanted.name));

  FilesystemRow row{
      .id = to_hex(ring.random.bytes(id_size)), .name = wanted.name, .created = ring.clock.now()};
  std::optional<Wrapping> wrapping;
  Result<WrappedKey> wrapped = std::unexpected(Error{});
  if (wanted.is_encrypted) {
    auto prepared = Wrapping::prepare(ring, wanted.own, wanted.allows_no_kms, nullptr);
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    wrapping = std::move(*prepared);
    wrapped = wrapping->wrap(ring.random.secret(filesystem_key_size), row);
    if (!wrapped) return std::unexpected(std::move(wrapped.error()));
  }
  auto stored = ring.store.change([&]() -> Result<void> {
    if (wrapping)
      if (auto settled = wrapping->settle(ring, row, *wrapped); !settled) return settled;
    if (auto added = ring.store.add(row); !added) return added;
    return ring.record("fs-create", row.name, described(row));
  });
  if (!stored) return std::unexpected(std::move(stored.error()));
  return filesystem(wanted.name);
}

Result<Tally> Keyring::create_filesystems(const std::vector<std::string>& names, const OnProgress& progress) {
  Impl& ring = *impl_;
  const auto goal = ring.goal();
  if (!goal) return std::unexpected(goal.error());
  Tally tally;
  for (std::size_t begin = 0; begin < names.size(); begin += page_size) {
    if (progress) progress(static_cast<std::int64_t>(begin), static_cast<std::int64_t>(names.size()));
    const std::size_t end = std::min(begin + page_size, names.size());
    std::vector<FilesystemRow> rows;
    std::vector<Secret> keys;
    for (std::size_t i = begin; i < end; ++i) {
      if (auto good = check_filesystem_name(names[i]); !good) {
        tally.fail(names[i], good.error());
        continue;
      }
      rows.push_back(
          {.id = to_hex(ring.random.bytes(id_size)), .name = names[i], .created = ring.clock.now()});
      keys.push_back(ring.random.secret(filesystem_key_size));
    }
    std::vector<Sessions::Wrapping> jobs;
    for (std::size_t i = 0; i < rows.size(); ++i)
      jobs.push_back({{goal->kms, 0, goal->key}, &keys[i], context_of(rows[i])});
    const Each<WrappedKey> wrapped = ring.sessions.wrap(jobs);
    Tally here;
    auto stored = ring.store.change([&]() -> Result<void> {
      here = {};
      const auto revision = ring.store.revision_of(goal->kms);
      if (!revision) return std::unexpected(revision.error());
      if (*revision != goal->revision) return changed_meanwhile("the KMS");
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!wrapped[i]) {
          here.fail(rows[i].name, wrapped[i].error());
          continue;
        }
        FilesystemRow row = rows[i];
        row.kms = goal->kms;
        row.key = *wrapped[i];
        auto added = ring.store.add(row);
        if (added)
          ++here.done;
        else if (added.error().kind == ErrorKind::invalid_input)
          here.fail(row.name, added.error());
        else
          return added;
      }
      return ring.record("fs-create", {}, fmt::format("{} encrypted filesystems", here.done));
    });
    if (!stored) return std::unexpected(std::move(stored.error()));
    tally.add(std::move(here));
  }
  if (progress) progress(static_cast<std::int64_t>(names.size()), static_cast<std::int64_t>(names.size()));
  return tally;
}

Result<FilesystemView> Keyring::update_filesystem(const std::string& name, const UpdateFilesystem& change) {
  Impl& ring = *impl_;
  auto row = ring.find(name);
  if (!row) return std::unexpected(std::move(row.error()));
  const bool moves = change.own.is_given() || change.uses_cluster_key;
  if (change.own.is_given() && change.uses_cluster_key)
    return fail(
        ErrorKind::invalid_input,
        "the cluster's key (--use-cluster-kms-key-identifier) and a key of its own exclude each other");
  if (moves && !row->is_encrypted())
    return fail(ErrorKind::invalid_input, "'{}' is not encrypted: it has no key", printable(name));
  if (!moves && !change.new_name) return fail(ErrorKind::invalid_input, "there is nothing to change");
  if (change.new_name) {
    if (auto good = check_filesystem_name(*change.new_name); !good)
      return std::unexpected(std::move(good.error()));
    const auto taken = ring.store.filesystem(*change.new_name);
    if (!taken) return std::unexpected(taken.error());
    if (*taken && (*taken)->number != row->number)
      return fail(ErrorKind::invalid_input, "there is a filesystem '{}' already",
                  printable(*change.new_name));
  }

  const FilesystemRow former = *row;
  std::optional<Wrapping> wrapping;
  Result<WrappedKey> wrapped = std::unexpected(Error{});
  if (moves) {
    auto prepared = Wrapping::prepare(ring, change.own, true, &*row);
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    wrapping = std::move(*prepared);
    Each<Secret> opened = ring.sessions.open(std::span(&*row, 1));
    // A role's secret id that has died is replaced by a new one of the same role: that one opens, too.
    if (!opened.front() && change.own.role) {
      auto anew = unwrap_one(wrapping->connection().wrapper({}), *row->key, context_of(*row));
      if (anew) opened.front() = std::move(anew);
    }
    if (!opened.front()) return std::unexpected(std::move(opened.front().error()));
    wrapped = wrapping->wrap(*opened.front(), *row);
    if (!wrapped) return std::unexpected(std::move(wrapped.error()));
  }
  auto stored = ring.store.change([&]() -> Result<void> {
    if (wrapping)
      if (auto settled = wrapping->settle(ring, *row, *wrapped); !settled) return settled;
    if (change.new_name) row->name = *change.new_name;
    auto replaced = ring.store.replace(*row, former);
    if (!replaced && replaced.error().kind == ErrorKind::not_found)
      return changed_meanwhile("the filesystem");
    if (!replaced) return replaced;
    if (auto dropped = ring.store.drop_unused(); !dropped) return std::unexpected(dropped.error());
    std::string detail = described(*row);
    if (change.new_name && *change.new_name != name) detail = fmt::format("was '{}'; {}", name, detail);
    return ring.record("fs-update", row->name, std::move(detail));
  });
  ring.sessions.forget();
  if (!stored) return std::unexpected(std::move(stored.error()));
  return filesystem(row->name);
}

Result<FilesystemView> Keyring::renew_login(const std::string& name, const AppRoleAuth& role) {
  Impl& ring = *impl_;
  auto row = ring.find(name);
  if (!row) return std::unexpected(std::move(row.error()));
  if (!row->is_encrypted() || row->login == 0)
    return fail_with_advice(
        ErrorKind::invalid_input,
        "give the KMS's credentials with kms set, and those of a retired one with kms set --retired",
        "'{}' has no login of its own: its key is reached with the cluster's credentials", printable(name));
  const auto former = ring.store.login(row->login);
  if (!former) return std::unexpected(former.error());
  if (!*former) return changed_meanwhile("the filesystem");
  const auto settings = ring.sessions.settings(row->kms);
  if (!settings) return std::unexpected(settings.error());
  const OwnLogin own{(*former)->name_space, role};
  const auto connection = ring.sessions.connect_new(*settings, &own);
  if (!connection) return std::unexpected(connection.error());
  const auto opened = unwrap_one((*connection)->wrapper({}), *row->key, context_of(*row));
  if (!opened) return std::unexpected(opened.error());
  auto stored = ring.store.change([&]() -> Result<void> {
    const auto login = ring.put_login(row->kms, own);
    if (!login) return std::unexpected(login.error());
    const FilesystemRow before = *row;
    if (row->own_login != 0) row->own_login = *login;
    row->login = *login;
    auto replaced = ring.store.replace(*row, before);
    if (!replaced && replaced.error().kind == ErrorKind::not_found)
      return changed_meanwhile("the filesystem");
    if (!replaced) return replaced;
    if (auto dropped = ring.store.drop_unused(); !dropped) return std::unexpected(dropped.error());
    return ring.record("fs-update", name, "a new secret id of its own login");
  });
  ring.sessions.forget();
  if (!stored) return std::unexpected(std::move(stored.error()));
  return filesystem(name);
}

Result<FilesystemView> Keyring::rewrap_filesystem(const std::string& name, bool* was_moved) {
  Impl& ring = *impl_;
  auto row = ring.find(name);
  if (!row) return std::unexpected(std::move(row.error()));
  if (!row->is_encrypted())
    return fail(ErrorKind::invalid_input, "'{}' is not encrypted: it has no key", printable(name));
  auto goal = ring.goal();
  if (!goal) return std::unexpected(std::move(goal.error()));
  if (row->own_key.empty() || !goal->takes_own_keys()) {
    if (auto found = ring.find_newest(*goal); !found) return std::unexpected(std::move(found.error()));
  } else {
    goal->makes_newer = true;
  }
  Mover mover(ring.store, ring.sessions, *goal);
  if (was_moved != nullptr) *was_moved = false;
  if (mover.has_work(*row)) {
    const std::vector<FilesystemRow> one(1, *row);
    Each<WrappedKey> keys = mover.wrapped(one);
    if (!keys.front()) return std::unexpected(std::move(keys.front().error()));
    Tally tally;
    if (auto stored = mover.store(one, keys, tally); !stored)
      return std::unexpected(std::move(stored.error()));
    if (tally.failed > 0) return std::unexpected(std::move(tally.failures.front().error));
    if (was_moved != nullptr) *was_moved = tally.done > 0;
    auto recorded = ring.store.change([&]() -> Result<void> {
      if (auto dropped = ring.store.drop_unused(); !dropped) return std::unexpected(dropped.error());
      if (tally.done == 0) return {};
      return ring.record("fs-rewrap", name, {});
    });
    ring.sessions.forget();
    if (!recorded) return std::unexpected(std::move(recorded.error()));
  }
  return filesystem(name);
}

Result<void> Keyring::remove_filesystem(const std::string& name) {
  Impl& ring = *impl_;
  auto row = ring.find(name);
  if (!row && (row.error().kind == ErrorKind::corrupt || row.error().kind == ErrorKind::not_found)) {
    auto damaged = ring.store.find_damaged(name);
    if (damaged && *damaged) row = std::move(**damaged);
  }
  if (!row) return std::unexpected(std::move(row.error()));
  auto removed = ring.store.change([&]() -> Result<void> {
    auto gone = ring.store.remove(*row);
    if (!gone && gone.error().kind == ErrorKind::not_found) return changed_meanwhile("the filesystem");
    if (!gone) return gone;
    if (auto dropped = ring.store.drop_unused(); !dropped) return std::unexpected(dropped.error());
    return ring.record("fs-remove", name, described(*row));
  });
  ring.sessions.forget();
  return removed;
}

Result<Snapshot> Keyring::snapshot(const std::string& name) {
  auto row = impl_->find(name);
  if (!row) return std::unexpected(std::move(row.error()));
  if (!row->is_encrypted())
    return fail(ErrorKind::invalid_input, "'{}' is not encrypted: it has no key to go with a snapshot",
                printable(name));
  return Snapshot{row->id, row->name, impl_->clock.now(), std::move(*row->key)};
}

namespace {

// open_snapshot tries whoever may open it: the login that was given, the KMS, retired ones, logins of the
// snapshot's namespace. The most telling error is that of the first.
Result<Secret> open_snapshot(Keyring::Impl& ring, const Snapshot& snapshot, Wrapping& wrapping,
                             const OwnKey& own) {
  const OwnedBytes context = owned(bytes_of(context_text(snapshot.filesystem_id)));
  std::optional<Error> first;
  const auto attempt = [&](Connection& connection) -> std::optional<Secret> {
    auto opened = unwrap_one(connection.wrapper({}), snapshot.key, context);
    if (!opened && own.key && snapshot.key.backend() == Backend::vault && snapshot.key.key_id != *own.key) {
      WrappedKey renamed = snapshot.key;  // the key may have been renamed, or restored under another name
      renamed.key_id = *own.key;
      auto again = unwrap_one(connection.wrapper({}), renamed, context);
      if (again) opened = std::move(again);
    }
    if (opened) return std::move(*opened);
    const bool is_better =
        !first || (first->kind == ErrorKind::not_mine && opened.error().kind != ErrorKind::not_mine);
    if (is_better) first = opened.error();
    return std::nullopt;
  };
  if (auto key = attempt(wrapping.connection())) return std::move(*key);
  const auto rows = ring.store.all_kms();
  if (!rows) return std::unexpected(rows.error());
  for (const KmsRow& row : *rows) {
    const auto connection = ring.sessions.connection(row.id, 0);
    if (!connection) {
      if (!first) first = connection.error();
      continue;
    }
    if (auto key = attempt(**connection)) return std::move(*key);
    const auto* vault = std::get_if<VaultMechanism>(&snapshot.key.mechanism);
    if (vault == nullptr) continue;
    for (const RowId login : ring.logins_of(row.id, vault->key_namespace)) {
      ring.sessions.make_room();
      const auto through = ring.sessions.connection(row.id, login);
      if (!through) continue;
      if (auto key = attempt(**through)) return std::move(*key);
    }
  }
  first->what = "open the snapshot: " + first->what;
  return std::unexpected(std::move(*first));
}

}  // namespace

std::vector<RowId> Keyring::Impl::logins_of(RowId kms, const std::string& name_space) {
  std::vector<RowId> logins;
  const auto counts = store.key_counts();
  if (!counts) return logins;
  for (const KeyCount& count : *counts)
    if (count.kms == kms && count.own_login != 0 && count.own_namespace == name_space &&
        std::ranges::find(logins, count.own_login) == logins.end())
      logins.push_back(count.own_login);
  return logins;
}

Result<FilesystemView> Keyring::download(const std::string& new_name, const Snapshot& snapshot,
                                         const OwnKey& own, bool allows_no_kms) {
  Impl& ring = *impl_;
  if (auto good = check_filesystem_name(new_name); !good) return std::unexpected(std::move(good.error()));
  const auto taken = ring.store.filesystem(new_name);
  if (!taken) return std::unexpected(taken.error());
  if (*taken)
    return fail(ErrorKind::invalid_input, "there is a filesystem '{}' already", printable(new_name));
  auto wrapping = Wrapping::prepare(ring, own, allows_no_kms, nullptr);
  if (!wrapping) return std::unexpected(std::move(wrapping.error()));
  auto key = open_snapshot(ring, snapshot, *wrapping, own);
  if (!key) return std::unexpected(std::move(key.error()));
  FilesystemRow row{.id = to_hex(ring.random.bytes(id_size)), .name = new_name, .created = ring.clock.now()};
  const auto wrapped = wrapping->wrap(*key, row);
  if (!wrapped) return std::unexpected(wrapped.error());
  auto stored = ring.store.change([&]() -> Result<void> {
    if (auto settled = wrapping->settle(ring, row, *wrapped); !settled) return settled;
    if (auto added = ring.store.add(row); !added) return added;
    return ring.record(
        "fs-download", row.name,
        fmt::format("of '{}' ({}); {}", snapshot.filesystem_name, snapshot.filesystem_id, described(row)));
  });
  if (!stored) return std::unexpected(std::move(stored.error()));
  return filesystem(new_name);
}

}  // namespace keyway::keyring
