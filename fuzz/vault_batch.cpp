// Any bytes as the answer to a batch. The first byte has flags, the second the number of items that were
// asked for; the rest is the answer, or with a flag one item that comes many times, so that a reader whose
// time is not linear runs into the fuzzer's limit.
#include <algorithm>

#include <core/json.h>
#include <fuzz/target.h>
#include <vault/transit.h>
#include <vault/verdict.h>

using namespace keyway;
using namespace keyway::vault;

namespace {

using fuzz::require;

constexpr std::uint8_t asks_ciphertexts = 1, repeats = 2;

// What an item says of itself, read another way than the client does.
bool says_error(JsonView item) { return !item.member("error").plain_text().value_or(std::string()).empty(); }

// The results as they stand; none when there are not as many as asked for.
std::vector<JsonView> results_of(const Result<Json>& json, std::size_t count) {
  std::vector<JsonView> results;
  if (!json) return results;
  for (const JsonView item : json->root().member("data").member("batch_results").items())
    results.push_back(item);
  if (results.size() != count) results.clear();
  return results;
}

template <class T>
void check_answers(Bytes body, std::size_t count, const Result<Each<T>>& answers) {
  const auto json = Json::parse(text_of(body));
  const auto results = results_of(json, count);
  if (!answers) {
    require(answers.error().kind == ErrorKind::corrupt, "an answer that cannot be read is corrupt");
    require(results.empty(), "an answer with a result for each item is read");
    return;
  }
  require(has_batch_results(body), "what is read as results is known for them");
  require(answers->size() == count && results.size() == count, "each item has its answer");
  for (std::size_t i = 0; i < count; ++i) {
    const Result<T>& answer = (*answers)[i];
    if (says_error(results[i])) require(!answer, "an item that failed has no value");
    if (answer) continue;
    const std::string line = describe(answer.error());
    require(printable(line, line.size()) == line, "an error can be shown");
  }
}

void check_same(const Result<Secret>& a, const Result<Secret>& b) {
  require(a.has_value() == b.has_value() && (!a || *a == *b), "equal items have equal answers");
}
void check_same(const Result<Ciphertext>& a, const Result<Ciphertext>& b) {
  require(a.has_value() == b.has_value() && (!a || a->text == b->text), "equal items have equal answers");
}

template <class T>
void check(Bytes body, std::size_t count, bool is_repeated,
           Result<Each<T>> (*read)(Bytes body, std::size_t count, bool is_batch)) {
  const auto answers = read(body, count, true);
  check_answers<T>(body, count, answers);
  if (!answers || !is_repeated) return;
  for (const Result<T>& answer : *answers) check_same(answer, answers->front());
}

// The item, as often as it fits.
std::string repeated(Text item, std::size_t count) {
  std::string body = "{\"data\":{\"batch_results\":[";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) body += ',';
    body += item;
  }
  return body + "]}}";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Bytes rest = fuzz::bytes_of(data, size).subspan(2);
  const bool is_repeated = (data[0] & repeats) != 0;
  constexpr std::size_t most = 256 << 10;  // bytes
  const std::size_t count =
      is_repeated ? std::min<std::size_t>(std::size_t{16} << data[1] % 8, 1 + most / (rest.size() + 1))
                  : data[1];
  const std::string many = is_repeated ? repeated(text_of(rest), count) : std::string();
  const Bytes body = is_repeated ? bytes_of(Text(many)) : rest;
  if ((data[0] & asks_ciphertexts) != 0)
    check<Ciphertext>(body, count, is_repeated, read_ciphertexts);
  else
    check<Secret>(body, count, is_repeated, read_plaintexts);
  return 0;
}
