#include <algorithm>
#include <array>
#include <span>

#include <core/json.h>
#include <vault/auth.h>
#include <vault/transit.h>
#include <vault/verdict.h>

namespace keyway::vault {

namespace {

using http::Response;

std::vector<std::string> texts_of(Bytes body, Text name) {
  std::vector<std::string> texts;
  const auto json = Json::parse(text_of(body));
  if (!json) return texts;
  for (const JsonView item : json->root().member(name).items()) {
    if (auto text = item.plain_text()) texts.push_back(std::move(*text));
  }
  return texts;
}

// What a text among the server's errors means. The texts are those of Vault 1.1 to 1.21 and OpenBao 2.0
// to 2.6.
struct Meaning {
  std::string_view text;  // is somewhere in the server's words
  ErrorKind kind;
  Next next;
  std::string_view what;
  std::string_view advice;
};

constexpr std::string_view too_large = "the server takes no request of this size";
constexpr std::string_view send_less = "send less in one request, or have its max_request_size raised";

constexpr std::string_view other_key_or_damage =
    "look whether the blob and its context belong together, and whether the key was deleted and made again";

// Of the transit engine. The first that fits counts.
constexpr Meaning transit_meanings[] = {
    {"message authentication failed", ErrorKind::corrupt, Next::split,
     "the ciphertext is damaged, or another key or context made it", other_key_or_damage},
    {"unable to decrypt", ErrorKind::corrupt, Next::split,
     "the ciphertext is damaged, or another key or context made it", other_key_or_damage},
    {"version is too new", ErrorKind::refused, Next::split,
     "the ciphertext is of a newer version than the key has",
     "this may be the wrong server, or one restored from an older backup"},
    {"disallowed by policy (too old)", ErrorKind::refused, Next::split,
     "the ciphertext is of a version that the key does not open any more",
     "lower the key's min_decryption_version; a version that was trimmed away is lost"},
    {"invalid ciphertext", ErrorKind::corrupt, Next::split, "the ciphertext is damaged",
     "use an undamaged copy of the blob"},
    {"missing ciphertext", ErrorKind::corrupt, Next::split, "there is no ciphertext",
     "use an undamaged copy of the blob"},
    {"encryption key not found", ErrorKind::not_found, Next::give_up, "there is no such key in the KMS",
     "check key name, mount path and namespace"},
    {"no existing key named", ErrorKind::not_found, Next::give_up, "there is no such key in the KMS",
     "check key name, mount path and namespace"},
    // The texts of RSA keys come with 500, as if trying again could help.
    {"failed to RSA decrypt", ErrorKind::corrupt, Next::split,
     "the ciphertext is damaged, or another key or context made it", other_key_or_damage},
    {"message too long for RSA", ErrorKind::invalid_input, Next::split, "this is too long for the RSA key",
     "wrap with an AES or ChaCha20 key"},
    {"missing 'context' for key derivation", ErrorKind::invalid_input, Next::give_up,
     "the key is a derived one and wants a context", "give the context that the data key is for"},
    {"requested version for encryption", ErrorKind::invalid_input, Next::give_up,
     "the key has no such version to encrypt with", "leave the key version out to use the latest"},
    {"not supported for key type", ErrorKind::unsupported, Next::give_up, "a key of this type cannot do that",
     "wrap with an AES or ChaCha20 key"},
    {"soft-deleted key", ErrorKind::refused, Next::give_up, "the key is marked as deleted",
     "restore it in the KMS"},
    {"high complexity", ErrorKind::refused, Next::split, "the request has too many parts for this server",
     "send less in one request, or have its max_request_json limits raised"},
    {"parsing JSON", ErrorKind::refused, Next::split, too_large, send_less},
    {"request body too large", ErrorKind::refused, Next::split, too_large, send_less},
    {"failed to parse batch input", ErrorKind::internal, Next::give_up, "the server cannot read the batch",
     "please report this"},
};

// Of logins and of sys/wrapping/unwrap.
constexpr Meaning login_meanings[] = {
    {"invalid secret id", ErrorKind::refused, Next::give_up,
     "the secret id is wrong, used up, expired or destroyed", "have a new secret id made for the role"},
    {"invalid role ID", ErrorKind::refused, Next::give_up, "there is no such role id at this auth path",
     "check role id and auth path"},
    {"invalid role or secret ID", ErrorKind::refused, Next::give_up,
     "the role id is wrong, or the secret id is wrong, used up, expired or destroyed",
     "check role id and auth path, or have a new secret id made"},
    {"unauthorized by CIDR", ErrorKind::refused, Next::give_up,
     "the role does not take logins from this address", "log in from an allowed address, or have it allowed"},
    {"wrapping token is not valid", ErrorKind::refused, Next::give_up,
     "the wrapping token is used up, expired or unknown",
     "if nobody of you has used it, somebody else may have read the secret id: have it destroyed, and a new "
     "one made"},
    {"wrapping token: token is empty", ErrorKind::refused, Next::give_up, "the wrapping token is empty",
     "give the token that the wrapped secret id came with"},
};

// Of any request.
constexpr Meaning common_meanings[] = {
    {"Vault is sealed", ErrorKind::unreachable, Next::retry, "the server is sealed",
     "unseal it (vault operator unseal)"},
    {"namespace is sealed", ErrorKind::unreachable, Next::retry, "the namespace is sealed",
     "have its administrator unseal it"},
    {"API access to this namespace has been locked", ErrorKind::unreachable, Next::retry,
     "the namespace is locked", "have its administrator unlock it"},
    {"no active Vault instance found", ErrorKind::unreachable, Next::retry, "the service has no leader",
     "look at the server's storage and its other nodes"},
    {"node is not active", ErrorKind::unreachable, Next::retry, "the service has no leader",
     "look at the server's storage and its other nodes"},
    {"active cluster node not found", ErrorKind::unreachable, Next::retry, "the service has no leader yet",
     "look at the server's storage and its other nodes"},
    {"Vault is not initialized", ErrorKind::unreachable, Next::retry, "the server is not initialised",
     "initialise it (vault operator init)"},
    {"rate limit quota exceeded", ErrorKind::unreachable, Next::retry, "the server's rate limit is reached",
     "send less at once, or have the limit raised"},
    {"namespace not found", ErrorKind::not_found, Next::give_up, "there is no such namespace",
     "check --namespace and VAULT_NAMESPACE"},
    {"no handler for route", ErrorKind::not_found, Next::give_up, "nothing is mounted at this path",
     "check the mount path and the namespace"},
    {"unsupported path", ErrorKind::not_found, Next::give_up, "what is mounted at this path does not know it",
     "check key name and mount path: is a transit engine mounted there?"},
    {"operation unavailable in namespaces", ErrorKind::refused, Next::give_up,
     "the server does this in its root namespace only", "leave the namespace out"},
    {"Client sent an HTTP request to an HTTPS server", ErrorKind::unreachable, Next::give_up,
     "the server speaks TLS on this port", "use an https:// address"},
    {"missing 'X-Vault-Request' header", ErrorKind::refused, Next::give_up,
     "a proxy on the way dropped the header X-Vault-Request", "have the proxy let it pass"},
    // A token of another server's kind. Any other failure of this check tells nothing about the token.
    {"look up namespace from the token: no namespace", ErrorKind::refused, Next::log_in,
     "the server does not know the token", "use a token of this server"},
    {"error performing token check", ErrorKind::unreachable, Next::retry, "the server cannot check the token",
     "look at its log"},
};

const Meaning* meaning_of(std::span<const Meaning> table, std::string_view words) {
  const auto fits = [&](const Meaning& m) { return words.find(m.text) != std::string_view::npos; };
  const auto at = std::ranges::find_if(table, fits);
  return at == table.end() ? nullptr : &*at;
}

const Meaning* meaning_of(Purpose purpose, std::string_view words) {
  const Meaning* own = nullptr;
  if (purpose == Purpose::login || purpose == Purpose::unwrap) own = meaning_of(login_meanings, words);
  if (purpose == Purpose::encrypt || purpose == Purpose::decrypt || purpose == Purpose::key)
    own = meaning_of(transit_meanings, words);
  return own != nullptr ? own : meaning_of(common_meanings, words);
}

// The server's list "1 error occurred:\n\t* x\n\n" as "x", and nothing that drives a terminal.
std::string in_one_line(std::string_view text) {
  std::string out;
  for (std::size_t at = text.find("\n\t* "); at != std::string_view::npos;) {
    const std::size_t begin = at + 4;
    const std::size_t end = text.find('\n', begin);
    if (!out.empty()) out += "; ";
    out += text.substr(begin, end == std::string_view::npos ? end : end - begin);
    at = end == std::string_view::npos ? end : text.find("\n\t* ", end);
  }
  return printable(out.empty() ? text : std::string_view(out), 400);
}

std::string joined(const std::vector<std::string>& errors) {
  std::string all;
  for (const std::string& error : errors) {
    if (!all.empty()) all += "; ";
    all += error;
  }
  return all;
}

Refusal refusal_of(int status, std::string_view words) {
  return {.status = static_cast<std::uint32_t>(status),
          .reason = 0,
          .reason_name = {},
          .message = in_one_line(words)};
}

Verdict verdict(Next next, ErrorKind kind, std::string_view what, std::string_view advice, int status,
                std::string_view words) {
  return {next, Error{kind, std::string(what), std::string(advice), refusal_of(status, words)}};
}

bool is_object(Bytes body) {
  const auto json = Json::parse(text_of(body));
  return json && json->root().is(JsonKind::object);
}

// An answer that nothing here knows by its words.
Verdict judge_by_status(const Question& question, const Response& response, std::string_view words) {
  const int status = response.status;
  const auto as = [&](Next next, ErrorKind kind, std::string_view what, std::string_view advice) {
    return verdict(next, kind, what, advice, status, words);
  };
  switch (status) {
    case 301:
    case 302:
    case 308:
      return as(Next::give_up, ErrorKind::invalid_input, "the server redirects this path",
                "check address and mount path for a double or missing '/'");
    case 400:
      if (question.purpose == Purpose::login && words.find("missing client token") != std::string_view::npos)
        return as(Next::give_up, ErrorKind::not_found, "no auth method is mounted at this path",
                  "check the auth path and the namespace");
      if (question.purpose == Purpose::login)
        return as(Next::give_up, ErrorKind::refused, "the login was refused", "check the credentials");
      return as(Next::give_up, ErrorKind::refused, "the server refuses the request", "");
    case 404:
      if (question.purpose == Purpose::key && words.empty() && is_object(response.body.view()))
        return as(Next::give_up, ErrorKind::not_found, "there is no such key in the KMS",
                  "check key name, mount path and namespace; make the key first if it is new");
      return as(Next::give_up, ErrorKind::not_found, "the server knows no such path",
                "check that the address is a Vault server's, and the mount path");
    case 405: return as(Next::give_up, ErrorKind::unsupported, "the server takes no such request here", "");
    case 307:  // without a place to go to
      return as(Next::retry, ErrorKind::unreachable, "the node is a standby and names no other", "");
    case 412: return as(Next::retry, ErrorKind::unreachable, "the node has not caught up yet", "");
    case 413: return as(Next::split, ErrorKind::refused, too_large, send_less);
    case 429:
      return as(Next::retry, ErrorKind::unreachable, "the server's rate limit is reached",
                "send less at once, or have the limit raised");
    case 472:
    case 473: return as(Next::retry, ErrorKind::unreachable, "the node does not take such requests", "");
    case 501:
      return as(Next::retry, ErrorKind::unreachable, "the server is not initialised",
                "initialise it (vault operator init)");
    case 503:
      return as(Next::retry, ErrorKind::unreachable, "the server is not available",
                "look at the server, and at the load balancer before it");
    default: break;
  }
  if (status >= 500) {
    Verdict failed = as(Next::retry, ErrorKind::unreachable, "the server failed", "look at its log");
    failed.may_be_done = true;
    return failed;
  }
  if (status >= 400) return as(Next::give_up, ErrorKind::refused, "the server refuses the request", "");
  return as(Next::give_up, ErrorKind::corrupt, "the server's answer has an unexpected status",
            "check that the address is a Vault server's");
}

// 403 says that the token is dead or that its policy forbids it.
Verdict judge_forbidden(const Question& question, std::string_view words) {
  if (question.purpose == Purpose::login || question.purpose == Purpose::unwrap)
    return verdict(
        Next::give_up, ErrorKind::refused, "the login was refused",
        "check credentials and auth path; after several failures a server locks logins for a while", 403,
        words);
  // The one text that only a living token gets.
  const bool is_policy = words == "1 error occurred:\n\t* permission denied\n\n";
  return verdict(is_policy ? Next::give_up : Next::log_in, ErrorKind::refused, "the server forbids it",
                 "have the token's policy allow it, or use another token", 403, words);
}

// Whether it is a node's own account of its state, whatever that is. A proxy has some of these statuses too.
bool is_about_the_node(const Question& question, const Response& response) {
  constexpr std::array known{429, 472, 473, 501, 503};
  return question.purpose == Purpose::health && std::ranges::find(known, response.status) != known.end() &&
         read_health(response.body.view(), response.status).has_value();
}

bool asks_for_items(const Question& question) {
  return question.purpose == Purpose::encrypt || question.purpose == Purpose::decrypt ||
         question.purpose == Purpose::other;
}

// The server's words as they are. A body that is not JSON but begins so may be a damaged answer, with a key
// in it: none of that.
std::vector<std::string> raw_errors_of(Bytes body) {
  constexpr std::size_t shown = 256;  // of an answer that is no Vault's
  const Text text = text_of(body);
  if (Json::parse(text)) return texts_of(body, "errors");
  const std::size_t begin = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (begin == Text::npos || Text("{[\"").find(text[begin]) != Text::npos) return {};
  return {printable(text.substr(0, shown), shown)};
}

}  // namespace

std::vector<std::string> errors_of(Bytes body) {
  auto errors = raw_errors_of(body);
  for (std::string& error : errors) error = in_one_line(error);
  return errors;
}

std::vector<std::string> warnings_of(Bytes body) {
  auto warnings = texts_of(body, "warnings");
  for (std::string& warning : warnings) warning = in_one_line(warning);
  return warnings;
}

Verdict judge(const Question& question, const Response& response) {
  if ((response.status >= 200 && response.status < 300) || is_about_the_node(question, response)) return {};
  if (asks_for_items(question) && has_batch_results(response.body.view())) return {};
  if (response.status == 307 && response.location)
    return verdict(Next::redirect, ErrorKind::unreachable, "the node is a standby and names another", "", 307,
                   "");
  const std::string words = joined(raw_errors_of(response.body.view()));
  const Meaning* meaning = meaning_of(question.purpose, words);
  if (meaning != nullptr)
    return verdict(meaning->next, meaning->kind, meaning->what, meaning->advice, response.status, words);
  if (response.status == 403) return judge_forbidden(question, words);
  if (question.purpose != Purpose::login && words.find("missing client token") != std::string::npos)
    return verdict(Next::log_in, ErrorKind::refused, "the server saw no token",
                   "give a token, or a way to log in", response.status, words);
  return judge_by_status(question, response, words);
}

Error item_error(std::string_view text, int status) {
  const Meaning* meaning = meaning_of(transit_meanings, text);
  Error error;
  error.kind = meaning != nullptr ? meaning->kind : ErrorKind::refused;
  error.what = meaning != nullptr ? meaning->what : "the server refuses this item";
  error.advice = meaning != nullptr ? meaning->advice : "";
  error.refusal = refusal_of(status, text);
  return error;
}

bool is_lag(const Error& error) {
  if (!error.refusal) return false;
  const std::string& words = error.refusal->message;
  return words.find("version is too new") != std::string::npos ||
         words.find("encryption key not found") != std::string::npos;
}

}  // namespace keyway::vault
