// Answers as text, read whole and byte by byte.
#pragma once

#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <tests/core/support.h>
#include <vault/http/response.h>

namespace keyway::vault::http::test {

// Outcome is what reading a text came to.
struct Outcome {
  std::optional<Error> error;
  bool done = false;
  std::size_t taken = 0;
  Response response;  // when done
};

// read feeds `text` in parts of `step` bytes, then tells the peer's close when `closed` says so.
inline Outcome read(Text text, bool closed = false, std::size_t step = std::string::npos,
                    Method asked = Method::get, const Limits& limits = {}) {
  ResponseReader reader(asked, limits);
  Outcome out;
  while (out.taken < text.size() && !reader.done()) {
    const Text part = text.substr(out.taken, step);
    const auto taken = reader.feed(bytes_of(part));
    if (!taken) {
      out.error = taken.error();
      return out;
    }
    out.taken += *taken;
    if (*taken < part.size()) break;
  }
  if (closed)
    if (const auto ended = reader.end(); !ended) out.error = ended.error();
  out.done = reader.done();
  if (out.done) out.response = reader.take();
  return out;
}

inline Text body_of(const Outcome& outcome) { return text_of(outcome.response.body.view()); }

// answer is what was read, which must be complete and the same however it came in.
inline Outcome answer(Text text, bool closed = false, Method asked = Method::get, const Limits& limits = {}) {
  Outcome whole = read(text, closed, std::string::npos, asked, limits);
  REQUIRE_MESSAGE(!whole.error, (whole.error ? whole.error->what : ""));
  REQUIRE(whole.done);
  for (const std::size_t step : {1U, 2U, 3U, 7U}) {
    const Outcome parts = read(text, closed, step, asked, limits);
    CAPTURE(step);
    REQUIRE_MESSAGE(!parts.error, (parts.error ? parts.error->what : ""));
    REQUIRE(parts.done);
    CHECK(parts.taken == whole.taken);
    CHECK(parts.response.status == whole.response.status);
    CHECK(parts.response.reason == whole.response.reason);
    CHECK(parts.response.location == whole.response.location);
    CHECK(parts.response.retry_after == whole.response.retry_after);
    CHECK(parts.response.keep_alive == whole.response.keep_alive);
    CHECK(body_of(parts) == body_of(whole));
  }
  return whole;
}

// refusal is the error that reading came to, of the same kind however the text came in.
inline Error refusal(Text text, bool closed = false, Method asked = Method::get, const Limits& limits = {}) {
  const Outcome whole = read(text, closed, std::string::npos, asked, limits);
  REQUIRE(whole.error);
  for (const std::size_t step : {1U, 2U, 5U}) {
    const Outcome parts = read(text, closed, step, asked, limits);
    REQUIRE(parts.error);
    CHECK(parts.error->kind == whole.error->kind);
  }
  return *whole.error;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace keyway::vault::http::test
