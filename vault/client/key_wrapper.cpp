#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/strand.hpp>

#include <vault/client/client.h>
#include <vault/client/key_wrapper.h>
#include <vault/client/waits.h>

namespace keyway::vault {

namespace {

using asio::awaitable;
using ContextUse = VaultMechanism::ContextUse;

std::string shown(const TransitKey& key) {
  return fmt::format("transit key '{}' at mount '{}'", printable(key.name, 128), printable(key.mount, 128));
}

const VaultMechanism& mechanism_of(const WrappedKey& blob) {
  return std::get<VaultMechanism>(blob.mechanism);
}

TransitKey key_of(const WrappedKey& blob) { return {mechanism_of(blob).mount, blob.key_id}; }

bool is_same(const TransitKey& a, const TransitKey& b) {
  return a.name == b.name && http::without_stray_slashes(a.mount) == http::without_stray_slashes(b.mount);
}

// What is to be opened or moved, wherever it stands: a caller's job, or an answer that has to be proved.
struct Sealed {
  const WrappedKey* key;
  Bytes context;
};

std::vector<Sealed> sealed_of(const std::vector<UnwrapJob>& jobs) {
  std::vector<Sealed> all;
  all.reserve(jobs.size());
  for (const UnwrapJob& job : jobs) all.push_back({&job.key, job.context});
  return all;
}

CipherItem item_of(const Sealed& job) {
  const ContextUse use = mechanism_of(*job.key).context_use;
  CipherItem item;
  item.ciphertext = text_of(job.key->ciphertext);
  if (use == ContextUse::derivation) item.context = job.context;
  if (use == ContextUse::associated_data) item.associated_data = job.context;
  return item;
}

std::uint32_t created_of(const KeyInfo& info) {
  const std::int64_t created = info.created.value_or(0);
  return created > 0 && created <= 0xffff'ffff ? static_cast<std::uint32_t>(created) : 0;
}

// Jobs of one key, and of one use of the context, travel together.
struct Group {
  TransitKey key;
  ContextUse use = ContextUse::none;
  std::vector<std::size_t> jobs;
};

}  // namespace

// Impl lives on a strand of its own; every coroutine of it holds on to it.
class VaultWrapper::Impl : public std::enable_shared_from_this<VaultWrapper::Impl> {
 public:
  using Self = std::shared_ptr<Impl>;

  Impl(Client& client, WrapperSettings settings)
      : client_(client), settings_(std::move(settings)), waits_(asio::make_strand(client.executor())) {}

  Client& client() { return client_; }
  const WrapperSettings& settings() const { return settings_; }

  // The three calls as coroutines that keep the wrapper's insides alive until `done` was told. They run on
  // the client's executor, and what `done` does there holds nobody up.
  static awaitable<void> wrap(Self self, std::vector<WrapJob> jobs, Done<WrappedKey> done) {
    auto wrapping = on_strand(self->waits_.executor(), wrap_jobs(self, jobs));
    auto answers = co_await std::move(wrapping);
    jobs.clear();
    done(std::move(answers));
  }
  static awaitable<void> unwrap(Self self, std::vector<UnwrapJob> jobs, Done<Secret> done) {
    auto unwrapping = on_strand(self->waits_.executor(), unwrap_jobs(self, jobs));
    auto answers = co_await std::move(unwrapping);
    done(std::move(answers));
  }
  static awaitable<void> rewrap(Self self, std::vector<UnwrapJob> jobs, Done<WrappedKey> done) {
    auto rewrapping = on_strand(self->waits_.executor(), rewrap_jobs(self, jobs));
    auto answers = co_await std::move(rewrapping);
    done(std::move(answers));
  }

 private:
  // --- on the strand ---

  static awaitable<Each<WrappedKey>> wrap_jobs(Self self, const std::vector<WrapJob>& jobs) {
    auto wrapping = self->wrap_each(jobs);
    co_return co_await std::move(wrapping);
  }
  static awaitable<Each<Secret>> unwrap_jobs(Self self, const std::vector<UnwrapJob>& jobs) {
    auto unwrapping = self->unwrap_each(sealed_of(jobs));
    co_return co_await std::move(unwrapping);
  }
  static awaitable<Each<WrappedKey>> rewrap_jobs(Self self, const std::vector<UnwrapJob>& jobs) {
    auto rewrapping = self->rewrap_each(sealed_of(jobs));
    co_return co_await std::move(rewrapping);
  }

