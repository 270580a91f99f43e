#include <algorithm>
#include <array>
#include <charconv>

#include <core/json.h>
#include <vault/body.h>
#include <vault/no_answer.h>
#include <vault/transit.h>
#include <vault/verdict.h>

namespace keyway::vault {

namespace {

// POST /v1/MOUNT/OPERATION.../NAME with the body, or GET without.
Result<Question> question(Purpose purpose, const TransitKey& key, std::string_view operation, Body* body) {
  if (auto ok = check_key(key); !ok) return std::unexpected(std::move(ok.error()));
  auto path = http::join_path(fmt::format("{}/{}", key.mount, operation), {key.name});
  if (!path) return std::unexpected(std::move(path.error()));
  Question question;
  question.purpose = purpose;
  question.method = body == nullptr ? http::Method::get : http::Method::post;
  question.path = std::move(*path);
  if (body != nullptr) {
    auto written = body->take();
    if (!written) return std::unexpected(std::move(written.error()));
    question.body = std::move(*written);
  }
  return question;
}

void write_members(Body& body, const PlainItem& item, std::int64_t key_version) {
  body.base64("plaintext", item.plaintext);
  if (!item.context.empty()) body.base64("context", item.context);
  if (!item.associated_data.empty()) body.base64("associated_data", item.associated_data);
  if (key_version > 0) body.number("key_version", key_version);
}

void write_members(Body& body, const CipherItem& item, std::int64_t key_version) {
  body.text("ciphertext", item.ciphertext);
  if (!item.context.empty()) body.base64("context", item.context);
  if (!item.associated_data.empty()) body.base64("associated_data", item.associated_data);
  if (key_version > 0) body.number("key_version", key_version);
}

// One item goes by itself: its failure then has a status of its own.
template <class Item>
Result<Question> ask_each(Purpose purpose, const TransitKey& key, std::string_view operation,
                          std::span<const Item> items, std::int64_t key_version) {
  if (items.empty()) return fail(ErrorKind::internal, "a request for nothing");
  if (key_version < 0)
    return fail_with_advice(ErrorKind::invalid_input, "leave the key version out to use the latest",
                            "there is no key version {}", key_version);
  const bool has_context = !items.front().context.empty();
  if (!std::ranges::all_of(items, [&](const Item& i) { return i.context.empty() != has_context; }))
    return fail(ErrorKind::invalid_input, "some keys have a context and some have none");
  Body body;
  if (items.size() == 1) {
    write_members(body, items.front(), key_version);
  } else {
    body.begin_list("batch_input");
    for (const Item& item : items) {
      body.begin_item();
      write_members(body, item, key_version);
      body.end_item();
    }
    body.end_list();
  }
  return question(purpose, key, operation, &body);
}

constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

std::size_t size_of(const PlainItem& item) { return base64_size(item.plaintext.size()); }
// As it stands in JSON.
std::size_t size_of(const CipherItem& item) {
  std::size_t size = item.ciphertext.size();
  for (const char c : item.ciphertext) {
    if (static_cast<unsigned char>(c) < 0x20) size += 5;
    if (c == '"' || c == '\\') ++size;
  }
  return size;
}

template <class Item>
std::size_t fitting_items(std::span<const Item> items, std::size_t limit) {
  constexpr std::size_t names = 96;  // of an item's members, and their punctuation
  std::size_t bytes = 0, strings = 1;
  std::size_t n = 0;
  for (const Item& item : items.first(std::min(items.size(), std::max<std::size_t>(limit, 1)))) {
    bytes +=
        names + size_of(item) + base64_size(item.context.size()) + base64_size(item.associated_data.size());
    strings += 2U + (item.context.empty() ? 0U : 2U) + (item.associated_data.empty() ? 0U : 2U) +
               1U;  // the name of a key version
    if (n > 0 && (bytes > largest_body || strings > most_strings)) break;
    ++n;
  }
  return n;
}

Result<std::int64_t> number_in(JsonView data, Text name) {
  const auto number = data.member(name).number();
  if (!number) return no_answer(fmt::format("\"{}\" is missing or no number", name));
  return *number;
}

Result<Ciphertext> read_ciphertext(JsonView item) {
  auto text = item.member("ciphertext").plain_text();
  if (!text) return no_answer("there is no ciphertext");
  const auto version = version_of(*text);
  if (!version) return std::unexpected(version.error());
  // Servers before 1.5 do not tell the version, and 1.5 to 1.7 tell a wrong one in batches.
  return Ciphertext{std::move(*text), *version};
}

Result<Secret> read_plaintext(JsonView item) {
  const auto text = item.member("plaintext").text();
  if (!text) return no_answer("the plaintext is missing or no text");
  auto plaintext = from_base64(text->reveal_text());
  if (!plaintext) return no_answer("the plaintext is not base64");
  return plaintext;
}

// In a batch no plaintext means an empty one (servers before 1.6). That is never a data key, but not for here
// to say.
Result<Secret> read_batch_plaintext(JsonView item) {
  if (!item.member("plaintext")) return Secret();
  return read_plaintext(item);
}

// One item of a batch. Its error decides, whatever else there is.
template <class T>
Result<T> read_result(JsonView item, Result<T> (*read)(JsonView item)) {
  if (!item.is(JsonKind::object)) return no_answer("a result is no object");
  const JsonView error = item.member("error");
  if (!error || error.is(JsonKind::null)) return read(item);
  const auto text = error.plain_text();
  if (!text) return no_answer("a result's error is no text");
  if (text->empty()) return read(item);
  return std::unexpected(item_error(*text, 200));
}

template <class T>
Result<Each<T>> read_each(Bytes body, std::size_t count, bool is_batch, Result<T> (*read)(JsonView item)) {
  const auto json = Json::parse(text_of(body));
  if (!json) return no_answer(json.error().what);
  const JsonView data = json->root().member("data");
  if (!data.is(JsonKind::object)) return no_answer("it has no data");
  Each<T> answers;
  if (!is_batch) {
    answers.push_back(read(data));
    return answers;
  }
  const JsonView results = data.member("batch_results");
  if (!results.is(JsonKind::array)) return no_answer("it has no batch results");
  answers.reserve(count);
  for (const JsonView item : results.items()) {
    if (answers.size() == count) return no_answer("it has more results than were asked for");
    answers.push_back(read_result(item, read));
  }
  if (answers.size() != count)
    return no_answer(fmt::format("{} results for {} items", answers.size(), count));
  return answers;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_name_character(char c) { return is_letter_or_digit(c) || c == '_'; }
// Of a ciphertext after its version. Servers take line ends in it.
bool is_payload_character(char c) {
  return is_letter_or_digit(c) || c == '+' || c == '/' || c == '=' || c == '\n' || c == '\r';
}

}  // namespace

Result<std::int64_t> version_of(std::string_view ciphertext) {
  constexpr std::string_view prefix = "vault:v";
  std::int64_t version = 0;
  if (ciphertext.starts_with(prefix)) {
    const std::string_view rest = ciphertext.substr(prefix.size());
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const std::string_view payload = rest.substr(std::min(colon + 1, rest.size()));
    const auto [at, error] = std::from_chars(rest.data(), rest.data() + colon, version);
    if (error == std::errc() && at == rest.data() + colon && rest.front() != '-' && !payload.empty() &&
        std::ranges::all_of(payload, is_payload_character))
      return std::max<std::int64_t>(version, 1);  // the server reads v0 as v1
  }
  return fail_with_advice(ErrorKind::corrupt, "use an undamaged copy of it",
                          "a transit ciphertext is not \"vault:vN:\" and base64");
}

Result<void> check_key(const TransitKey& key) {
  if (auto mount = http::join_path(key.mount, {"keys"}); !mount)
    return std::unexpected(std::move(mount.error()));
  const std::string& name = key.name;
  if (name.empty()) return fail_with_advice(ErrorKind::invalid_input, "name the key", "no key is named");
  const bool good =
      is_name_character(name.front()) && is_name_character(name.back()) &&
      std::ranges::all_of(name, [](char c) { return is_name_character(c) || c == '-' || c == '.'; });
  if (good) return {};
  return fail_with_advice(ErrorKind::invalid_input,
                          "a transit key's name has letters, digits, '_', and inside also '-' and '.'",
                          "\"{}\" is not a key name that Vault can have", printable(name, 128));
}

Result<Question> ask_key(const TransitKey& key) { return question(Purpose::key, key, "keys", nullptr); }

Result<Question> ask_encrypt(const TransitKey& key, std::span<const PlainItem> items,
                             std::int64_t key_version) {
  return ask_each(Purpose::encrypt, key, "encrypt", items, key_version);
}

Result<Question> ask_decrypt(const TransitKey& key, std::span<const CipherItem> items) {
  return ask_each(Purpose::decrypt, key, "decrypt", items, 0);
}

Result<Question> ask_rewrap(const TransitKey& key, std::span<const CipherItem> items,
                            std::int64_t key_version) {
  if (!std::ranges::all_of(items, [](const CipherItem& i) { return i.associated_data.empty(); }))
    return fail(ErrorKind::unsupported, "Vault cannot rewrap a ciphertext that has associated data");
  return ask_each(Purpose::decrypt, key, "rewrap", items, key_version);
}

Result<Question> ask_data_key(const TransitKey& key, unsigned bits, Bytes context, bool with_plaintext) {
  constexpr std::array sizes{128U, 256U, 512U};
  if (std::ranges::find(sizes, bits) == sizes.end())
    return fail(ErrorKind::invalid_input, "a data key has 128, 256 or 512 bits, not {}", bits);
  Body body;
  body.number("bits", bits);
  if (!context.empty()) body.base64("context", context);
  return question(Purpose::encrypt, key, with_plaintext ? "datakey/plaintext" : "datakey/wrapped", &body);
}

Result<KeyInfo> read_key_info(Bytes body) {
  const auto json = Json::parse(text_of(body));
  if (!json) return no_answer(json.error().what);
  const JsonView data = json->root().member("data");
  KeyInfo info;
  auto name = data.member("name").plain_text();
  auto type = data.member("type").plain_text();
  if (!name || !type) return no_answer("it has no key's name and type");
  info.name = printable(*name);
  info.type = printable(*type);
  const std::pair<Text, std::int64_t*> numbers[] = {
      {"latest_version", &info.latest_version},
      {"min_decryption_version", &info.min_decryption_version},
      {"min_encryption_version", &info.min_encryption_version},
  };
  for (const auto& [member, into] : numbers) {
    const auto number = number_in(data, member);
    if (!number) return std::unexpected(number.error());
    *into = *number;
  }
  if (info.latest_version < 1) return no_answer("the key has no version");
  info.min_available_version = data.member("min_available_version").number().value_or(0);
  const JsonView first = data.member("keys").member("1");
  info.created = first.number();  // of an asymmetric key it is an object with a date
  const std::pair<Text, bool*> flags[] = {
      {"derived", &info.derived},
      {"convergent_encryption", &info.convergent},
      {"exportable", &info.exportable},
      {"deletion_allowed", &info.deletion_allowed},
      {"supports_encryption", &info.supports_encryption},
      {"supports_decryption", &info.supports_decryption},
      {"soft_deleted", &info.soft_deleted},
  };
  for (const auto& [member, into] : flags) *into = data.member(member).boolean().value_or(*into);
  return info;
}

Result<Each<Ciphertext>> read_ciphertexts(Bytes body, std::size_t count, bool is_batch) {
  return read_each<Ciphertext>(body, count, is_batch, read_ciphertext);
}

Result<Each<Secret>> read_plaintexts(Bytes body, std::size_t count, bool is_batch) {
  return read_each<Secret>(body, count, is_batch, is_batch ? read_batch_plaintext : read_plaintext);
}

Result<DataKey> read_data_key(Bytes body, bool with_plaintext) {
  const auto json = Json::parse(text_of(body));
  if (!json) return no_answer(json.error().what);
  const JsonView data = json->root().member("data");
  auto wrapped = read_ciphertext(data);
  if (!wrapped) return std::unexpected(std::move(wrapped.error()));
  DataKey key{.plaintext = {}, .wrapped = std::move(*wrapped)};
  if (!with_plaintext) return key;
  auto plaintext = read_plaintext(data);
  if (!plaintext) return std::unexpected(std::move(plaintext.error()));
  if (plaintext->empty()) return no_answer("the data key is empty");
  key.plaintext = std::move(*plaintext);
  return key;
}

bool has_batch_results(Bytes body) {
  if (text_of(body).find("batch_results") == Text::npos) return false;
  const auto json = Json::parse(text_of(body));
  return json && json->root().member("data").member("batch_results").is(JsonKind::array);
}

std::size_t fitting(std::span<const PlainItem> items, std::size_t limit) {
  return fitting_items(items, limit);
}
std::size_t fitting(std::span<const CipherItem> items, std::size_t limit) {
  return fitting_items(items, limit);
}

}  // namespace keyway::vault
