// Keyring's opening of keys, and its rewrap of all.
#include <algorithm>

#include <keyring/keyring_impl.h>

namespace keyway::keyring {

Result<Secret> Keyring::unlock(const std::string& name) {
  auto row = impl_->find(name);
  if (!row) return std::unexpected(std::move(row.error()));
  if (!row->is_encrypted())
    return fail(ErrorKind::invalid_input, "'{}' is not encrypted: it has no key", printable(name));
  Each<Secret> opened = impl_->sessions.open(std::span(&*row, 1));
  if (!opened.front())
    opened.front().error().what = fmt::format("unlock '{}': {}", name, opened.front().error().what);
  return std::move(opened.front());
}

Result<Tally> Keyring::unlock_all(const std::function<Result<void>(const FilesystemRow&, const Secret&)>& use,
                                  const OnProgress& progress) {
  Impl& ring = *impl_;
  const auto total = ring.store.count(true);
  if (!total) return std::unexpected(total.error());
  Tally tally;
  std::optional<Error> outage;
  const auto work = [&](std::vector<FilesystemRow> page) -> Result<void> {
    if (outage) {
      for (const FilesystemRow& row : page) tally.fail(row.name, *outage);
      return {};
    }
    Each<Secret> keys = ring.sessions.open(page);
    if (is_outage(keys)) outage = not_tried(keys.front().error());
    for (std::size_t i = 0; i < page.size(); ++i) {
      if (progress) progress(tally.done + tally.failed, *total);
      Result<void> used;
      if (keys[i])
        used = use(page[i], *keys[i]);
      else
        used = std::unexpected(keys[i].error());
      if (used)
        ++tally.done;
      else
        tally.fail(page[i].name, used.error());
    }
    return {};
  };
  if (auto worked = ring.for_pages([](const FilesystemRow&) { return true; }, work, &tally); !worked)
    return std::unexpected(std::move(worked.error()));
  if (progress) progress(*total, *total);
  return tally;
}

Result<Tally> Keyring::verify(bool all, const OnProgress& progress) {
  Impl& ring = *impl_;
  if (auto good = ring.store.check(); !good) return std::unexpected(std::move(good.error()));
  const auto nothing = [](const FilesystemRow&, const Secret&) -> Result<void> { return {}; };
  if (all) return unlock_all(nothing, progress);
  auto rows = ring.store.one_of_each_key();
  if (!rows) return std::unexpected(std::move(rows.error()));
  Tally tally;
  for (const FilesystemRow& row : *rows)
    if (row.damage) tally.fail(row.name, *row.damage);
  std::erase_if(*rows, [](const FilesystemRow& row) { return row.is_damaged(); });
  if (progress) progress(0, static_cast<std::int64_t>(rows->size()));
  const Each<Secret> opened = ring.sessions.open(*rows);
  for (std::size_t i = 0; i < rows->size(); ++i) {
    if (opened[i])
      ++tally.done;
    else
      tally.fail((*rows)[i].name, opened[i].error());
  }
  return tally;
}

namespace {

Result<void> check_options(const Goal& goal, const RewrapOptions& options) {
  if (goal.backend == Backend::local)
    return fail_with_advice(ErrorKind::not_found, "configure one with kms set vault or kms set kmip",
                            "no KMS is configured: there is only the local key");
  if (goal.backend == Backend::vault && options.new_key)
    return fail(ErrorKind::invalid_input,
                "--new-key-uid is for KMIP: with Vault, keys are brought to the newest version of their key");
  if (goal.backend == Backend::kmip && !options.new_key)
    return fail(ErrorKind::invalid_input,
                "--new-key-uid is needed with KMIP: the identifier of the key to wrap with from now on");
  return {};
}

}  // namespace

// Makes `new_key` the configured one, after it wrapped and unwrapped. From then on nothing is wrapped with
// the former, so that nothing can be left under it at the end.
Result<void> Keyring::Impl::take_new_key(Goal& goal, const std::string& new_key, bool only_tries) {
  auto settings = sessions.settings(goal.kms);
  if (!settings) return std::unexpected(std::move(settings.error()));
  const auto connection = sessions.connection(goal.kms, 0);
  if (!connection) return std::unexpected(connection.error());
  auto key = (*connection)->identify(new_key);
  if (!key) return std::unexpected(std::move(key.error()));
  if (auto works = round_trip(**connection, *key, random); !works) return works;
  if (only_tries || *key == goal.key) {
    goal.key = std::move(*key);
    return {};
  }
  const std::string former = std::exchange(goal.key, std::move(*key));
  std::get<KmipKms>(*settings).key = goal.key;
  auto changed = store.change([&]() -> Result<void> {
    const auto row = current();
    if (!row) return std::unexpected(row.error());
    if (!*row || (*row)->id != goal.kms || (*row)->revision != goal.revision)
      return changed_meanwhile("the KMS");
    KmsRow next = **row;
    if (auto sealed = sessions.seal(next, *settings); !sealed) return sealed;
    if (auto replaced = store.replace_kms(next); !replaced) return replaced;
    return record("kms-new-key", {}, fmt::format("key {}, was {}", goal.key, former));
  });
  sessions.forget();
  ++goal.revision;
  return changed;
}

Result<RewrapOutcome> Keyring::rewrap(const RewrapOptions& options, const OnProgress& progress) {
  Impl& ring = *impl_;
  auto goal = ring.goal();
  if (!goal) return std::unexpected(std::move(goal.error()));
  if (auto good = check_options(*goal, options); !good) return std::unexpected(std::move(good.error()));
  RewrapOutcome outcome{.key = {}, .version = {}, .former_key = goal->key};
  if (options.new_key)
    if (auto taken = ring.take_new_key(*goal, *options.new_key, options.only_counts); !taken)
      return std::unexpected(std::move(taken.error()));
  if (outcome.former_key == goal->key) outcome.former_key.clear();
  if (auto found = ring.find_newest(*goal); !found) return std::unexpected(std::move(found.error()));
  outcome.key = goal->key;
  outcome.version = goal->newest_version;
  if (options.converts_to_cluster_key && !options.only_counts) {
    auto converted = ring.store.change([&]() -> Result<void> {
      const auto n = ring.store.convert_all_to_cluster_key();
      if (!n) return std::unexpected(n.error());
      if (*n == 0) return {};
      return ring.record("fs-convert", {}, fmt::format("{} filesystems are to be under the cluster key", *n));
    });
    if (!converted) return std::unexpected(std::move(converted.error()));
  }

  const auto concerns = [&](const FilesystemRow& row) {
    return options.includes_own_keys || options.converts_to_cluster_key || row.own_key.empty();
  };
  auto tally = options.only_counts ? ring.count_work(*goal, options, concerns)
                                   : ring.move_all(*goal, concerns, progress);
  if (!tally) return std::unexpected(std::move(tally.error()));
  outcome.tally = std::move(*tally);

  // The proof: read from the database, not remembered; from one that is sound, where no row can hide.
  // Damaged filesystems are among those that failed, and are no reason to hide what was done.
  if (auto sound = ring.store.check(); !sound && outcome.tally.failed == 0)
    return std::unexpected(std::move(sound.error()));
  const auto proof = ring.for_pages(
      [&](const FilesystemRow& row) {
        const bool is_outdated =
            row.own_key.empty() && goal->makes_newer && row.key->key_version != goal->newest_version;
        const bool is_left = is_outdated || !is_at(row, place_of(*goal, row));
        if (!concerns(row)) ++outcome.own_keys;
        if (is_left) ++(concerns(row) ? outcome.left : outcome.left_own);
        return false;
      },
      [](std::vector<FilesystemRow>) -> Result<void> { return {}; });
  if (!proof) return std::unexpected(proof.error());
  if (options.only_counts) return outcome;
  auto recorded = ring.store.change([&]() -> Result<void> {
    const auto dropped = ring.store.drop_unused();
    if (!dropped) return std::unexpected(dropped.error());
    outcome.forgotten = *dropped;
    return ring.record("kms-rewrap", {},
                       fmt::format("{} moved to key {}{}, {} were there, {} failed", outcome.tally.done,
                                   outcome.key, outcome.version.empty() ? "" : " version " + outcome.version,
                                   outcome.tally.already, outcome.tally.failed));
  });
  ring.sessions.forget();
  if (!recorded) return std::unexpected(std::move(recorded.error()));
  return outcome;
}

Result<Tally> Keyring::Impl::count_work(const Goal& goal, const RewrapOptions& options,
                                        const std::function<bool(const FilesystemRow&)>& concerns) {
  Mover mover(store, sessions, goal);
  Tally tally;
  std::map<Place, std::string> newest;  // of keys of filesystems' own
  // Whether a key of its own has a newer version; one that cannot be asked counts as work.
  const auto is_outdated = [&](const FilesystemRow& row) {
    const Place place = place_of(goal, row);
    auto known = newest.find(place);
    if (known == newest.end()) {
      const auto connection = sessions.connection(place.kms, place.login);
      auto version =
          connection ? (*connection)->newest_version(place.key) : Result<std::string>(std::string());
      known = newest.emplace(place, version.value_or(std::string())).first;
      sessions.make_room();
    }
    return row.key->key_version != known->second;
  };
  const auto counted = for_pages(
      [&](const FilesystemRow& row) {
        if (!concerns(row)) return false;
        FilesystemRow wanted = row;
        if (options.converts_to_cluster_key) {
          wanted.own_key.clear();
          wanted.own_login = 0;
        }
        bool has_work = mover.has_work(wanted);
        if (has_work && !wanted.own_key.empty() && is_at(wanted, place_of(goal, wanted)))
          has_work = is_outdated(wanted);
        ++(has_work ? tally.done : tally.already);
        return false;
      },
      [](std::vector<FilesystemRow>) -> Result<void> { return {}; }, &tally);
  if (!counted) return std::unexpected(counted.error());
  return tally;
}

}  // namespace keyway::keyring