  const std::string& name_space() const { return client_.settings().name_space; }

  // --- wrap ---

  awaitable<Each<WrappedKey>> wrap_each(const std::vector<WrapJob>& jobs) {
    Each<WrappedKey> answers = all_fail<WrappedKey>(jobs.size(), Error{});
    auto preparing = wrapping_key();
    const auto info = co_await std::move(preparing);
    if (!info) co_return all_fail<WrappedKey>(jobs.size(), info.error());
    const ContextUse use = info->derived                    ? ContextUse::derivation
                           : settings_.uses_associated_data ? ContextUse::associated_data
                                                            : ContextUse::none;
    std::vector<std::size_t> sent[2];  // a batch has contexts in all of its items or in none
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      auto good = check_job(jobs[i], *info);
      if (good)
        sent[jobs[i].context.empty() ? 0 : 1].push_back(i);
      else
        answers[i] = std::unexpected(std::move(good.error()));
    }
    for (std::size_t with_context = 0; with_context < 2; ++with_context) {
      const ContextUse used = with_context == 0 ? ContextUse::none : use;
      auto wrapping = wrap_some(*info, used, jobs, sent[with_context], answers);
      co_await std::move(wrapping);
    }
    co_return answers;
  }

  // The key that wraps, if it exists and can: read each time, because encrypt would make a missing one.
  awaitable<Result<KeyInfo>> wrapping_key() {
    const TransitKey& key = settings_.key;
    auto reading = client_.read_key(key);
    auto info = co_await std::move(reading);
    if (!info) co_return info;
    remember(key);
    if (!info->supports_encryption || !info->supports_decryption)
      co_return fail_with_advice(ErrorKind::invalid_input, "wrap with an aes256-gcm96 key",
                                 "{} is of type {}, which does not encrypt", shown(key),
                                 printable(info->type, 64));
    if (info->soft_deleted)
      co_return fail_with_advice(ErrorKind::refused, "restore it in the KMS", "{} is marked as deleted",
                                 shown(key));
    if (settings_.key_version > info->latest_version)
      co_return fail(ErrorKind::invalid_input, "{} has no version {}; its latest is {}", shown(key),
                     settings_.key_version, info->latest_version);
    if (!settings_.uses_associated_data || info->derived) co_return info;
    auto proving = prove_associated_data();
    if (auto proved = co_await std::move(proving); !proved)
      co_return std::unexpected(std::move(proved.error()));
    co_return info;
  }

  // Servers before 1.13 take associated data without a word, and bind nothing.
  awaitable<Result<void>> prove_associated_data() {
    if (associated_data_works_) co_return Result<void>();
    const OwnedBytes probe = owned(bytes_of("keyway: is associated data bound?"));
    std::vector<PlainItem> plain(1);
    plain[0] = {.plaintext = probe, .context = {}, .associated_data = probe};
    auto encrypting = client_.encrypt(settings_.key, std::move(plain));
    const auto made = co_await std::move(encrypting);
    if (!made[0]) co_return std::unexpected(made[0].error());
    std::vector<CipherItem> cipher(1);
    cipher[0].ciphertext = made[0]->text;
    auto decrypting = client_.decrypt(settings_.key, std::move(cipher));
    const auto opened = co_await std::move(decrypting);
    if (opened[0])
      co_return fail_with_advice(ErrorKind::unsupported,
                                 "wrap without associated data, or with a derived key",
                                 "this server ignores associated data (Vault before 1.13)");
    if (opened[0].error().kind != ErrorKind::corrupt) co_return std::unexpected(opened[0].error());
    associated_data_works_ = true;
    co_return Result<void>();
  }

  Result<void> check_job(const WrapJob& job, const KeyInfo& info) const {
    if (auto good = check_data_key(job.key); !good) return good;
    if (auto good = check_context(job.context); !good) return good;
    if (info.derived && job.context.empty())
      return fail_with_advice(ErrorKind::invalid_input, "give the context that the data key is for",
                              "{} is a derived key and wants a context", shown(settings_.key));
    return {};
  }

