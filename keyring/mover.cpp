#include <keyring/mover.h>

namespace keyway::keyring {

Place place_of(const Goal& goal, const FilesystemRow& filesystem) {
  if (filesystem.own_key.empty() || !goal.takes_own_keys()) return {goal.kms, 0, goal.key};
  return {goal.kms, filesystem.own_login, filesystem.own_key};
}

bool lacks_login(const Goal& goal, const FilesystemRow& filesystem) {
  return goal.takes_own_keys() && !filesystem.own_key.empty() && filesystem.own_login != 0 &&
         filesystem.kms != goal.kms;
}

bool is_at(const FilesystemRow& filesystem, const Place& place) {
  return filesystem.kms == place.kms && filesystem.login == place.login &&
         filesystem.key->key_id == place.key;
}

std::unexpected<Error> changed_meanwhile(std::string_view what) {
  return fail_with_advice(ErrorKind::unreachable, "try again", "another process changed {} meanwhile", what);
}

bool Mover::has_work(const FilesystemRow& filesystem) const {
  if (!filesystem.is_encrypted()) return false;
  if (!is_at(filesystem, place_of(goal_, filesystem))) return true;
  if (!goal_.makes_newer) return false;
  return !filesystem.own_key.empty() || filesystem.key->key_version != goal_.newest_version;
}

Each<WrappedKey> Mover::wrapped(const std::vector<FilesystemRow>& filesystems) {
  Each<WrappedKey> answers = all_fail<WrappedKey>(filesystems.size(), Error{});
  std::vector<Sessions::Rewrapping> inside;
  std::vector<std::size_t> inside_at, across_at;
  std::vector<FilesystemRow> across;
  for (std::size_t i = 0; i < filesystems.size(); ++i) {
    const FilesystemRow& filesystem = filesystems[i];
    Place place = place_of(goal_, filesystem);
    if (lacks_login(goal_, filesystem)) {
      // A secret id is never sent to another Vault than the one that it was given for.
      answers[i] = fail_with_advice(ErrorKind::invalid_input,
                                    "give it with fs update NAME --kms-role-id and --kms-secret-id-file, or "
                                    "bring it under the cluster's key "
                                    "with fs update NAME --use-cluster-kms-key-identifier",
                                    "its own login is for the former KMS, and it has none for this one");
      continue;
    }
    if (filesystem.kms != place.kms || filesystem.login != place.login) {
      across.push_back(filesystem);
      across_at.push_back(i);
      continue;
    }
    // Keys that stay where they are travel together: each to the newest version of its own.
    if (is_at(filesystem, place) && place.key != goal_.key) place.key.clear();
    inside.push_back({std::move(place), &filesystem});
    inside_at.push_back(i);
  }

  Each<WrappedKey> moved = sessions_.rewrap(inside);
  for (std::size_t k = 0; k < inside_at.size(); ++k) answers[inside_at[k]] = std::move(moved[k]);

  Each<Secret> opened = sessions_.open(across);
  std::vector<Sessions::Wrapping> wrapping;
  std::vector<std::size_t> wrapping_at;
  for (std::size_t k = 0; k < across.size(); ++k) {
    if (!opened[k]) {
      answers[across_at[k]] = std::unexpected(std::move(opened[k].error()));
      continue;
    }
    wrapping.push_back({place_of(goal_, across[k]), &*opened[k], context_of(across[k])});
    wrapping_at.push_back(across_at[k]);
  }
  Each<WrappedKey> made = sessions_.wrap(wrapping);
  for (std::size_t k = 0; k < wrapping_at.size(); ++k) answers[wrapping_at[k]] = std::move(made[k]);
  return answers;
}

// Whether anything had to be written.
Result<bool> Mover::store_one(const FilesystemRow& worked_on, const WrappedKey& key) {
  const Place place = place_of(goal_, worked_on);
  const OwnedBytes former = to_binary(*worked_on.key);
  if (is_at(worked_on, place) && to_binary(key) == former) return false;
  auto now = store_.filesystems_numbered(std::span(&worked_on.number, 1));
  if (!now) return std::unexpected(std::move(now.error()));
  const bool is_as_before =
      !now->empty() && now->front().id == worked_on.id && now->front().is_encrypted() &&
      to_binary(*now->front().key) == former && now->front().own_key == worked_on.own_key &&
      now->front().own_namespace == worked_on.own_namespace && now->front().own_login == worked_on.own_login;
  if (!is_as_before) return changed_meanwhile("the filesystem");
  FilesystemRow row = now->front();
  row.kms = place.kms;
  row.login = place.login;
  row.key = key;
  if (!goal_.takes_own_keys()) {
    row.own_key.clear();
    row.own_namespace.clear();
    row.own_login = 0;
  }
  if (auto replaced = store_.replace(row, now->front()); !replaced)
    return std::unexpected(std::move(replaced.error()));
  return true;
}

Result<void> Mover::store(const std::vector<FilesystemRow>& filesystems, const Each<WrappedKey>& keys,
                          Tally& tally) {
  Tally here;
  auto written = store_.change([&]() -> Result<void> {
    here = {};
    const auto revision = store_.revision_of(goal_.kms);
    if (!revision) return std::unexpected(revision.error());
    if (*revision != goal_.revision) return changed_meanwhile("the KMS");
    for (std::size_t i = 0; i < filesystems.size(); ++i) {
      if (!keys[i]) {
        here.fail(filesystems[i].name, keys[i].error());
        continue;
      }
      const auto stored = store_one(filesystems[i], *keys[i]);
      if (!stored && stored.error().kind == ErrorKind::internal) return std::unexpected(stored.error());
      if (!stored)
        here.fail(filesystems[i].name, stored.error());
      else
        ++(*stored ? here.done : here.already);
    }
    return {};
  });
  if (!written) return written;
  tally.add(std::move(here));
  return {};
}

}  // namespace keyway::keyring
