#include <algorithm>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

#include <core/crypto.h>
#include <core/hex.h>
#include <core/wrapped_key.h>

// The binary form, version 1:
//   "KWRP", version (1 byte), backend (1 byte),
//   fields: id (1 byte), length (4 bytes, big-endian), value;
//   the first 8 bytes of SHA-256 over all of the above.
// The fields are those of the table below that belong to the backend, each exactly once, in the order of
// their ids, of a fixed size unless text or bytes; an optional field is left out when its value is zero: so
// every key has exactly one spelling.

namespace keyway {

namespace {

constexpr Text magic = "KWRP";
constexpr std::uint8_t format_version = 1;
constexpr std::size_t head_size = 4 + 1 + 1;
constexpr std::size_t field_head_size = 1 + 4;
constexpr std::size_t checksum_size = 8;
constexpr Text text_prefix = "kw1.";
constexpr std::size_t longest_text = text_prefix.size() + longest_wrapped_key / 3 * 4 + 4;

// --- values: how each type of member is written and read --------------------------------------------------

template <class T>
constexpr bool is_number = std::is_integral_v<T> || std::is_enum_v<T>;

template <class T>
OwnedBytes value_of(const T& member) {
  if constexpr (std::is_same_v<T, std::string>) {
    return owned(bytes_of(member));
  } else if constexpr (!is_number<T>) {
    return owned(member);
  } else if constexpr (sizeof(T) == 1) {
    return {static_cast<std::byte>(member)};
  } else {
    static_assert(sizeof(T) == 4);
    return owned(to_big_endian(member));
  }
}

// take_value sets the member; false when the value has another size than its type.
template <class T>
bool take_value(Bytes value, T& member) {
  if constexpr (std::is_same_v<T, std::string>) {
    member = text_of(value);
  } else if constexpr (std::is_same_v<T, OwnedBytes>) {
    member = owned(value);
  } else if (value.size() != sizeof(T)) {
    return false;
  } else if constexpr (!is_number<T>) {
    std::ranges::copy(value, member.begin());
  } else if constexpr (sizeof(T) == 1) {
    member = static_cast<T>(value.front());
  } else {
    member = from_big_endian(value);
  }
  return true;
}

// --- fields: which member has which id --------------------------------------------------------------------

struct Field {
  std::uint8_t id;
  int backend;  // 0: of every backend
  bool is_optional;
  std::string_view name;
  OwnedBytes (*value)(const WrappedKey& key);
  bool (*take)(Bytes value, WrappedKey& key);
};

// part is the structure inside `key` that has the member: the key itself, or its mechanism.
template <class Part, class Key>
auto& part(Key& key) {
  if constexpr (std::is_same_v<Part, WrappedKey>) {
    return key;
  } else {
    return std::get<Part>(key.mechanism);
  }
}

template <class Part>
constexpr int backend_of = std::is_same_v<Part, WrappedKey>       ? 0
                           : std::is_same_v<Part, LocalMechanism> ? static_cast<int>(Backend::local)
                           : std::is_same_v<Part, KmipMechanism>  ? static_cast<int>(Backend::kmip)
                                                                  : static_cast<int>(Backend::vault);

template <class Part, class Member>
Part part_type(Member Part::*);

template <auto member>
constexpr Field field(std::uint8_t id, std::string_view name) {
  using Part = decltype(part_type(member));
  return {id,
          backend_of<Part>,
          false,
          name,
          [](const WrappedKey& key) { return value_of(part<Part>(key).*member); },
          [](Bytes value, WrappedKey& key) { return take_value(value, part<Part>(key).*member); }};
}

template <auto member>
constexpr Field optional_field(std::uint8_t id, std::string_view name) {
  Field row = field<member>(id, name);
  row.is_optional = true;
  return row;
}

bool is_zero(Bytes value) {
  return std::ranges::all_of(value, [](std::byte b) { return b == std::byte{0}; });
}

// An id, once released, keeps its meaning for ever. A new field gets a new id, and is optional: an older
// Keyway then opens the keys that do without it, and says of the others that they are a newer one's.
constexpr Field fields[] = {
    field<&WrappedKey::key_id>(1, "key identifier"),
    field<&WrappedKey::key_version>(2, "key version"),
    field<&WrappedKey::ciphertext>(3, "ciphertext"),
    field<&WrappedKey::check_value>(4, "check value"),
    field<&LocalMechanism::iv>(16, "IV"),
    field<&LocalMechanism::tag>(17, "tag"),
    field<&KmipMechanism::where>(32, "place of encryption"),
    field<&KmipMechanism::cryptographic_algorithm>(33, "cryptographic algorithm"),
    field<&KmipMechanism::block_cipher_mode>(34, "block cipher mode"),
    field<&KmipMechanism::padding_method>(35, "padding method"),
    field<&KmipMechanism::tag_place>(36, "place of the tag"),
    field<&KmipMechanism::tag_length>(37, "tag length"),
    field<&KmipMechanism::iv>(38, "IV"),
    field<&KmipMechanism::tag>(39, "tag"),
    field<&KmipMechanism::version_major>(40, "protocol version"),
    field<&KmipMechanism::version_minor>(41, "protocol version"),
    field<&KmipMechanism::vendor>(42, "vendor"),
    field<&VaultMechanism::mount>(48, "mount"),
    field<&VaultMechanism::key_namespace>(49, "namespace"),
    optional_field<&VaultMechanism::context_use>(50, "use of the context"),
    optional_field<&VaultMechanism::key_created>(51, "creation of the key"),
};
static_assert(std::ranges::adjacent_find(fields, std::ranges::greater_equal{}, &Field::id) ==
                  std::end(fields),
              "ids ascend, and none is there twice");

bool belongs(const Field& field, Backend backend) {
  return field.backend == 0 || field.backend == static_cast<int>(backend);
}

// written_value is what the blob holds of a field; nothing when it is left out.
std::optional<OwnedBytes> written_value(const Field& field, const WrappedKey& key) {
  if (!belongs(field, key.backend())) return std::nullopt;
  OwnedBytes value = field.value(key);
  if (field.is_optional && is_zero(value)) return std::nullopt;
  return value;
}

// --- rules over a whole key -------------------------------------------------------------------------------

std::unexpected<Error> corrupt(std::string_view why) {
  return fail_with_advice(ErrorKind::corrupt, "use an undamaged copy of it", "wrapped key: {}", why);
}

std::unexpected<Error> bad_field(std::string_view name, std::string_view why) {
  return corrupt(fmt::format("its field \"{}\" {}", name, why));
}

std::unexpected<Error> made_by_newer(std::string_view what) {
  return fail_with_advice(ErrorKind::unsupported,
                          "use a Keyway at least as new as the one that wrapped the key",
                          "wrapped key: made by a newer Keyway: {}", what);
}

bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }

Result<void> check(const LocalMechanism& local) {
  if (local.iv.size() != gcm_iv_size) return bad_field("IV", "is not 12 bytes");
  if (local.tag.size() != gcm_tag_size) return bad_field("tag", "is not 16 bytes");
  return {};
}

Result<void> check(const KmipMechanism& kmip) {
  using Where = KmipMechanism::Where;
  using TagPlace = KmipMechanism::TagPlace;
  if (kmip.where != Where::server && kmip.where != Where::client) {
    return bad_field("place of encryption", "has an unknown value");
  }
  if (kmip.tag_place > TagPlace::end_of_data) return bad_field("place of the tag", "has an unknown value");
  if ((kmip.tag_place == TagPlace::none) != (kmip.tag_length == 0)) {
    return bad_field("tag length", "contradicts the place of the tag");
  }
  if (kmip.tag.size() != kmip.tag_length) return bad_field("tag", "is not as long as the tag length says");
  if (has_nul(kmip.vendor)) return bad_field("vendor", "contains a NUL");
  return {};
}

Result<void> check(const VaultMechanism& vault) {
  if (vault.mount.empty()) return bad_field("mount", "is empty");
  if (has_nul(vault.mount)) return bad_field("mount", "contains a NUL");
  if (has_nul(vault.key_namespace)) return bad_field("namespace", "contains a NUL");
  if (vault.context_use > VaultMechanism::ContextUse::associated_data) {
    return bad_field("use of the context", "has an unknown value");
  }
  return {};
}

Result<void> check_fields(const WrappedKey& key) {
  if (key.key_id.empty()) return bad_field("key identifier", "is empty");
  if (has_nul(key.key_id)) return bad_field("key identifier", "contains a NUL");
  if (has_nul(key.key_version)) return bad_field("key version", "contains a NUL");
  if (key.ciphertext.empty()) return bad_field("ciphertext", "is empty");
  return std::visit([](const auto& mechanism) { return check(mechanism); }, key.mechanism);
}

// --- writing and reading ----------------------------------------------------------------------------------

void append(OwnedBytes& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

std::array<std::byte, checksum_size> checksum(Bytes content) {
  std::array<std::byte, checksum_size> first{};
  std::ranges::copy_n(sha256(content).begin(), checksum_size, first.begin());
  return first;
}

// check_frame looks at all that can be said before the fields: size, magic, checksum, version. The checksum
// goes first, so that a damaged version or backend is not taken for a newer one.
Result<void> check_frame(Bytes binary) {
  if (binary.size() > longest_wrapped_key) {
    return corrupt(
        fmt::format("it has {} bytes, and none has more than {}", binary.size(), longest_wrapped_key));
  }
  if (binary.size() < head_size + checksum_size) return corrupt("it is cut short");
  if (text_of(binary.first(magic.size())) != magic) return corrupt("this is not a wrapped key of Keyway");
  const Bytes content = binary.first(binary.size() - checksum_size);
  if (!std::ranges::equal(checksum(content), binary.last(checksum_size))) {
    return corrupt("its checksum does not fit: it was changed, or cut short");
  }
  const auto version = std::to_integer<int>(binary[4]);
  if (version != format_version) return made_by_newer(fmt::format("format version {}", version));
  return {};
}

using Mechanism = decltype(WrappedKey::mechanism);

// empty_mechanism is the mechanism of a backend, still without values; nothing for an unknown backend.
std::optional<Mechanism> empty_mechanism(std::byte backend) {
  switch (static_cast<Backend>(backend)) {
    case Backend::local: return LocalMechanism{};
    case Backend::kmip: return KmipMechanism{};
    case Backend::vault: return VaultMechanism{};
  }
  return std::nullopt;
}

// take_field moves the first field of `left` into `key` and returns its row. Its id must be more than
// `last_id`.
Result<const Field*> take_field(Bytes& left, int& last_id, WrappedKey& key) {
  if (left.size() < field_head_size) return corrupt("its last field is cut short");
  const auto id = std::to_integer<int>(left[0]);
  const std::uint32_t size = from_big_endian(left.subspan(1, 4));
  if (size > left.size() - field_head_size) return corrupt(fmt::format("its field {} is cut short", id));
  if (id <= last_id) return corrupt(fmt::format("its field {} is out of order, or there twice", id));
  const auto* const row = std::ranges::find(fields, id, [](const Field& field) { return int{field.id}; });
  if (row == std::end(fields)) return made_by_newer(fmt::format("field {}", id));
  if (!belongs(*row, key.backend())) return bad_field(row->name, "belongs to another backend");
  const Bytes value = left.subspan(field_head_size, size);
  if (!row->take(value, key)) return bad_field(row->name, "has a wrong size");
  if (row->is_optional && is_zero(value)) return bad_field(row->name, "is there, and zero");
  last_id = id;
  left = left.subspan(field_head_size + size);
  return row;
}

}  // namespace

std::string_view name(Backend backend) {
  switch (backend) {
    case Backend::local: return "local";
    case Backend::kmip: return "kmip";
    case Backend::vault: return "vault";
  }
  return "unknown";
}

Result<void> check_data_key(const Secret& key) {
  if (key.size() >= shortest_data_key && key.size() <= longest_data_key) return {};
  return fail(ErrorKind::invalid_input, "a data key is {} to {} bytes, not {}", shortest_data_key,
              longest_data_key, key.size());
}

Result<void> check_context(Bytes context) {
  if (context.size() <= longest_context) return {};
  return fail(ErrorKind::invalid_input, "a context is at most {} bytes, not {}", longest_context,
              context.size());
}

KeyCheckValue key_check_value(const Secret& key, Bytes context) {
  constexpr Text label("keyway key check value\0", 23);  // the NUL included: no label is another's beginning
  OwnedBytes message = owned(bytes_of(label));
  message.push_back(std::byte{format_version});
  append(message, to_big_endian(static_cast<std::uint32_t>(context.size())));
  append(message, context);
  return hmac_sha256(key.reveal(), message);
}

Result<void> verify_key(const WrappedKey& blob, const Secret& key, Bytes context) {
  if (equal_in_constant_time(key_check_value(key, context), blob.check_value)) return {};
  return fail_with_advice(
      ErrorKind::corrupt,
      "check that the wrapped key and its context belong together, and which key the KMS used",
      "key check value: what {} key {} opened is not the key that was wrapped (a wrong key, a wrong context, "
      "or "
      "damage)",
      name(blob.backend()), printable(blob.key_id));
}

Result<void> check_wrapped_key(const WrappedKey& key) {
  if (auto ok = check_fields(key); !ok) return ok;
  std::size_t size = head_size + checksum_size;
  for (const Field& field : fields) {
    if (const auto value = written_value(field, key)) size += field_head_size + value->size();
  }
  if (size <= longest_wrapped_key) return {};
  return corrupt(fmt::format("it takes {} bytes, and the limit is {}", size, longest_wrapped_key));
}

OwnedBytes to_binary(const WrappedKey& key) {
  OwnedBytes out = owned(bytes_of(magic));
  out.push_back(std::byte{format_version});
  out.push_back(static_cast<std::byte>(key.backend()));
  for (const Field& field : fields) {
    const auto value = written_value(field, key);
    if (!value) continue;
    out.push_back(std::byte{field.id});
    append(out, to_big_endian(static_cast<std::uint32_t>(value->size())));
    append(out, *value);
  }
  append(out, checksum(out));
  return out;
}

std::string to_text(const WrappedKey& key) { return std::string(text_prefix) + to_base64url(to_binary(key)); }

Result<WrappedKey> wrapped_key_from_binary(Bytes binary) {
  if (auto ok = check_frame(binary); !ok) return std::unexpected(std::move(ok.error()));
  auto mechanism = empty_mechanism(binary[5]);
  if (!mechanism) return made_by_newer(fmt::format("backend {}", std::to_integer<int>(binary[5])));
  WrappedKey key{.key_id = {}, .key_version = {}, .mechanism = std::move(*mechanism), .ciphertext = {}};
  Bytes left = binary.subspan(head_size, binary.size() - head_size - checksum_size);
  std::ptrdiff_t taken = 0;
  for (int last_id = 0; !left.empty();) {
    auto row = take_field(left, last_id, key);
    if (!row) return std::unexpected(std::move(row.error()));
    if (!(*row)->is_optional) ++taken;
  }
  const auto is_needed = [&](const Field& f) { return belongs(f, key.backend()) && !f.is_optional; };
  if (taken != std::ranges::count_if(fields, is_needed)) return corrupt("a field is missing");
  if (auto ok = check_fields(key); !ok) return std::unexpected(std::move(ok.error()));
  return key;
}

Result<WrappedKey> wrapped_key_from_text(Text text) {
  if (text.ends_with('\n')) text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  if (!text.starts_with(text_prefix)) return corrupt("its text does not start with \"kw1.\"");
  if (text.size() > longest_text) {
    return corrupt(
        fmt::format("its text has {} characters, and none has more than {}", text.size(), longest_text));
  }
  const auto binary = from_base64url(text.substr(text_prefix.size()));
  if (!binary) return corrupt(fmt::format("its text after \"kw1.\" is not whole: {}", binary.error().what));
  return wrapped_key_from_binary(binary->reveal());
}

}  // namespace keyway