  // Encrypts the jobs `which`, and hands out what opens again.
  awaitable<void> wrap_some(const KeyInfo& info, ContextUse use, const std::vector<WrapJob>& jobs,
                            const std::vector<std::size_t>& which, Each<WrappedKey>& answers) {
    if (which.empty()) co_return;
    std::vector<PlainItem> items;
    for (const std::size_t i : which) {
      PlainItem& item = items.emplace_back();
      item.plaintext = jobs[i].key.reveal();
      if (use == ContextUse::derivation) item.context = jobs[i].context;
      if (use == ContextUse::associated_data) item.associated_data = jobs[i].context;
    }
    auto encrypting = client_.encrypt(settings_.key, std::move(items), batch_options());
    Each<Ciphertext> made = co_await std::move(encrypting);
    std::vector<Sealed> checks;
    std::vector<std::size_t> checked;
    for (std::size_t k = 0; k < which.size(); ++k) {
      const std::size_t i = which[k];
      if (!made[k]) {
        answers[i] = std::unexpected(std::move(made[k].error()));
        continue;
      }
      WrappedKey blob = blob_of(info, use, *made[k], key_check_value(jobs[i].key, jobs[i].context));
      if (auto good = check_wrapped_key(blob); !good) {
        answers[i] = std::unexpected(std::move(good.error()));
        continue;
      }
      answers[i] = std::move(blob);
      checks.push_back({&*answers[i], jobs[i].context});
      checked.push_back(i);
    }
    made = {};  // of a large batch, many megabytes
    auto unwrapping = unwrap_each(std::move(checks));
    const Each<Secret> opened = co_await std::move(unwrapping);
    for (std::size_t k = 0; k < checked.size(); ++k) {
      if (opened[k] && *opened[k] == jobs[checked[k]].key) continue;
      answers[checked[k]] = opens_not(opened[k]);
    }
  }

  WrappedKey blob_of(const KeyInfo& info, ContextUse use, const Ciphertext& made,
                     const KeyCheckValue& check_value) const {
    VaultMechanism mechanism;
    mechanism.mount = http::without_stray_slashes(settings_.key.mount);
    mechanism.key_namespace = name_space();
    mechanism.context_use = use;
    mechanism.key_created = created_of(info);
    WrappedKey blob;
    blob.key_id = settings_.key.name;
    blob.key_version = std::to_string(made.key_version);
    blob.mechanism = std::move(mechanism);
    blob.ciphertext = owned(bytes_of(made.text));
    blob.check_value = check_value;
    return blob;
  }

  static std::unexpected<Error> opens_not(const Result<Secret>& opened) {
    if (opened) return fail(ErrorKind::corrupt, "the new blob opens, but to another key");
    Error error = opened.error();
    error.what = "the new blob does not open again: " + error.what;
    return std::unexpected(std::move(error));
  }

  // --- unwrap ---

  // What `jobs` point to must stay.
  awaitable<Each<Secret>> unwrap_each(std::vector<Sealed> jobs) {
    Each<Secret> answers = all_fail<Secret>(jobs.size(), Error{});
    auto unwrapping = for_each_group(&Impl::unwrap_group, grouped(jobs, answers), jobs, answers);
    co_await std::move(unwrapping);
    co_return answers;
  }

  template <class T>
  using GroupCall = awaitable<void> (Impl::*)(const Group& group, const std::vector<Sealed>& jobs,
                                              Each<T>& answers);

  // What several workers do; the first group that none of them has yet is `next`.
  template <class T>
  struct Run {
    GroupCall<T> call;
    std::vector<Group> groups;
    const std::vector<Sealed>& jobs;
    Each<T>& answers;
    std::size_t next = 0;
  };

  // Each group is some round trips, and there may be one for each job: several are under way at once.
  template <class T>
  awaitable<void> for_each_group(GroupCall<T> call, std::vector<Group> groups,
                                 const std::vector<Sealed>& jobs, Each<T>& answers) {
    const std::size_t most = std::max<std::size_t>(client_.settings().connections, 1);
    const std::size_t workers = std::min(groups.size(), most);
    auto run = std::make_shared<Run<T>>(Run<T>{call, std::move(groups), jobs, answers});
    auto working =
        in_parallel(waits_, workers, [self = shared_from_this(), run] { return work<T>(self, run); });
    co_await std::move(working);
  }

