#include <utility>

#include <core/crypto.h>
#include <keyring/model/seal.h>

// What is sealed, version 1: version (1 byte), IV (12), tag (16), ciphertext.

namespace keyway::keyring {

namespace {

constexpr std::byte seal_version{1};
constexpr std::size_t head_size = 1 + gcm_iv_size + gcm_tag_size;

void append(OwnedBytes& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// The key id has one size always, so that no two pairs of id and `about` are written alike.
OwnedBytes associated_data(const std::string& key_id, Text about) {
  constexpr Text label("keyway keyring seal\0", 20);  // the NUL included: no label is another's beginning
  OwnedBytes out = owned(bytes_of(label));
  append(out, bytes_of(key_id));
  append(out, bytes_of(about));
  return out;
}

}  // namespace

Result<StateKey> StateKey::create(const std::filesystem::path& path, Random& random) {
  auto key = LocalKey::create(path, random);
  if (!key) return std::unexpected(std::move(key.error()));
  return StateKey(std::move(*key));
}

Result<StateKey> StateKey::load(const std::filesystem::path& path) {
  auto key = LocalKey::load(path);
  if (!key) return std::unexpected(std::move(key.error()));
  return StateKey(std::move(*key));
}

Result<OwnedBytes> StateKey::seal(Bytes secret, Text about, Random& random) const {
  const OwnedBytes iv = random.bytes(gcm_iv_size);
  auto sealed = aes_gcm_seal(key_.key().reveal(), iv, associated_data(id(), about), secret);
  if (!sealed) return std::unexpected(std::move(sealed.error()));
  OwnedBytes out;
  out.reserve(head_size + sealed->ciphertext.size());
  out.push_back(seal_version);
  append(out, iv);
  append(out, sealed->tag);
  append(out, sealed->ciphertext);
  return out;
}

Result<Secret> StateKey::open(Bytes sealed, Text about) const {
  if (sealed.size() >= head_size && sealed.front() == seal_version) {
    auto opened =
        aes_gcm_open(key_.key().reveal(), sealed.subspan(1, gcm_iv_size), associated_data(id(), about),
                     sealed.subspan(head_size), sealed.subspan(1 + gcm_iv_size, gcm_tag_size));
    if (opened || opened.error().kind != ErrorKind::corrupt) return opened;
  }
  return fail_with_advice(
      ErrorKind::corrupt, "check that database and state key belong together, or restore them from a backup",
      "what is sealed does not open with state key {}: it was changed, or is another key's", id());
}

}  // namespace keyway::keyring
