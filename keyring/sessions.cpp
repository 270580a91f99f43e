#include <algorithm>

#include <keyring/parallel.h>
#include <keyring/sessions.h>

namespace keyway::keyring {

namespace {

constexpr std::size_t kept_connections = 64;  // each has a thread and sockets
constexpr std::size_t calls_at_once = 16;     // of different connections and keys

}  // namespace

std::string context_text(const std::string& filesystem_id) { return "keyway-filesystem:" + filesystem_id; }

OwnedBytes context_of(const FilesystemRow& filesystem) {
  return owned(bytes_of(context_text(filesystem.id)));
}

Sessions::Sessions(Store& store, Connector& connector, std::filesystem::path state_key_file,
                   std::filesystem::path local_key_file)
    : store_(store),
      connector_(connector),
      state_key_file_(std::move(state_key_file)),
      local_key_file_(std::move(local_key_file)) {}

void Sessions::forget() {
  rows_.reset();
  state_key_.reset();
  connections_.clear();
}

Result<std::unique_ptr<Connection>> Sessions::connect_new(const KmsSettings& kms, const OwnLogin* own) {
  return connector_.connect(kms, own);
}

Result<std::string> Sessions::identity() {
  if (!identity_) {
    auto identity = store_.identity();
    if (!identity) return identity;
    identity_ = std::move(*identity);
  }
  return *identity_;
}

Result<bool> Sessions::has_state_key() {
  const auto id = store_.state_key_id();
  if (!id) return std::unexpected(id.error());
  return !id->empty();
}

Result<void> Sessions::make_state_key(bool anew) {
  auto key = StateKey::create(state_key_file_);
  // One that is there may be from an earlier attempt, or of a keyring that was removed: nothing is lost with
  // it.
  if (!key && key.error().kind == ErrorKind::invalid_input) key = StateKey::load(state_key_file_);
  if (!key) return std::unexpected(std::move(key.error()));
  const auto has = has_state_key();
  if (!has) return std::unexpected(has.error());
  if (*has && !anew) return {};
  if (auto set = store_.set_state_key_id(key->id()); !set) return set;
  state_key_ = std::move(*key);
  return {};
}

Result<const StateKey*> Sessions::state_key() {
  if (state_key_) return &*state_key_;
  auto key = StateKey::load(state_key_file_);
  if (!key && key.error().kind == ErrorKind::not_found)
    return fail_with_advice(ErrorKind::not_found,
                            "restore it, or name it with --state-key; only when it is lost for good, give "
                            "the credentials again with kms set --new-state-key",
                            "the state key {} is missing: the KMS's credentials are sealed under it",
                            printable(state_key_file_.native(), 4096));
  if (!key) return std::unexpected(std::move(key.error()));
  state_key_ = std::move(*key);
  return &*state_key_;
}

Result<OwnedBytes> Sessions::sealed(Bytes secret, const std::string& about) {
  const auto key = state_key();
  if (!key) return std::unexpected(key.error());
  const auto wanted = store_.state_key_id();
  if (!wanted) return std::unexpected(wanted.error());
  if ((*key)->id() != *wanted)
    return fail_with_advice(ErrorKind::not_mine, "name the right one with --state-key",
                            "{} is another state key: its id is {}, and {} is needed",
                            printable(state_key_file_.native(), 4096), (*key)->id(), printable(*wanted, 64));
  auto made = (*key)->seal(secret, about);
  if (!made) return made;
  OwnedBytes out = owned(bytes_of((*key)->id()));
  out.insert(out.end(), made->begin(), made->end());
  return out;
}

Result<Secret> Sessions::unsealed(Bytes sealed, const std::string& about, std::string_view what,
                                  const char* advice) {
  const auto key = state_key();
  if (!key) return std::unexpected(key.error());
  const Bytes id = bytes_of((*key)->id());
  const bool has_id = sealed.size() >= id.size();
  if (has_id && !std::ranges::equal(sealed.first(id.size()), id))
    return fail_with_advice(ErrorKind::not_mine, fmt::format("name that one with --state-key; or {}", advice),
                            "{} was sealed under another state key ({}) than {}", what,
                            printable(text_of(sealed.first(id.size())), 64),
                            printable(state_key_file_.native(), 4096));
  auto secret =
      has_id ? (*key)->open(sealed.subspan(id.size()), about) : Result<Secret>(std::unexpected(Error{}));
  if (!secret)
    return fail_with_advice(ErrorKind::corrupt, fmt::format("restore a backup; or {}", advice),
                            "{} was changed in the database", what);
  return secret;
}

// A sealed secret is bound to the keyring, its row, and everything that decides where it is sent.
std::string Sessions::about(std::string_view kind, RowId id, std::string_view what) const {
  return fmt::format("{}\n{}\n{}\n{}", *identity_, kind, id, what);
}

std::string Sessions::about_login(const LoginRow& row) const {
  return about("login", row.id,
               fmt::format("{}\n{}\n{}\n{}", row.kms, row.name_space, row.role_id, row.source));
}

Result<void> Sessions::seal(KmsRow& row, const KmsSettings& kms) {
  auto text = written(kms);
  if (!text) return std::unexpected(std::move(text.error()));
  row.settings = std::move(*text);
  if (auto known = identity(); !known) return std::unexpected(std::move(known.error()));
  auto made = sealed(secrets_of(kms).reveal(), about("kms", row.id, row.settings));
  if (!made) return std::unexpected(std::move(made.error()));
  row.sealed = std::move(*made);
  return {};
}

Result<void> Sessions::seal(LoginRow& row, const Credential& secret_id) {
  if (auto known = identity(); !known) return std::unexpected(std::move(known.error()));
  row.source = secret_id.written();
  Secret secret;
  if (secret_id.place() == Credential::Place::stored) {
    auto read = secret_id.read();
    if (!read) return std::unexpected(std::move(read.error()));
    secret = std::move(*read);
  }
  auto made = sealed(secret.reveal(), about_login(row));
  if (!made) return std::unexpected(std::move(made.error()));
  row.sealed = std::move(*made);
  return {};
}

Result<KmsRow> Sessions::row(RowId kms) {
  if (!rows_) {
    auto rows = store_.all_kms();
    if (!rows) return std::unexpected(std::move(rows.error()));
    rows_ = std::move(*rows);
  }
  const auto found = std::ranges::find(*rows_, kms, &KmsRow::id);
  if (found == rows_->end())
    return fail(ErrorKind::not_found, "the KMS was replaced by another process meanwhile; try again");
  return *found;
}

// The key file that was named now comes before where it was, if it holds the same key. Where it was is
// believed only under its seal: whoever could change the database would have his own key file used.
Result<KmsSettings> Sessions::local_settings(const KmsRow& row, LocalKms local) {
  if (const auto named = LocalKey::load(local_key_file_); named && named->id() == local.key) {
    local.key_file = std::filesystem::absolute(local_key_file_).native();
    return local;
  }
  auto opened = unsealed(row.sealed, about("kms", row.id, row.settings), "where the local key is",
                         "name its file with --local-key");
  if (!opened) {
    if (opened.error().kind == ErrorKind::not_found)
      return fail_with_advice(ErrorKind::not_found, "name it with --local-key, or restore it from a copy",
                              "{} is not the local key {}", printable(local_key_file_.native(), 4096),
                              printable(local.key, 64));
    return std::unexpected(std::move(opened.error()));
  }
  return local;
}

Result<KmsSettings> Sessions::settings(RowId kms) {
  auto found = row(kms);
  if (!found) return std::unexpected(std::move(found.error()));
  if (auto known = identity(); !known) return std::unexpected(std::move(known.error()));
  auto plain = read_kms_without_secrets(found->settings);
  if (!plain) return plain;
  if (auto* local = std::get_if<LocalKms>(&*plain)) return local_settings(*found, std::move(*local));
  const char* advice = found->is_current ? "give the configuration again with kms set"
                                         : "give its configuration again with kms set --retired";
  auto secrets = unsealed(
      found->sealed, about("kms", found->id, found->settings),
      found->is_current ? "the configuration of the KMS" : "the configuration of the retired KMS", advice);
  if (!secrets) return std::unexpected(std::move(secrets.error()));
  return read_kms(found->settings, secrets->reveal());
}

Result<OwnLogin> Sessions::own_login(RowId login) {
  auto found = store_.login(login);
  if (!found) return std::unexpected(std::move(found.error()));
  if (!*found) return fail(ErrorKind::not_found, "the login of the filesystem is gone; try again");
  const LoginRow& login_row = **found;
  if (auto known = identity(); !known) return std::unexpected(std::move(known.error()));
  auto secret =
      unsealed(login_row.sealed, about_login(login_row),
               fmt::format("the secret id of role {}", printable(login_row.role_id, 64)),
               "give it again with fs update --renew-login, --kms-role-id and --kms-secret-id-file");
  if (!secret) return std::unexpected(std::move(secret.error()));
  auto credential = Credential::from_written(login_row.source, std::move(*secret));
  if (!credential) return std::unexpected(std::move(credential.error()));
  return OwnLogin{login_row.name_space, {login_row.role_id, std::move(*credential)}};
}

Result<Connection*> Sessions::connection(RowId kms, RowId login) {
  const auto found = connections_.find({kms, login});
  if (found != connections_.end()) {
    found->second.used = ++clock_;
    return found->second.connection.get();
  }
  auto how = settings(kms);
  if (!how) return std::unexpected(std::move(how.error()));
  std::optional<OwnLogin> own;
  if (login != 0) {
    auto read = own_login(login);
    if (!read) return std::unexpected(std::move(read.error()));
    own = std::move(*read);
  }
  auto connected = connector_.connect(*how, own ? &*own : nullptr);
  if (!connected) return std::unexpected(std::move(connected.error()));
  Entry& entry = connections_[{kms, login}];
  entry = {std::move(*connected), ++clock_};
  return entry.connection.get();
}

void Sessions::make_room() {
  while (connections_.size() > kept_connections) {
    const auto oldest =
        std::ranges::min_element(connections_, {}, [](const auto& c) { return c.second.used; });
    connections_.erase(oldest);
  }
}

Error not_tried(Error outage) {
  constexpr std::string_view words = "not tried, because the KMS is away: ";
  if (!outage.what.starts_with(words)) outage.what = std::string(words) + outage.what;
  return outage;
}

// ask_each asks for each group over its connection, several at once: `ask(connection, place, at, done)`. A
// KMS that none of its groups reached is not asked for more.
template <class T, class Ask>
Each<T> Sessions::ask_each(std::size_t n, const Groups& groups, Ask ask) {
  Each<T> answers = all_fail<T>(n, Error{});
  std::map<RowId, Error> away;
  auto group = groups.begin();
  while (group != groups.end()) {
    make_room();
    const auto first = group;
    {
      Parallel<T> parallel(answers, calls_at_once);
      for (std::size_t k = 0; k < calls_at_once && group != groups.end(); ++k, ++group) {
        const auto& [place, at] = *group;
        if (const auto outage = away.find(place.kms); outage != away.end()) {
          parallel.answer(at, not_tried(outage->second));
          continue;
        }
        const auto connected = connection(place.kms, place.login);
        if (connected)
          parallel.start(at, [&](Done<T> done) { ask(**connected, place, at, std::move(done)); });
        else
          parallel.answer(at, connected.error());
      }
    }
    std::map<RowId, bool> reached;
    for (auto asked = first; asked != group; ++asked) {
      for (const std::size_t i : asked->second) {
        const bool is_away = !answers[i] && answers[i].error().kind == ErrorKind::unreachable;
        reached[asked->first.kms] |= !is_away;
        if (is_away) away.try_emplace(asked->first.kms, answers[i].error());
      }
    }
    std::erase_if(away, [&](const auto& outage) { return reached[outage.first]; });
  }
  return answers;
}

Each<Secret> Sessions::open(std::span<const FilesystemRow> filesystems) {
  Groups groups;
  for (std::size_t i = 0; i < filesystems.size(); ++i)
    groups[{filesystems[i].kms, filesystems[i].login, {}}].push_back(i);
  const auto ask = [&](Connection& kms, const Place& place, const auto& at, Done<Secret> done) {
    std::vector<UnwrapJob> jobs;
    jobs.reserve(at.size());
    for (const std::size_t i : at) jobs.push_back({*filesystems[i].key, context_of(filesystems[i])});
    kms.wrapper(place.key).unwrap(std::move(jobs), std::move(done));
  };
  return ask_each<Secret>(filesystems.size(), groups, ask);
}

Each<WrappedKey> Sessions::wrap(std::span<const Wrapping> wrappings) {
  Groups groups;
  for (std::size_t i = 0; i < wrappings.size(); ++i) groups[wrappings[i].place].push_back(i);
  const auto ask = [&](Connection& kms, const Place& place, const auto& at, Done<WrappedKey> done) {
    std::vector<WrapJob> jobs;
    jobs.reserve(at.size());
    for (const std::size_t i : at) jobs.push_back({wrappings[i].key->duplicate(), wrappings[i].context});
    kms.wrapper(place.key).wrap(std::move(jobs), std::move(done));
  };
  return ask_each<WrappedKey>(wrappings.size(), groups, ask);
}

Each<WrappedKey> Sessions::rewrap(std::span<const Rewrapping> rewrappings) {
  Groups groups;
  for (std::size_t i = 0; i < rewrappings.size(); ++i) groups[rewrappings[i].place].push_back(i);
  const auto ask = [&](Connection& kms, const Place& place, const auto& at, Done<WrappedKey> done) {
    std::vector<UnwrapJob> jobs;
    jobs.reserve(at.size());
    for (const std::size_t i : at)
      jobs.push_back({*rewrappings[i].filesystem->key, context_of(*rewrappings[i].filesystem)});
    kms.wrapper(place.key).rewrap(std::move(jobs), std::move(done));
  };
  return ask_each<WrappedKey>(rewrappings.size(), groups, ask);
}

}  // namespace keyway::keyring
