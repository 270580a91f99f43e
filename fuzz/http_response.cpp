// Any bytes as an HTTP answer. The first byte chooses what was asked and whether the peer closes, the second
// the limits, the third how many bytes come at a time.
#include <algorithm>
#include <optional>

#include <fuzz/target.h>
#include <vault/http/response.h>

using namespace keyway;
using namespace keyway::vault::http;
using fuzz::require;

namespace {

constexpr std::size_t choices = 3;

struct Outcome {
  std::optional<ErrorKind> error;
  bool done = false;
  std::size_t taken = 0;
  Response response;  // when done
};

// read feeds `text` in parts of `step` bytes. Each part has memory of its own, so that a sanitizer sees a
// look beyond it.
Outcome read(Bytes text, std::size_t step, Method asked, const Limits& limits, bool closes) {
  ResponseReader reader(asked, limits);
  Outcome out;
  while (out.taken < text.size() && !reader.done()) {
    const OwnedBytes part = owned(text.subspan(out.taken, std::min(step, text.size() - out.taken)));
    const auto taken = reader.feed(part);
    if (!taken) {
      require(!taken.error().what.empty(), "an error says what is wrong");
      require(!reader.done(), "an answer with an error is not complete");
      out.error = taken.error().kind;
      return out;
    }
    require(*taken == part.size() || reader.done(), "bytes are left only after the end");
    out.taken += *taken;
  }
  if (closes)
    if (const auto ended = reader.end(); !ended) out.error = ended.error().kind;
  out.done = reader.done();
  require(!(closes && out.done == out.error.has_value()),
          "after the close an answer is complete or an error");
  if (out.done) out.response = reader.take();
  return out;
}

void check_response(const Response& response, Method asked, const Limits& limits) {
  require(response.status >= 200 && response.status <= 999, "a status is a final one");
  require(response.body.size() <= limits.body, "a body keeps its limit");
  require(printable(response.reason) == response.reason, "a reason is printable");
  const bool bodiless = asked == Method::head || response.status == 204 || response.status == 304;
  require(!bodiless || response.body.empty(), "an answer without a body has none");
}

void check_same(const Outcome& whole, const Outcome& parts) {
  require(whole.error == parts.error, "an error does not depend on how the bytes came");
  require(whole.done == parts.done, "the end does not depend on how the bytes came");
  if (!whole.done) return;
  const Response& a = whole.response;
  const Response& b = parts.response;
  require(whole.taken == parts.taken, "where an answer ends does not depend on how the bytes came");
  require(a.status == b.status && a.reason == b.reason && a.location == b.location &&
              a.retry_after == b.retry_after && a.keep_alive == b.keep_alive,
          "a head does not depend on how the bytes came");
  require(std::ranges::equal(a.body.view(), b.body.view()), "a body does not depend on how the bytes came");
}

// What was taken is an answer, too, and all of it was needed.
void check_exact(Bytes text, const Outcome& whole, Method asked, const Limits& limits) {
  const Bytes taken = text.first(whole.taken);
  check_same(whole, read(taken, taken.size(), asked, limits, true));
  if (!whole.response.keep_alive || taken.empty()) return;
  require(!read(taken.first(taken.size() - 1), taken.size(), asked, limits, true).done,
          "an answer without its last byte is none");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < choices) return 0;
  constexpr Method methods[] = {Method::get, Method::post, Method::head};
  const Method asked = methods[(data[0] & 0x7fU) % std::size(methods)];
  const bool closes = (data[0] & 0x80U) != 0;
  Limits limits;
  if ((data[1] & 1U) != 0) limits.head = 64 + (data[1] >> 1U);
  if ((data[1] & 2U) != 0) limits.headers = data[1] >> 4U;
  if ((data[1] & 4U) != 0) limits.body = data[1] >> 3U;
  const std::size_t step = data[2] != 0 ? data[2] : 1;
  const Bytes text = fuzz::bytes_of(data, size).subspan(choices);

  const Outcome whole = read(text, std::max<std::size_t>(text.size(), 1), asked, limits, closes);
  check_same(whole, read(text, step, asked, limits, closes));
  check_same(whole, read(text, 1, asked, limits, closes));
  if (!whole.done) return 0;
  check_response(whole.response, asked, limits);
  check_exact(text, whole, asked, limits);
  return 0;
}
