// What the parts of Keyring share. For keyring/*.cpp only.
#pragma once

#include <algorithm>

#include <keyring/keyring.h>
#include <keyring/mover.h>
#include <keyring/sessions.h>

namespace keyway::keyring {

inline constexpr std::size_t page_size =
    2'000;  // filesystems that are worked on at once, and stored together

struct Keyring::Impl {
  Impl(Store opened, const KeyringSettings& settings);

  Store store;
  std::filesystem::path database, state_key, local_key;
  Random& random;
  const Clock& clock;
  Sessions sessions;

  // The current KMS's row; none when there is no KMS.
  Result<std::optional<KmsRow>> current();
  // The goal of filesystems' keys: the current KMS. Error: not_found when there is none.
  Result<Goal> goal();
  // local_kms gives the row of the local key, made with its key file when there is none; only inside a change
  // where `may_create`.
  Result<KmsRow> local_kms(bool is_current);
  // Room for a credential of the store: makes the state key when there was none yet.
  Result<void> ensure_state_key(bool anew = false);

  Result<FilesystemView> view(const FilesystemRow& row);
  Result<FilesystemRow> find(const std::string& name);
  Result<void> record(std::string_view kind, const std::string& filesystem, std::string detail);

  // find_newest puts the newest version of the cluster's key into the goal, where keys have versions.
  Result<void> find_newest(Goal& goal);
  // open_one_of_each opens one filesystem of each key that is under this KMS.
  Result<void> open_one_of_each(RowId kms);

  // take_new_key makes a KMIP key the one that wraps, once it has proved itself; or only proves it.
  Result<void> take_new_key(Goal& goal, const std::string& new_key, bool only_tries);
  // count_work is what move_all would do.
  Result<Tally> count_work(const Goal& goal, const RewrapOptions& options,
                           const std::function<bool(const FilesystemRow&)>& concerns);
  // The logins that filesystems under a KMS have in a namespace.
  std::vector<RowId> logins_of(RowId kms, const std::string& name_space);

  // put_login stores a login at a KMS, or its new secret id. Only inside a change.
  Result<RowId> put_login(RowId kms, const OwnLogin& own);

  // The encrypted filesystems for which `concerns` is true, a page at a time, to `work`; those that are
  // reached alike stand together. Damaged ones go to `tally`, where there is one, as failures.
  Result<void> for_pages(const std::function<bool(const FilesystemRow&)>& concerns,
                         const std::function<Result<void>(std::vector<FilesystemRow>)>& work,
                         Tally* tally = nullptr);
  // move_all moves what `concerns` names to the goal. When the KMS cannot be reached for a whole page, the
  // rest fails without being tried.
  Result<Tally> move_all(const Goal& goal, const std::function<bool(const FilesystemRow&)>& concerns,
                         const OnProgress& progress);
};

// What a KMS is, without what it keeps secret, for views and the like.
Result<KmsSettings> settings_without_secrets(const KmsRow& row);

// is_outage tells whether nothing of a page could be done because the KMS was not reached.
template <class T>
bool is_outage(const Each<T>& answers) {
  return !answers.empty() && std::ranges::all_of(answers, [](const Result<T>& answer) {
    return !answer && answer.error().kind == ErrorKind::unreachable;
  });
}

// round_trip wraps a random key, unwraps it and compares, under `key`.
Result<void> round_trip(Connection& connection, const std::string& key, Random& random);

}  // namespace keyway::keyring
