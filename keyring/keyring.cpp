#include <algorithm>

#include <core/hex.h>
#include <keyring/keyring_impl.h>

namespace keyway::keyring {

namespace {

constexpr std::size_t listed_failures = 1'000;

// The files stand beside the database itself, not beside a link to it.
std::filesystem::path beside(const std::filesystem::path& given, const std::filesystem::path& database,
                             const char* ending) {
  if (!given.empty()) return given;
  std::error_code unresolved;
  const auto real = std::filesystem::canonical(database, unresolved);
  return (unresolved ? database : real).native() + ending;
}

}  // namespace

void Tally::fail(std::string filesystem, const Error& error) {
  ++failed;
  if (failures.size() < listed_failures) failures.push_back({std::move(filesystem), error});
}

void Tally::add(Tally&& other) {
  done += other.done;
  already += other.already;
  failed += other.failed;
  for (Failure& failure : other.failures)
    if (failures.size() < listed_failures) failures.push_back(std::move(failure));
}

Keyring::Impl::Impl(Store opened, const KeyringSettings& settings)
    : store(std::move(opened)),
      database(settings.store.path),
      state_key(beside(settings.state_key, database, ".state-key")),
      local_key(beside(settings.local_key, database, ".local-key")),
      random(settings.random == nullptr ? system_random() : *settings.random),
      clock(settings.clock == nullptr ? system_clock() : *settings.clock),
      sessions(store, *settings.connector, state_key, local_key) {}

Keyring::Keyring(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Keyring::Keyring(Keyring&&) noexcept = default;
Keyring::~Keyring() = default;

Result<Keyring> Keyring::open(const KeyringSettings& settings) {
  auto store = Store::open(settings.store);
  if (!store) return std::unexpected(std::move(store.error()));
  return Keyring(std::make_unique<Impl>(std::move(*store), settings));
}

Result<Keyring> Keyring::create(const KeyringSettings& settings) {
  auto store = Store::create(settings.store);
  if (!store) return std::unexpected(std::move(store.error()));
  return Keyring(std::make_unique<Impl>(std::move(*store), settings));
}

const std::filesystem::path& Keyring::state_key_file() const { return impl_->state_key; }

std::filesystem::path Keyring::local_key_file() const {
  const auto rows = impl_->store.all_kms();
  if (!rows) return impl_->local_key;
  for (const KmsRow& row : *rows) {
    const auto plain = settings_without_secrets(row);
    if (!plain || backend_of(*plain) != Backend::local) continue;
    if (const auto settings = impl_->sessions.settings(row.id)) return std::get<LocalKms>(*settings).key_file;
  }
  return impl_->local_key;
}

// --- what the parts share ---

Result<std::optional<KmsRow>> Keyring::Impl::current() {
  auto rows = store.all_kms();
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->empty() || !rows->front().is_current) return std::optional<KmsRow>();
  return std::move(rows->front());
}

Result<Goal> Keyring::Impl::goal() {
  auto row = current();
  if (!row) return std::unexpected(std::move(row.error()));
  if (!*row)
    return fail_with_advice(ErrorKind::not_found, "configure one with kms set vault or kms set kmip",
                            "no KMS is configured");
  const auto settings = settings_without_secrets(**row);
  if (!settings) return std::unexpected(settings.error());
  return Goal{.kms = (*row)->id,
              .revision = (*row)->revision,
              .backend = backend_of(*settings),
              .key = key_of(*settings),
              .newest_version = {}};
}

Result<KmsRow> Keyring::Impl::local_kms(bool is_current) {
  auto rows = store.all_kms();
  if (!rows) return std::unexpected(std::move(rows.error()));
  for (KmsRow& row : *rows) {
    const auto local = settings_without_secrets(row);
    if (!local || backend_of(*local) != Backend::local) continue;
    const auto settings = sessions.settings(row.id);
    if (!settings) return std::unexpected(settings.error());
    if (auto connected = sessions.connect_new(*settings, nullptr); !connected)
      return std::unexpected(std::move(connected.error()));
    if (row.is_current == is_current) return row;
    row.is_current = is_current;
    if (auto replaced = store.replace_kms(row); !replaced)
      return std::unexpected(std::move(replaced.error()));
    ++row.revision;
    return row;
  }
  auto key = LocalKey::create(local_key, random);
  // One that is there is of an earlier attempt.
  if (!key && key.error().kind == ErrorKind::invalid_input) key = LocalKey::load(local_key);
  if (!key) return std::unexpected(std::move(key.error()));
  if (auto made = ensure_state_key(); !made) return std::unexpected(std::move(made.error()));
  KmsRow row{.is_current = is_current, .settings = {}, .sealed = {}, .set_at = clock.now()};
  const auto id = store.next_kms_id();
  if (!id) return std::unexpected(id.error());
  row.id = *id;
  std::error_code ignored;
  const auto path = std::filesystem::absolute(local_key, ignored);
  if (auto sealed = sessions.seal(row, LocalKms{path.native(), key->id()}); !sealed)
    return std::unexpected(std::move(sealed.error()));
  if (auto added = store.add_kms(row); !added) return std::unexpected(std::move(added.error()));
  return row;
}

Result<void> Keyring::Impl::ensure_state_key(bool anew) {
  const auto has = sessions.has_state_key();
  if (!has) return std::unexpected(has.error());
  if (*has && !anew) return {};
  return sessions.make_state_key(anew);
}

Result<FilesystemRow> Keyring::Impl::find(const std::string& name) {
  auto row = store.filesystem(name);
  if (!row) return std::unexpected(std::move(row.error()));
  if (!*row)
    return fail_with_advice(ErrorKind::not_found, "kmsctl fs lists them", "there is no filesystem '{}'",
                            printable(name, 128));
  return std::move(**row);
}

Result<void> Keyring::Impl::record(std::string_view kind, const std::string& filesystem, std::string detail) {
  return store.add_event(
      {.at = clock.now(), .kind = std::string(kind), .filesystem = filesystem, .detail = std::move(detail)});
}

Result<void> Keyring::Impl::for_pages(const std::function<bool(const FilesystemRow&)>& concerns,
                                      const std::function<Result<void>(std::vector<FilesystemRow>)>& work,
                                      Tally* tally) {
  const auto numbers = store.encrypted_numbers();
  if (!numbers) return std::unexpected(numbers.error());
  std::vector<FilesystemRow> page;
  for (std::size_t begin = 0; begin < numbers->size(); begin += page_size) {
    const std::size_t n = std::min(page_size, numbers->size() - begin);
    auto rows = store.filesystems_numbered(std::span(*numbers).subspan(begin, n));
    if (!rows) return std::unexpected(std::move(rows.error()));
    for (FilesystemRow& row : *rows) {
      if (row.damage && tally != nullptr) tally->fail(row.name, *row.damage);
      if (row.is_encrypted() && concerns(row)) page.push_back(std::move(row));
    }
    // Rows that are few and far between still make whole pages.
    const bool is_last = begin + n == numbers->size();
    if (page.size() >= page_size || (is_last && !page.empty()))
      if (auto worked = work(std::exchange(page, {})); !worked) return worked;
  }
  return {};
}

Result<Tally> Keyring::Impl::move_all(const Goal& goal,
                                      const std::function<bool(const FilesystemRow&)>& concerns,
                                      const OnProgress& progress) {
  const auto total = store.count(true);
  if (!total) return std::unexpected(total.error());
  Mover mover(store, sessions, goal);
  Tally tally;
  std::optional<Error> outage;
  std::int64_t seen = 0;
  const auto told = [&] {
    if (progress) progress(seen, *total);
  };
  const auto has_work = [&](const FilesystemRow& row) {
    ++seen;
    if (!concerns(row)) return false;
    if (mover.has_work(row)) return true;
    ++tally.already;
    return false;
  };
  const auto work = [&](const std::vector<FilesystemRow>& page) -> Result<void> {
    if (outage) {
      for (const FilesystemRow& row : page) tally.fail(row.name, *outage);
      return {};
    }
    const Each<WrappedKey> keys = mover.wrapped(page);
    if (is_outage(keys)) outage = not_tried(keys.front().error());
    if (auto stored = mover.store(page, keys, tally); !stored) return stored;
    told();
    return {};
  };
  told();
  if (auto worked = for_pages(has_work, work, &tally); !worked)
    return std::unexpected(std::move(worked.error()));
  told();
  return tally;
}

// --- views ---

Result<KmsSettings> settings_without_secrets(const KmsRow& row) {
  return read_kms_without_secrets(row.settings);
}

Result<FilesystemView> Keyring::Impl::view(const FilesystemRow& row) {
  FilesystemView view{.row = row, .role_id = {}, .context = context_text(row.id)};
  if (row.own_login != 0) {
    auto login = store.login(row.own_login);
    if (!login) return std::unexpected(std::move(login.error()));
    if (*login) view.role_id = (*login)->role_id;
  }
  if (!row.is_encrypted()) return view;
  view.backend = row.key->backend();
  const auto wanted = goal();
  if (wanted)
    view.is_left = !is_at(row, place_of(*wanted, row));
  else if (wanted.error().kind != ErrorKind::not_found)
    return std::unexpected(wanted.error());
  return view;
}

Result<FilesystemView> Keyring::filesystem(const std::string& name) {
  auto row = impl_->find(name);
  if (!row) return std::unexpected(std::move(row.error()));
  return impl_->view(*row);
}

Result<void> Keyring::each(const std::function<Result<void>(const FilesystemView&)>& visit) {
  const auto wanted = impl_->goal();
  if (!wanted && wanted.error().kind != ErrorKind::not_found) return std::unexpected(wanted.error());
  std::map<RowId, std::string> roles;
  RowId after = 0;
  while (true) {
    auto rows = impl_->store.filesystems_after(after, page_size);
    if (!rows) return std::unexpected(std::move(rows.error()));
    for (FilesystemRow& row : *rows) {
      after = row.number;
      FilesystemView view{.role_id = {}, .context = context_text(row.id)};
      if (row.own_login != 0 && !roles.contains(row.own_login)) {
        auto login = impl_->store.login(row.own_login);
        if (!login) return std::unexpected(std::move(login.error()));
        roles[row.own_login] = *login ? (*login)->role_id : std::string();
      }
      if (row.own_login != 0) view.role_id = roles[row.own_login];
      if (row.is_encrypted()) view.backend = row.key->backend();
      if (row.is_encrypted() && wanted) view.is_left = !is_at(row, place_of(*wanted, row));
      view.row = std::move(row);
      if (auto visited = visit(view); !visited) return visited;
    }
    if (rows->size() < page_size) return {};
  }
}

Result<Overview> Keyring::overview() {
  Overview overview;
  const auto rows = impl_->store.all_kms();
  if (!rows) return std::unexpected(rows.error());
  for (const KmsRow& row : *rows) {
    auto settings = settings_without_secrets(row);
    if (!settings) return std::unexpected(std::move(settings.error()));
    overview.kms.push_back(
        {.id = row.id, .is_current = row.is_current, .set_at = row.set_at, .settings = std::move(*settings)});
  }
  const auto counts = impl_->store.key_counts();
  if (!counts) return std::unexpected(counts.error());
  const auto wanted = impl_->goal();
  if (!wanted && wanted.error().kind != ErrorKind::not_found) return std::unexpected(wanted.error());
  for (const KeyCount& count : *counts) {
    overview.encrypted += count.filesystems;
    if (!count.own_key.empty()) overview.own_keys += count.filesystems;
    bool is_left = false;
    if (wanted) {
      const bool has_own = !count.own_key.empty() && wanted->takes_own_keys();
      is_left = count.kms != wanted->kms || count.login != (has_own ? count.own_login : 0) ||
                count.key_id != (has_own ? count.own_key : wanted->key);
    }
    if (is_left) overview.left += count.filesystems;
    for (KmsView& kms : overview.kms) {
      if (kms.id != count.kms) continue;
      kms.filesystems += count.filesystems;
      if (is_left) kms.left += count.filesystems;
    }
  }
  const auto all = impl_->store.count();
  if (!all) return std::unexpected(all.error());
  overview.filesystems = *all;
  return overview;
}

// --- events, copies ---

Result<std::vector<Event>> Keyring::events_after(RowId after, std::size_t limit) {
  return impl_->store.events_after(after, limit);
}
Result<std::vector<Event>> Keyring::last_events(std::size_t limit) { return impl_->store.last_events(limit); }

Result<void> Keyring::backup(const std::filesystem::path& file) {
  if (auto good = impl_->store.check(); !good) return std::unexpected(std::move(good.error()));
  return impl_->store.copy_to(file);
}

}  // namespace keyway::keyring
