// Any bytes as the answer to each question that a Vault server is asked. The first byte chooses the question;
// for judge() the next three are purpose and status.
#include <algorithm>

#include <fuzz/target.h>
#include <vault/auth.h>
#include <vault/transit.h>
#include <vault/verdict.h>

using namespace keyway;
using namespace keyway::vault;

namespace {

using fuzz::require;

bool is_clean(std::string_view text) { return printable(text, text.size()) == text; }

void check_error(const Error& error) {
  require(!error.what.empty(), "an error says what is wrong");
  require(is_clean(describe(error)), "an error can be shown");
  require(!error.refusal || is_clean(error.refusal->message), "the server's words can be shown");
}

// has_answer tells whether there is one, and checks the error if not.
template <class T>
bool has_answer(const Result<T>& answer, ErrorKind other_kind = ErrorKind::corrupt) {
  if (answer) return true;
  check_error(answer.error());
  require(answer.error().kind == ErrorKind::corrupt || answer.error().kind == other_kind,
          "an answer that cannot be read is corrupt");
  return false;
}

void check_ciphertext(const Ciphertext& item) {
  require(version_of(item.text).value_or(0) == item.key_version, "a ciphertext has the version it says");
  require(item.key_version > 0, "versions begin with 1");
}

void check_key_info(Bytes body) {
  const auto info = read_key_info(body);
  if (!has_answer(info)) return;
  require(is_clean(info->name) && is_clean(info->type), "name and type can be shown");
  require(info->latest_version > 0, "a key has a version");
}

void check_ciphertexts(Bytes body) {
  const auto answers = read_ciphertexts(body, 1, false);
  if (!has_answer(answers)) return;
  require(answers->size() == 1, "one question has one answer");
  if (has_answer(answers->front())) check_ciphertext(*answers->front());
}

void check_plaintexts(Bytes body) {
  const auto answers = read_plaintexts(body, 1, false);
  if (!has_answer(answers)) return;
  require(answers->size() == 1, "one question has one answer");
  has_answer(answers->front());
}

void check_data_key(Bytes body) {
  for (const bool with_plaintext : {false, true}) {
    const auto key = read_data_key(body, with_plaintext);
    if (!has_answer(key)) continue;
    check_ciphertext(key->wrapped);
    require(key->plaintext.empty() != with_plaintext, "a data key is there when asked for, and only then");
  }
}

void check_lease(Bytes body) {
  const auto lease = read_lease(body);
  if (!has_answer(lease)) return;
  require(!lease->token.empty(), "a lease has a token");
  require(lease->duration.count() >= 0, "a lease does not end before it begins");
}

void check_secret_id(Bytes body) {
  const auto secret_id = read_secret_id(body);
  if (has_answer(secret_id, ErrorKind::invalid_input))
    require(!secret_id->empty(), "a secret id is not empty");
}

void check_token_facts(Bytes body) {
  const auto facts = read_token_facts(body);
  if (!has_answer(facts)) return;
  require(facts->ttl.count() >= 0, "a token does not end before now");
  require(facts->ttl.count() > 0 || facts->expire_time.empty(), "a token that ends is not for ever");
  require(is_clean(facts->type) && is_clean(facts->display_name) && is_clean(facts->expire_time),
          "what a token is can be shown");
  require(std::ranges::all_of(facts->policies, is_clean), "policies can be shown");
}

void check_health(Bytes body) {
  const auto health = read_health(body, 200);
  if (has_answer(health))
    require(is_clean(health->version) && is_clean(health->cluster_name), "health can be shown");
}

void check_capabilities(Bytes body) {
  const auto lists = read_capabilities(body, {"transit/encrypt/fs", "transit/keys/fs"});
  if (!has_answer(lists)) return;
  require(lists->size() == 2, "each path has its list");
  for (const auto& list : *lists) require(std::ranges::all_of(list, is_clean), "capabilities can be shown");
}

void check_words(Bytes body) {
  require(std::ranges::all_of(errors_of(body), is_clean), "errors can be shown");
  require(std::ranges::all_of(warnings_of(body), is_clean), "warnings can be shown");
  const Error error = item_error(text_of(body), 200);
  check_error(error);
  const auto version = version_of(text_of(body));
  if (has_answer(version)) require(*version > 0, "versions begin with 1");
}

void check_verdict(Bytes bytes) {
  if (bytes.size() < 3) return;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned>(bytes[at]); };
  Question question;
  question.purpose = static_cast<Purpose>(byte(0) % 8);
  http::Response response;
  response.status = static_cast<int>(200 + (byte(1) << 8 | byte(2)) % 800);
  if ((byte(0) & 0x80) != 0) response.location = "https://b:8200/v1/x";
  response.body.append(bytes.subspan(3));
  const Verdict verdict = judge(question, response);
  const bool is_success = response.status < 300;
  if (verdict.next == Next::take) {
    require(is_success || question.purpose == Purpose::health || has_batch_results(response.body.view()),
            "only what was asked for is taken");
    return;
  }
  require(!is_success, "a success is taken");
  require(verdict.next != Next::redirect || (response.status == 307 && response.location),
          "a redirection has a place to go to");
  require(verdict.next != Next::retry || verdict.error.kind == ErrorKind::unreachable,
          "what is tried again is out of reach");
  require(verdict.error.refusal.has_value(), "an error has the server's status");
  check_error(verdict.error);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr void (*checks[])(Bytes) = {
      check_key_info,    check_ciphertexts, check_plaintexts,   check_data_key, check_lease,  check_secret_id,
      check_token_facts, check_health,      check_capabilities, check_words,    check_verdict};
  if (size == 0) return 0;
  checks[data[0] % std::size(checks)](fuzz::bytes_of(data, size).subspan(1));
  return 0;
}