  // The groups of one key follow one another: the first has looked at it for the others.
  template <class T>
  static awaitable<void> work(Self self, std::shared_ptr<Run<T>> run) {
    const std::vector<Group>& groups = run->groups;
    while (run->next < groups.size()) {
      const std::size_t first = run->next++;
      while (run->next < groups.size() && is_same(groups[run->next].key, groups[first].key)) ++run->next;
      const std::span<const Group> taken(&groups[first], run->next - first);
      for (const Group& group : taken) {
        auto calling = (*self.*run->call)(group, run->jobs, run->answers);
        co_await std::move(calling);
      }
    }
  }

  // The jobs that are ours, in the order of their keys; the others are answered already.
  template <class T>
  std::vector<Group> grouped(const std::vector<Sealed>& jobs, Each<T>& answers) const {
    std::map<std::tuple<std::string, std::string_view, ContextUse>, Group> groups;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (auto mine = check_mine(jobs[i]); !mine) {
        answers[i] = std::unexpected(std::move(mine.error()));
        continue;
      }
      const VaultMechanism& mechanism = mechanism_of(*jobs[i].key);
      // An empty context is not sent, so it makes another kind of batch.
      const ContextUse use = jobs[i].context.empty() ? ContextUse::none : mechanism.context_use;
      Group& group = groups[{http::without_stray_slashes(mechanism.mount), jobs[i].key->key_id, use}];
      if (group.jobs.empty()) group.key = key_of(*jobs[i].key);
      group.use = use;
      group.jobs.push_back(i);
    }
    std::vector<Group> list;
    for (auto& [id, group] : groups) list.push_back(std::move(group));
    return list;
  }

  Result<void> check_mine(const Sealed& job) const {
    const auto* mechanism = std::get_if<VaultMechanism>(&job.key->mechanism);
    if (mechanism == nullptr)
      return fail(ErrorKind::not_mine, "this key was wrapped by {}, not by Vault", name(job.key->backend()));
    const std::string& wrapped_in = mechanism->key_namespace;
    const bool is_here = wrapped_in == name_space() ||
                         http::without_stray_slashes(wrapped_in) == http::without_stray_slashes(name_space());
    if (!is_here)
      return fail_with_advice(ErrorKind::not_mine, "use the namespace that it was wrapped in",
                              "this key was wrapped in namespace '{}', and this is namespace '{}'",
                              printable(mechanism->key_namespace, 128), printable(name_space(), 128));
    if (auto good = check_wrapped_key(*job.key); !good) return good;
    if (auto good = check_context(job.context); !good) return good;
    const auto version = version_of(text_of(job.key->ciphertext));
    if (!version) return std::unexpected(version.error());
    return check_key(key_of(*job.key));
  }

  // A blob may name any mount, and below one that is no transit engine a decrypt would write: a key-value
  // store takes every path. So each key is looked at once. Where the policy forbids that, the decrypt itself
  // has to tell.
  awaitable<Result<void>> make_sure_of(TransitKey key) {
    if (known_keys_.contains({http::without_stray_slashes(key.mount), key.name})) co_return Result<void>();
    auto reading = client_.read_key(key);
    const auto info = co_await std::move(reading);
    if (!info && info.error().kind != ErrorKind::refused) co_return std::unexpected(info.error());
    remember(key);
    co_return Result<void>();
  }

  void remember(const TransitKey& key) {
    known_keys_.emplace(http::without_stray_slashes(key.mount), key.name);
  }

  awaitable<void> unwrap_group(const Group& group, const std::vector<Sealed>& jobs, Each<Secret>& answers) {
    auto looking = make_sure_of(group.key);
    if (auto there = co_await std::move(looking); !there) {
      if (there.error().kind != ErrorKind::not_found)  // that one names the key already
        there.error().what = fmt::format("open with {}: {}", shown(group.key), there.error().what);
      for (const std::size_t i : group.jobs) answers[i] = std::unexpected(there.error());
      co_return;
    }
    std::vector<CipherItem> items;
    for (const std::size_t i : group.jobs) items.push_back(item_of(jobs[i]));
    auto decrypting = client_.decrypt(group.key, std::move(items), batch_options());
    Each<Secret> opened = co_await std::move(decrypting);
    std::optional<Result<KeyInfo>> info;  // asked for only when something is wrong
    for (std::size_t k = 0; k < group.jobs.size(); ++k) {
      const std::size_t i = group.jobs[k];
      answers[i] = std::move(opened[k]);
      if (answers[i]) {
        if (auto good = verify_key(*jobs[i].key, *answers[i], jobs[i].context); !good)
          answers[i] = std::unexpected(std::move(good.error()));
        continue;
      }
      Error& error = answers[i].error();
      error.what = fmt::format("open with {}: {}", shown(group.key), error.what);
      if (error.kind != ErrorKind::corrupt || mechanism_of(*jobs[i].key).key_created == 0) continue;
      if (!info) {
        auto reading = client_.read_key(group.key);
        info = co_await std::move(reading);
      }
      if (*info && was_made_again(**info, *jobs[i].key))
        error.advice =
            "the key in the KMS is a later one of the same name: restore the former key from a backup";
    }
  }

  static bool was_made_again(const KeyInfo& info, const WrappedKey& blob) {
    const std::uint32_t created = created_of(info);
    return created != 0 && created != mechanism_of(blob).key_created;
  }

  // --- rewrap ---

  awaitable<Each<WrappedKey>> rewrap_each(std::vector<Sealed> jobs) {
    Each<WrappedKey> answers = all_fail<WrappedKey>(jobs.size(), Error{});
    std::vector<std::size_t> through_here;
    std::vector<Group> inside;
    for (Group& group : grouped(jobs, answers)) {
      const bool stays = settings_.key.name.empty() || is_same(group.key, settings_.key);
      if (stays)
        inside.push_back(std::move(group));
      else
        through_here.insert(through_here.end(), group.jobs.begin(), group.jobs.end());
    }
    auto rewrapping = for_each_group(&Impl::rewrap_group, std::move(inside), jobs, answers);
    co_await std::move(rewrapping);
    auto moving = move_to_other_key(through_here, jobs, answers);
    co_await std::move(moving);
    co_return answers;
  }

  awaitable<void> rewrap_group(const Group& group, const std::vector<Sealed>& jobs,
                               Each<WrappedKey>& answers) {
    auto reading = client_.read_key(group.key);
    const auto info = co_await std::move(reading);
    if (info) remember(group.key);
    std::vector<std::size_t> proving, moving;
    std::vector<CipherItem> items;
    for (const std::size_t i : group.jobs) {
      const WrappedKey& blob = *jobs[i].key;
      if (!info) {
        answers[i] = std::unexpected(info.error());
      } else if (mechanism_of(blob).context_use == ContextUse::associated_data) {
        answers[i] = fail_with_advice(ErrorKind::unsupported, "unwrap it and wrap it again",
                                      "Vault cannot rewrap a ciphertext that has associated data");
      } else if (is_at_target(blob, *info)) {
        // It stays as it is, when it opens: Vault would only make another text of it.
        answers[i] = blob;
        proving.push_back(i);
      } else {
        moving.push_back(i);
        items.push_back(item_of(jobs[i]));
      }
    }
    Each<Ciphertext> made;
    if (!items.empty()) {
      auto rewrapping = client_.rewrap(group.key, std::move(items), batch_options());
      made = co_await std::move(rewrapping);
    }
    for (std::size_t k = 0; k < moving.size(); ++k) {
      const std::size_t i = moving[k];
      if (!made[k]) {
        answers[i] = std::unexpected(std::move(made[k].error()));
        answers[i].error().what =
            fmt::format("rewrap with {}: {}", shown(group.key), answers[i].error().what);
        continue;
      }
      WrappedKey blob = *jobs[i].key;
      blob.key_version = std::to_string(made[k]->key_version);
      blob.ciphertext = owned(bytes_of(made[k]->text));
      // Once version 1 is archived the server does not tell any more.
      if (const std::uint32_t created = created_of(*info); created != 0)
        std::get<VaultMechanism>(blob.mechanism).key_created = created;
      proving.push_back(i);
      answers[i] = std::move(blob);
    }
    made = {};
    auto opening = prove(proving, jobs, answers);
    co_await std::move(opening);
  }

  bool is_at_target(const WrappedKey& blob, const KeyInfo& info) const {
    const auto version = version_of(text_of(blob.ciphertext));
    return version && *version == (settings_.key_version > 0 ? settings_.key_version : info.latest_version);
  }

  BatchOptions batch_options() const {
    return {.key_version = settings_.key_version, .batch_limit = settings_.batch_limit, .key_was_read = true};
  }

  // Each answer opens, to the key that its check value knows; otherwise it is an error instead.
  awaitable<void> prove(const std::vector<std::size_t>& which, const std::vector<Sealed>& jobs,
                        Each<WrappedKey>& answers) {
    std::vector<Sealed> checks;
    for (const std::size_t i : which) checks.push_back({&*answers[i], jobs[i].context});
    auto unwrapping = unwrap_each(std::move(checks));
    const Each<Secret> opened = co_await std::move(unwrapping);
    for (std::size_t k = 0; k < which.size(); ++k) {
      if (opened[k]) continue;
      const bool is_new = answers[which[k]]->ciphertext != jobs[which[k]].key->ciphertext;
      if (is_new)
        answers[which[k]] = opens_not(opened[k]);
      else
        answers[which[k]] = std::unexpected(opened[k].error());
    }
  }

  awaitable<void> move_to_other_key(const std::vector<std::size_t>& which, const std::vector<Sealed>& jobs,
                                    Each<WrappedKey>& answers) {
    if (which.empty()) co_return;
    std::vector<Sealed> old;
    for (const std::size_t i : which) old.push_back(jobs[i]);
    auto unwrapping = unwrap_each(std::move(old));
    Each<Secret> keys = co_await std::move(unwrapping);
    std::vector<WrapJob> wraps;
    std::vector<std::size_t> place;
    for (std::size_t k = 0; k < which.size(); ++k) {
      if (!keys[k]) {
        answers[which[k]] = std::unexpected(std::move(keys[k].error()));
        continue;
      }
      wraps.push_back({std::move(*keys[k]), owned(jobs[which[k]].context)});
      place.push_back(which[k]);
    }
    if (wraps.empty()) co_return;
    auto wrapping = wrap_each(wraps);
    Each<WrappedKey> wrapped = co_await std::move(wrapping);
    for (std::size_t k = 0; k < place.size(); ++k) answers[place[k]] = std::move(wrapped[k]);
  }

  Client& client_;
  const WrapperSettings settings_;
  Waits waits_;  // on the strand, where the rest belongs, too
  bool associated_data_works_ = false;
  std::set<std::pair<std::string, std::string>> known_keys_;  // mount and name
};

VaultWrapper::VaultWrapper(Client& client, WrapperSettings settings)
    : impl_(std::make_shared<Impl>(client, std::move(settings))) {}
VaultWrapper::~VaultWrapper() = default;

Traits VaultWrapper::traits() const {
  return {.backend = Backend::vault, .rewraps_inside = true, .batch_limit = impl_->settings().batch_limit};
}

void VaultWrapper::wrap(std::vector<WrapJob> jobs, Done<WrappedKey> done) {
  asio::co_spawn(impl_->client().executor(), Impl::wrap(impl_, std::move(jobs), std::move(done)),
                 asio::detached);
}

void VaultWrapper::unwrap(std::vector<UnwrapJob> jobs, Done<Secret> done) {
  asio::co_spawn(impl_->client().executor(), Impl::unwrap(impl_, std::move(jobs), std::move(done)),
                 asio::detached);
}

void VaultWrapper::rewrap(std::vector<UnwrapJob> jobs, Done<WrappedKey> done) {
  asio::co_spawn(impl_->client().executor(), Impl::rewrap(impl_, std::move(jobs), std::move(done)),
                 asio::detached);
}

}  // namespace keyway::vault
