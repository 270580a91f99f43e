#include <map>
#include <mutex>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/use_awaitable.hpp>

#include <kmip/client/cipher.h>
#include <kmip/client/client.h>
#include <kmip/client/find_key.h>
#include <kmip/client/key_wrapper.h>
#include <kmip/model/get.h>
#include <kmip/model/query.h>

namespace keyway::kmip {

namespace {

using TagPlace = KmipMechanism::TagPlace;
using Where = KmipMechanism::Where;
using asio::awaitable;
using asio::use_awaitable;

std::unexpected<Error> needs_version(Version needed, Version in_use, std::string_view why) {
  return fail_with_advice(ErrorKind::unsupported, fmt::format("connect with KMIP {} or later", name(needed)),
                          "{} needs KMIP {}; this connection uses {}", why, name(needed), name(in_use));
}

bool has_tag(const WrappedKey& blob) {
  return std::get<KmipMechanism>(blob.mechanism).tag_place != TagPlace::none;
}

// A refused Decrypt of a blob that the KMS could have decrypted means that the blob is bad.
std::unexpected<Error> bad_blob(const WrappedKey& blob, const Error& refusal) {
  return fail_with_advice(
      ErrorKind::corrupt, "the blob may be damaged, or the KMS key of this identifier replaced",
      "the KMS cannot open this blob with key '{}' ({})", printable(blob.key_id, 128), refusal.what);
}

}  // namespace

class KmipWrapper::Impl {
 public:
  Impl(Client& client, KmipWrapperSettings settings, Random& random)
      : client_(client), settings_(std::move(settings)), random_(random) {}

  Client& client() { return client_; }

  // The three calls as coroutines that keep the wrapper's insides alive until `done` was told.
  static awaitable<void> wrap(std::shared_ptr<Impl> self, std::vector<WrapJob> jobs, Done<WrappedKey> done) {
    auto answers = co_await self->wrap_each(std::move(jobs));
    done(std::move(answers));
  }
  static awaitable<void> unwrap(std::shared_ptr<Impl> self, std::vector<UnwrapJob> jobs, Done<Secret> done) {
    auto answers = co_await self->unwrap_each(std::move(jobs));
    done(std::move(answers));
  }
  static awaitable<void> rewrap(std::shared_ptr<Impl> self, std::vector<UnwrapJob> jobs,
                                Done<WrappedKey> done) {
    auto answers = co_await self->rewrap_each(std::move(jobs));
    done(std::move(answers));
  }

 private:
  awaitable<Each<WrappedKey>> wrap_each(std::vector<WrapJob> jobs) {
    auto key = co_await current_key();
    if (!key) co_return all_fail<WrappedKey>(jobs.size(), key.error());
    Each<WrappedKey> answers = all_fail<WrappedKey>(jobs.size(), Error{});
    std::vector<std::size_t> pending;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      auto good = check_data_key(jobs[i].key);
      if (good) good = check_context(jobs[i].context);
      if (good)
        pending.push_back(i);
      else
        answers[i] = std::unexpected(std::move(good.error()));
    }
    if (wraps_here(key->version)) {
      co_await wrap_here(*key, jobs, pending, answers);
    } else {
      for (const CipherMode mode : modes()) {
        if (pending.empty()) break;
        co_await wrap_there(*key, mode, jobs, pending, answers);
      }
    }
    // Only a blob that can be read back may be handed out; a server's identifier may hold anything.
    for (Result<WrappedKey>& answer : answers) {
      if (!answer) continue;
      if (auto good = check_wrapped_key(*answer); !good) answer = std::unexpected(std::move(good.error()));
    }
    co_return answers;
  }

