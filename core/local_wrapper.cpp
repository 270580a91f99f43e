#include <algorithm>
#include <utility>

#include <core/crypto.h>
#include <core/file.h>
#include <core/hex.h>
#include <core/local_wrapper.h>

namespace keyway {

namespace {

constexpr std::size_t key_size = 32;  // AES-256
constexpr std::size_t id_size = 16;   // bytes of the key's hash
constexpr Text file_label = "keyway-local-key-1:";
constexpr std::size_t file_size = file_label.size() + 2 * key_size + 1;

std::unexpected<Error> not_a_key_file(const std::filesystem::path& path) {
  return fail_with_advice(ErrorKind::invalid_input, "give the path of a key file that Keyway made, unchanged",
                          "key file {}: it does not hold a Keyway local key", printable(path.native(), 4096));
}

Result<Secret> parse_key_file(Text content, const std::filesystem::path& path) {
  const bool whole =
      content.size() == file_size && content.starts_with(file_label) && content.ends_with('\n');
  if (!whole) return not_a_key_file(path);
  auto key = from_hex(content.substr(file_label.size(), 2 * key_size));
  if (!key) return not_a_key_file(path);  // not hex's own words: they tell a position inside the key
  return key;
}

// associated_data binds the ciphertext to this use, this key and the caller's context.
OwnedBytes associated_data(const std::string& key_id, Bytes context) {
  constexpr Text label("keyway local wrap\0", 18);  // the NUL included: no label is another's beginning
  OwnedBytes out = owned(bytes_of(label));
  const auto append = [&out](Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
  append(bytes_of(key_id));  // of one size always
  append(to_big_endian(static_cast<std::uint32_t>(context.size())));
  append(context);
  return out;
}

// not_for tells why `blob` is not one of `key`'s; nothing when it is.
Result<void> check_mine(const LocalKey& key, const WrappedKey& blob) {
  if (blob.backend() == Backend::local && blob.key_id == key.id()) return {};
  return fail_with_advice(ErrorKind::not_mine, "use the key that wrapped it",
                          "unwrap: the key was wrapped by {} key {}, and this is local key {}",
                          name(blob.backend()), printable(blob.key_id), key.id());
}

Result<Secret> unwrap_with(const LocalKey& key, const WrappedKey& blob, Bytes context) {
  if (auto ok = check_mine(key, blob); !ok) return std::unexpected(std::move(ok.error()));
  if (auto ok = check_context(context); !ok) return std::unexpected(std::move(ok.error()));
  if (auto ok = check_wrapped_key(blob); !ok) return std::unexpected(std::move(ok.error()));
  const auto& local = std::get<LocalMechanism>(blob.mechanism);
  auto opened = aes_gcm_open(key.key().reveal(), local.iv, associated_data(key.id(), context),
                             blob.ciphertext, local.tag);
  if (!opened && opened.error().kind == ErrorKind::corrupt) {
    return fail_with_advice(ErrorKind::corrupt, "check that the wrapped key and its context belong together",
                            "unwrap with local key {}: the wrapped key is damaged, or its context is another",
                            key.id());
  }
  if (!opened) return opened;
  if (auto ok = verify_key(blob, *opened, context); !ok) return std::unexpected(std::move(ok.error()));
  return opened;
}

// wrap_with has unwrapped what it returns and compared: a defect here must not cost a key.
Result<WrappedKey> wrap_with(const LocalKey& key, Random& random, const Secret& data_key, Bytes context) {
  if (auto ok = check_data_key(data_key); !ok) return std::unexpected(std::move(ok.error()));
  if (auto ok = check_context(context); !ok) return std::unexpected(std::move(ok.error()));
  OwnedBytes iv = random.bytes(gcm_iv_size);
  auto sealed = aes_gcm_seal(key.key().reveal(), iv, associated_data(key.id(), context), data_key.reveal());
  if (!sealed) return std::unexpected(std::move(sealed.error()));
  WrappedKey blob{.key_id = key.id(),
                  .key_version = {},
                  .mechanism = LocalMechanism{std::move(iv), std::move(sealed->tag)},
                  .ciphertext = std::move(sealed->ciphertext),
                  .check_value = key_check_value(data_key, context)};
  const auto opened = unwrap_with(key, blob, context);
  if (!opened || !(*opened == data_key)) {
    return fail(ErrorKind::internal, "wrap with local key {}: unwrapping did not give the key back",
                key.id());
  }
  return blob;
}

Result<WrappedKey> rewrap_with(const LocalKey& key, Random& random, const UnwrapJob& job) {
  const auto data_key = unwrap_with(key, job.key, job.context);
  if (!data_key) return std::unexpected(data_key.error());
  return wrap_with(key, random, *data_key, job.context);
}

// for_each answers every job by itself, in order.
template <class T, class Job, class Work>
Each<T> for_each(const std::vector<Job>& jobs, Work work) {
  Each<T> answers;
  answers.reserve(jobs.size());
  for (const Job& job : jobs) answers.push_back(work(job));
  return answers;
}

}  // namespace

LocalKey::LocalKey(Secret key)
    : key_(std::move(key)), id_(to_hex(Bytes(sha256(key_.reveal())).first(id_size))) {}

Result<LocalKey> LocalKey::create(const std::filesystem::path& path, Random& random) {
  LocalKey key(random.secret(key_size));
  SecretBuffer content(file_size);
  content.append(file_label);
  content.append(to_hex_secret(key.key().reveal()).reveal());
  content.append("\n");
  if (auto ok = create_file(path, content.view(), Mode::secret); !ok) {
    return std::unexpected(std::move(ok.error()));
  }
  // What is on the disk, not what is in memory, has to open the keys tomorrow.
  auto loaded = load(path);
  if (loaded && !(loaded->key() == key.key())) return not_a_key_file(path);
  return loaded;
}

Result<LocalKey> LocalKey::load(const std::filesystem::path& path) {
  constexpr std::size_t limit = 4096;  // a little room, so that a longer file is called by its right name
  const auto content = read_private_file(path, limit);
  if (!content) return std::unexpected(content.error());
  auto key = parse_key_file(content->reveal_text(), path);
  if (!key) return std::unexpected(std::move(key.error()));
  return LocalKey(std::move(*key));
}

LocalWrapper::LocalWrapper(LocalKey key, Random& random) : key_(std::move(key)), random_(random) {}

LocalWrapper::~LocalWrapper() = default;

Traits LocalWrapper::traits() const {
  return {.backend = Backend::local, .rewraps_inside = false, .batch_limit = 1024};
}

void LocalWrapper::wrap(std::vector<WrapJob> jobs, Done<WrappedKey> done) {
  worker_.post([this, jobs = std::move(jobs), done = std::move(done)]() mutable {
    done(for_each<WrappedKey>(
        jobs, [this](const WrapJob& job) { return wrap_with(key_, random_, job.key, job.context); }));
  });
}

void LocalWrapper::unwrap(std::vector<UnwrapJob> jobs, Done<Secret> done) {
  worker_.post([this, jobs = std::move(jobs), done = std::move(done)]() mutable {
    done(for_each<Secret>(jobs,
                          [this](const UnwrapJob& job) { return unwrap_with(key_, job.key, job.context); }));
  });
}

void LocalWrapper::rewrap(std::vector<UnwrapJob> jobs, Done<WrappedKey> done) {
  worker_.post([this, jobs = std::move(jobs), done = std::move(done)]() mutable {
    done(
        for_each<WrappedKey>(jobs, [this](const UnwrapJob& job) { return rewrap_with(key_, random_, job); }));
  });
}

}  // namespace keyway
