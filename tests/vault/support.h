// What the tests of Vault's requests and answers share.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include <tests/core/support.h>
#include <vault/http/response.h>
#include <vault/question.h>
#include <vault/verdict.h>

namespace keyway::vault {

inline std::string_view name(Next next) {
  switch (next) {
    case Next::take: return "take";
    case Next::redirect: return "redirect";
    case Next::log_in: return "log_in";
    case Next::retry: return "retry";
    case Next::split: return "split";
    case Next::give_up: return "give_up";
  }
  return "?";
}

inline std::string_view name(Purpose purpose) {
  switch (purpose) {
    case Purpose::key: return "key";
    case Purpose::encrypt: return "encrypt";
    case Purpose::decrypt: return "decrypt";
    case Purpose::login: return "login";
    case Purpose::unwrap: return "unwrap";
    case Purpose::token: return "token";
    case Purpose::health: return "health";
    case Purpose::other: return "other";
  }
  return "?";
}

// So that a failed check shows them by name.
inline std::ostream& operator<<(std::ostream& out, Next next) { return out << name(next); }
inline std::ostream& operator<<(std::ostream& out, Purpose purpose) { return out << name(purpose); }

}  // namespace keyway::vault

namespace keyway::test {

// The body of a request that only a test looks at.
inline std::string body_of(const vault::Question& question) {
  return std::string(text_of(question.body.view()));
}

inline vault::http::Response response(int status, std::string_view body) {
  vault::http::Response out;
  out.status = status;
  out.body.append(body);
  return out;
}

inline vault::Verdict judged(vault::Purpose purpose, const vault::http::Response& response) {
  vault::Question question;
  question.purpose = purpose;
  return judge(question, response);
}

inline vault::Verdict judged(vault::Purpose purpose, int status, std::string_view body) {
  return judged(purpose, response(status, body));
}

// Whether a text can be shown: one line, no control characters.
inline bool is_one_clean_line(std::string_view text) { return printable(text, text.size()) == text; }

}  // namespace keyway::test