  awaitable<Each<Secret>> unwrap_each(std::vector<UnwrapJob> jobs) {
    Each<Secret> answers = all_fail<Secret>(jobs.size(), Error{});
    auto facts = co_await client_.async_connect(use_awaitable);
    if (!facts) co_return all_fail<Secret>(jobs.size(), facts.error());
    std::vector<std::size_t> here, there;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const WrappedKey& blob = jobs[i].key;
      const auto* mechanism = std::get_if<KmipMechanism>(&blob.mechanism);
      if (!mechanism) {
        answers[i] =
            fail(ErrorKind::not_mine, "this key was wrapped by {}, not by KMIP", name(blob.backend()));
      } else if (mechanism->where == Where::client || settings_.where == WrapWhere::client) {
        here.push_back(i);
      } else if (facts->version >= Version::V1_2) {
        there.push_back(i);
      } else if (settings_.where == WrapWhere::automatic) {
        here.push_back(i);
      } else {
        answers[i] = needs_version(Version::V1_2, facts->version, "opening this key inside the KMS");
      }
    }
    co_await open_here_each(jobs, here, answers);
    co_await open_there_each(jobs, there, facts->version, answers);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (!answers[i]) continue;
      if (auto good = verify_key(jobs[i].key, *answers[i], jobs[i].context); !good)
        answers[i] = std::unexpected(std::move(good.error()));
    }
    co_return answers;
  }

  awaitable<Each<WrappedKey>> rewrap_each(std::vector<UnwrapJob> jobs) {
    const std::size_t count = jobs.size();
    std::vector<OwnedBytes> contexts;
    for (const UnwrapJob& job : jobs) contexts.push_back(job.context);
    Each<Secret> keys = co_await unwrap_each(std::move(jobs));
    Each<WrappedKey> answers = all_fail<WrappedKey>(count, Error{});
    std::vector<WrapJob> wraps;
    std::vector<std::size_t> place;
    for (std::size_t i = 0; i < count; ++i) {
      if (!keys[i]) {
        answers[i] = std::unexpected(std::move(keys[i].error()));
        continue;
      }
      wraps.push_back({std::move(*keys[i]), std::move(contexts[i])});
      place.push_back(i);
    }
    Each<WrappedKey> wrapped = co_await wrap_each(std::move(wraps));
    for (std::size_t k = 0; k < place.size(); ++k) answers[place[k]] = std::move(wrapped[k]);
    co_return answers;
  }

  // The key that wraps, once it is known and found fit.
  struct WrappingKey {
    std::string id;
    Version version = oldest_version;
  };

  bool wraps_here(Version version) const {
    return settings_.where == WrapWhere::client ||
           (settings_.where == WrapWhere::automatic && version < Version::V1_2);
  }

  // GCM first, until this server turned out not to have it.
  std::vector<CipherMode> modes() {
    const std::lock_guard lock(mutex_);
    if (gcm_fails_) return {CipherMode::cbc};
    return {CipherMode::gcm, CipherMode::cbc};
  }

  awaitable<Result<WrappingKey>> current_key() {
    auto facts = co_await client_.async_connect(use_awaitable);
    if (!facts) co_return std::unexpected(std::move(facts.error()));
    WrappingKey key{{}, facts->version};
    if (settings_.where == WrapWhere::server && key.version < Version::V1_2)
      co_return needs_version(Version::V1_2, key.version, "wrapping inside the KMS");
    {
      const std::lock_guard lock(mutex_);
      key.id = current_id_;
    }
    if (!key.id.empty()) co_return key;
    if (settings_.key.text.empty())
      co_return fail_with_advice(ErrorKind::invalid_input, "name the key to wrap with",
                                 "no wrapping key is named");
    auto id = co_await find_key(client_, settings_.key);
    if (!id) co_return std::unexpected(std::move(id.error()));
    key.id = std::move(*id);
    if (auto fit = co_await check_fit(key.id); !fit) co_return std::unexpected(std::move(fit.error()));
    co_await ask_vendor();
    const std::lock_guard lock(mutex_);
    current_id_ = key.id;
    co_return key;
  }

  // Says what is wrong with a key before the KMS does, which mostly just denies permission.
  awaitable<Result<void>> check_fit(std::string id) {
    auto facts = co_await key_facts(client_, id);
    if (!facts) {
      if (facts.error().kind == ErrorKind::refused) co_return Result<void>{};  // it may still encrypt
      co_return std::unexpected(std::move(facts.error()));
    }
    const std::string shown = printable(id, 128);
    if (facts->state == State::PreActive)
      co_return fail_with_advice(ErrorKind::refused, fmt::format("activate it: kmipctl activate {}", shown),
                                 "key '{}' is not active yet (Pre-Active)", shown);
    if (facts->state && facts->state != State::Active)
      co_return fail_with_advice(ErrorKind::refused, "wrap with another key; this one may still unwrap",
                                 "key '{}' is in state {}", shown, spec_name(*facts->state));
    if (facts->algorithm && facts->algorithm != CryptographicAlgorithm::AES)
      co_return fail(ErrorKind::invalid_input, "key '{}' is a {} key; wrapping takes an AES key", shown,
                     spec_name(*facts->algorithm));
    constexpr auto needed = CryptographicUsageMask::Encrypt | CryptographicUsageMask::Decrypt;
    if (settings_.where != WrapWhere::client && facts->usage && !has_all(*facts->usage, needed))
      co_return fail_with_advice(
          ErrorKind::refused, "wrap with a key made for Encrypt and Decrypt",
          "key '{}' may be used for '{}' only", shown,
          mask_names(Enumeration::CryptographicUsageMask, static_cast<std::uint32_t>(*facts->usage)));
    co_return Result<void>{};
  }

  // The vendor string goes into blobs for whoever has to find out, years later, what wrote them.
  awaitable<void> ask_vendor() {
    QueryRequest request;
    request.functions = {QueryFunction::QueryServerInformation};
    auto reply = co_await client_.async_call(std::move(request), use_awaitable);
    if (!reply || !(*reply)->vendor_identification) co_return;
    const std::lock_guard lock(mutex_);
    vendor_ = printable(*(*reply)->vendor_identification, 128);
  }

  WrappedKey blob_of(const WrappingKey& key, Encrypted made, const WrapJob& job) {
    const ProtocolNumber number = number_of(key.version);
    made.mechanism.version_major = static_cast<std::uint8_t>(number.major);
    made.mechanism.version_minor = static_cast<std::uint8_t>(number.minor);
    {
      const std::lock_guard lock(mutex_);
      made.mechanism.vendor = vendor_;
    }
    WrappedKey blob;
    blob.key_id = key.id;
    blob.mechanism = std::move(made.mechanism);
    blob.ciphertext = std::move(made.ciphertext);
    blob.check_value = key_check_value(job.key, job.context);
    return blob;
  }

  awaitable<void> wrap_here(const WrappingKey& key, const std::vector<WrapJob>& jobs,
                            const std::vector<std::size_t>& pending, Each<WrappedKey>& answers) {
    if (pending.empty()) co_return;
    auto kms_key = co_await fetch_key(key.id);
    for (const std::size_t i : pending) {
      if (!kms_key) {
        answers[i] = std::unexpected(kms_key.error());
        continue;
      }
      auto made = seal_here(*kms_key, jobs[i].key, random_);
      if (made)
        answers[i] = blob_of(key, std::move(*made), jobs[i]);
      else
        answers[i] = std::unexpected(std::move(made.error()));
    }
  }

  // Encrypts what is pending in the KMS, and unwraps it again. What this mode cannot do stays pending for the
  // next one, with the reason as its answer so far.
  awaitable<void> wrap_there(const WrappingKey& key, CipherMode mode, const std::vector<WrapJob>& jobs,
                             std::vector<std::size_t>& pending, Each<WrappedKey>& answers) {
    std::vector<Held<EncryptRequest>> held;
    std::vector<EncryptRequest> requests;
    for (const std::size_t i : pending) held.push_back(encrypt_request(key.id, mode, jobs[i].key, random_));
    for (const auto& one : held) requests.push_back(one.request);
    auto replies = co_await client_.async_call_each(std::move(requests), use_awaitable);

    std::vector<std::size_t> left, made;
    std::vector<UnwrapJob> checks;
    for (std::size_t k = 0; k < pending.size(); ++k) {
      const std::size_t i = pending[k];
      if (!replies[k]) {
        answers[i] = std::unexpected(explain(replies[k].error()));
        if (is_about_parameters(replies[k].error())) left.push_back(i);
        continue;
      }
      const auto& reply = *replies[k];
      auto encrypted = read_encrypted(held[k], *reply, mode);
      if (!encrypted) {
        answers[i] =
            fail(ErrorKind::corrupt, "the KMS answered Encrypt with something that cannot be decrypted");
        left.push_back(i);
        continue;
      }
      answers[i] = blob_of(key, std::move(*encrypted), jobs[i]);
      checks.push_back({*answers[i], jobs[i].context});
      made.push_back(i);
    }
    replies.clear();
    Each<Secret> opened = co_await unwrap_each(std::move(checks));
    for (std::size_t k = 0; k < made.size(); ++k) {
      if (opened[k] && *opened[k] == jobs[made[k]].key) continue;
      const std::string why = opened[k] ? std::string("another key came back") : opened[k].error().what;
      const ErrorKind kind = opened[k] ? ErrorKind::corrupt : opened[k].error().kind;
      answers[made[k]] = fail(kind, "the new blob does not open again: {}", why);
      if (kind != ErrorKind::unreachable && kind != ErrorKind::cancelled) left.push_back(made[k]);
    }
    // Remembered only when CBC did what GCM could not: a passing fault must not cost this server its GCM.
    if (mode == CipherMode::cbc && left.size() < pending.size()) {
      const std::lock_guard lock(mutex_);
      gcm_fails_ = true;
    }
    pending = std::move(left);
  }

  static Error explain(Error error) {
    if (error.refusal &&
        static_cast<ResultReason>(error.refusal->reason) == ResultReason::OperationNotSupported)
      error.advice =
          "this server cannot encrypt; have the key fetched and used here if that is acceptable "
          "(kmipctl: --wrap-where client)";
    return error;
  }

  awaitable<Result<Secret>> fetch_key(std::string id) {
    GetRequest request;
    request.unique_identifier = Identifier(id);
    request.key_format_type = KeyFormatType::Raw;
    auto reply = co_await client_.async_call(std::move(request), use_awaitable);
    if (!reply) co_return std::unexpected(std::move(reply.error()));
    const std::string shown = printable(id, 128);
    const auto& symmetric = (*reply)->object.symmetric_key;
    if (!symmetric)
      co_return fail(ErrorKind::invalid_input, "object '{}' is a {}, not a symmetric key", shown,
                     spec_name((*reply)->object_type));
    const Secret* key = symmetric->key_block.key_bytes();
    const auto algorithm = symmetric->key_block.cryptographic_algorithm.value_or(CryptographicAlgorithm::AES);
    if (!key || algorithm != CryptographicAlgorithm::AES ||
        (key->size() != 16 && key->size() != 24 && key->size() != 32))
      co_return fail(ErrorKind::unsupported, "the KMS does not give key '{}' out as a plain AES key", shown);
    co_return key->duplicate();
  }

  awaitable<void> open_here_each(const std::vector<UnwrapJob>& jobs, const std::vector<std::size_t>& which,
                                 Each<Secret>& answers) {
    std::map<std::string, Result<Secret>> keys;  // each key is fetched once
    for (const std::size_t i : which) {
      const std::string& id = jobs[i].key.key_id;
      auto at = keys.find(id);
      if (at == keys.end()) {
        auto fetched = co_await fetch_key(id);
        at = keys.emplace(id, std::move(fetched)).first;
      }
      if (at->second)
        answers[i] = open_here(*at->second, jobs[i].key);
      else
        answers[i] = std::unexpected(at->second.error());
    }
  }

  awaitable<void> open_there_each(const std::vector<UnwrapJob>& jobs, const std::vector<std::size_t> which,
                                  Version version, Each<Secret>& answers) {
    std::vector<std::size_t> pending = which;
    for (const bool first : {true, false}) {
      if (pending.empty()) break;
      co_await open_there(jobs, pending, version, first, answers);
      std::erase_if(pending, [&](std::size_t i) {
        return answers[i] || !has_tag(jobs[i].key) || !is_about_parameters(answers[i].error());
      });
      if (version < Version::V1_4) break;  // one place for the tag only
    }
    std::vector<std::size_t> refused;
    for (const std::size_t i : which)
      if (!answers[i] && is_about_parameters(answers[i].error())) refused.push_back(i);
    co_await judge_refusals(jobs, refused, version, answers);
  }

  // One round of Decrypt: the first with the tag where it was when the key was wrapped, the second elsewhere.
  awaitable<void> open_there(const std::vector<UnwrapJob>& jobs, const std::vector<std::size_t>& which,
                             Version version, bool first, Each<Secret>& answers) {
    std::vector<Held<DecryptRequest>> held;
    std::vector<DecryptRequest> requests;
    held.reserve(which.size());
    for (const std::size_t i : which)
      held.push_back(decrypt_request(jobs[i].key, place(jobs[i].key, version, first)));
    for (const auto& one : held) requests.push_back(one.request);
    auto replies = co_await client_.async_call_each(std::move(requests), use_awaitable);
    for (std::size_t k = 0; k < which.size(); ++k) {
      if (!replies[k]) {
        answers[which[k]] = std::unexpected(std::move(replies[k].error()));
        continue;
      }
      auto data = std::move(*replies[k]).take(&DecryptResponse::data);
      if (data)
        answers[which[k]] = std::move(*data);
      else
        answers[which[k]] = fail(ErrorKind::corrupt, "the KMS answered Decrypt without data");
    }
  }

  static TagPlace place(const WrappedKey& blob, Version version, bool first) {
    const TagPlace recorded = std::get<KmipMechanism>(blob.mechanism).tag_place;
    if (recorded == TagPlace::none) return TagPlace::none;
    if (version < Version::V1_4) return TagPlace::end_of_data;  // there is no field for it
    const TagPlace other = recorded == TagPlace::field ? TagPlace::end_of_data : TagPlace::field;
    return first ? recorded : other;
  }

  // Many servers give one reason for everything. What tells a bad blob from a server that cannot decrypt is
  // whether it can decrypt something of its own with the same key and mode.
  awaitable<void> judge_refusals(const std::vector<UnwrapJob>& jobs, const std::vector<std::size_t>& refused,
                                 Version version, Each<Secret>& answers) {
    for (const std::size_t i : refused) {
      const WrappedKey& blob = jobs[i].key;
      const auto& mechanism = std::get<KmipMechanism>(blob.mechanism);
      const Error refusal = answers[i].error();
      if (mechanism.tag_place == TagPlace::field && version < Version::V1_4) {
        auto error = needs_version(Version::V1_4, version,
                                   "this key was wrapped with its tag in a field of its own; opening it");
        error.error().what += fmt::format(" ({})", refusal.what);
        answers[i] = std::move(error);
        continue;
      }
      bool bad = static_cast<ResultReason>(refusal.refusal->reason) == ResultReason::CryptographicFailure;
      if (!bad) bad = co_await opens_its_own(blob, version);
      if (bad) answers[i] = bad_blob(blob, refusal);
    }
  }

  awaitable<bool> opens_its_own(const WrappedKey& blob, Version version) {
    const CipherMode mode = has_tag(blob) ? CipherMode::gcm : CipherMode::cbc;
    const Secret plain = random_.secret(32);
    auto sealing = encrypt_request(blob.key_id, mode, plain, random_);
    auto sealed = co_await client_.async_call(sealing.request, use_awaitable);
    if (!sealed) co_return false;  // a key that may only decrypt cannot be judged this way
    const auto& answer = *sealed;
    auto made = read_encrypted(sealing, *answer, mode);
    if (!made) co_return false;
    WrappedKey probe;
    probe.key_id = blob.key_id;
    probe.mechanism = std::move(made->mechanism);
    probe.ciphertext = std::move(made->ciphertext);
    auto opening = decrypt_request(probe, place(probe, version, true));
    auto opened = co_await client_.async_call(opening.request, use_awaitable);
    if (!opened) co_return false;
    const auto data = std::move(*opened).take(&DecryptResponse::data);
    co_return data.has_value() && *data == plain;
  }

  Client& client_;
  const KmipWrapperSettings settings_;
  Random& random_;

  std::mutex mutex_;  // guards what follows
  std::string current_id_;
  std::string vendor_;
  bool gcm_fails_ = false;
};

KmipWrapper::KmipWrapper(Client& client, KmipWrapperSettings settings, Random& random)
    : impl_(std::make_shared<Impl>(client, std::move(settings), random)) {}
KmipWrapper::~KmipWrapper() = default;

Traits KmipWrapper::traits() const {
  return {.backend = Backend::kmip,
          .rewraps_inside = false,
          .batch_limit = impl_->client().settings().batch_limit};
}

void KmipWrapper::wrap(std::vector<WrapJob> jobs, Done<WrappedKey> done) {
  asio::co_spawn(impl_->client().executor(), Impl::wrap(impl_, std::move(jobs), std::move(done)),
                 asio::detached);
}

void KmipWrapper::unwrap(std::vector<UnwrapJob> jobs, Done<Secret> done) {
  asio::co_spawn(impl_->client().executor(), Impl::unwrap(impl_, std::move(jobs), std::move(done)),
                 asio::detached);
}

void KmipWrapper::rewrap(std::vector<UnwrapJob> jobs, Done<WrappedKey> done) {
  asio::co_spawn(impl_->client().executor(), Impl::rewrap(impl_, std::move(jobs), std::move(done)),
                 asio::detached);
}

}  // namespace keyway::kmip
