// What an answer of a Vault server means, and what to do next. Servers from 1.1 to OpenBao 2.6 say the same
// thing with different statuses; here is the one place that knows.
#pragma once

#include <string>
#include <vector>

#include <core/error.h>
#include <vault/http/response.h>
#include <vault/question.h>

namespace keyway::vault {

enum class Next : std::uint8_t {
  take,      // the answer that was asked for; items of a batch may have failed by themselves
  redirect,  // a standby names the active node
  log_in,    // the token may be dead: find out, and log in again
  retry,     // a trouble that passes: wait, and try another address first
  split,     // the request as a whole failed, perhaps for one of its items: send them in smaller parts
  give_up,
};

struct Verdict {
  Next next = Next::take;
  Error error;               // unless take
  bool may_be_done = false;  // of retry: the server failed somewhere, perhaps after it had done it
};

// judge says what `response` to `question` means. A response with batch results, to a question that may have
// items, is to be taken whatever its status.
Verdict judge(const Question& question, const http::Response& response);

// errors_of are the server's words, in lines that can be shown: the strings of "errors", or the beginning of
// an answer that is not JSON. Empty when it says nothing, and for damaged JSON, which may hold secrets.
std::vector<std::string> errors_of(Bytes body);
// warnings_of are what the server wants known beside an answer that worked.
std::vector<std::string> warnings_of(Bytes body);

// item_error is what the error text of one item of a batch, or of a single call, means.
Error item_error(std::string_view text, int status);
// is_lag tells whether an error may be a standby's that has not heard of a change yet.
bool is_lag(const Error& error);

}  // namespace keyway::vault
