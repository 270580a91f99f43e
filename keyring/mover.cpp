#include <keyring/mover.h>

namespace keyway::keyring {

Place place_of(const Goal& goal, const FilesystemRow& filesystem) {
  if (filesystem.own_key.empty() || !goal.takes_own_keys()) return {goal.kms, 0, goal.key};
  return {goal.kms, filesystem.own_login, filesystem.own_key};
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

Result<void> Mover::store(std::vector<FilesystemRow> filesystems, Each<WrappedKey> keys, Tally& tally) {
  Tally here;
  auto written = store_.change([&]() -> Result<void> {
    here = {};
    const auto revision = store_.revision_of(goal_.kms);
    if (!revision) return std::unexpected(revision.error());
    if (*revision != goal_.revision) return changed_meanwhile("the KMS");
    for (std::size_t i = 0; i < filesystems.size(); ++i) {
      const FilesystemRow& filesystem = filesystems[i];
      if (!keys[i]) {
        here.fail(filesystem.name, keys[i].error());
        continue;
      }
      const Place place = place_of(goal_, filesystem);
      if (is_at(filesystem, place) && to_binary(*keys[i]) == to_binary(*filesystem.key)) {
        ++here.already;
        continue;
      }
      FilesystemRow moved = filesystem;
      moved.kms = place.kms;
      moved.login = place.login;
      moved.key = *keys[i];
      if (!goal_.takes_own_keys()) {
        moved.own_key.clear();
        moved.own_namespace.clear();
        moved.own_login = 0;
      }
      auto replaced = store_.replace(moved, filesystem);
      if (replaced)
        ++here.done;
      else if (replaced.error().kind == ErrorKind::not_found)
        here.fail(filesystem.name, changed_meanwhile("the filesystem").error());
      else
        return replaced;
    }
    return {};
  });
  if (!written) return written;
  tally.add(std::move(here));
  return {};
}

}  // namespace keyway::keyring
