#include <algorithm>
#include <limits>

#include <core/json.h>
#include <core/net/backoff.h>
#include <vault/auth.h>
#include <vault/body.h>
#include <vault/no_answer.h>

namespace keyway::vault {

namespace {

Result<Question> login_question(const std::string& path, Body& body) {
  // "auth" before it would hide that there is none.
  if (path.find_first_not_of('/') == std::string::npos)
    return fail(ErrorKind::invalid_input, "the auth path is empty");
  auto target = http::join_path("auth/" + path, {"login"});
  if (!target) return std::unexpected(std::move(target.error()));
  auto written = body.take();
  if (!written) return std::unexpected(std::move(written.error()));
  Question question;
  question.purpose = Purpose::login;
  question.method = http::Method::post;
  question.path = std::move(*target);
  question.body = std::move(*written);
  question.who = Question::Who::nobody;
  // A secret id may be good for one login only, and is used up even when the answer is lost.
  question.is_safe_to_repeat = false;
  return question;
}

Question token_question(http::Method method, std::string path) {
  Question question;
  question.purpose = Purpose::token;
  question.method = method;
  question.path = std::move(path);
  return question;
}

// Durations are whole seconds; what does not fit a clock is cut.
std::chrono::seconds seconds_of(std::int64_t n) {
  constexpr std::int64_t longest = 100LL * 365 * 24 * 3600;
  return std::chrono::seconds(std::clamp<std::int64_t>(n, 0, longest));
}

std::vector<std::string> texts(JsonView list) {
  std::vector<std::string> out;
  for (const JsonView item : list.items()) {
    if (auto text = item.plain_text()) out.push_back(printable(*text, 256));
  }
  return out;
}

std::string text_or_nothing(JsonView value) {
  return printable(value.plain_text().value_or(std::string()), 256);
}

}  // namespace

Result<Question> ask_login(const AppRoleLogin& login, const Secret& secret_id) {
  if (login.role_id.empty()) return fail(ErrorKind::invalid_input, "the role id is empty");
  if (secret_id.empty()) return fail(ErrorKind::invalid_input, "the secret id is empty");
  Body body;
  body.text("role_id", login.role_id).text("secret_id", secret_id.reveal_text());
  return login_question(login.path, body);
}

Result<Question> ask_login(const KubernetesLogin& login, const Secret& jwt) {
  if (login.role.empty()) return fail(ErrorKind::invalid_input, "the Kubernetes role is empty");
  if (jwt.empty()) return fail(ErrorKind::invalid_input, "the service account's token is empty");
  Body body;
  body.text("role", login.role).text("jwt", jwt.reveal_text());
  auto question = login_question(login.path, body);
  if (question) question->is_safe_to_repeat = true;  // the service account's token is good for many logins
  return question;
}

Result<Question> ask_unwrap(Secret wrapping_token) {
  if (wrapping_token.empty()) return fail(ErrorKind::invalid_input, "the wrapping token is empty");
  Question question;
  question.purpose = Purpose::unwrap;
  question.method = http::Method::post;
  question.path = "/v1/sys/wrapping/unwrap";
  question.who = Question::Who::given;
  question.token = std::move(wrapping_token);
  question.is_safe_to_repeat = false;  // it is used up even when the answer is lost
  return question;
}

Question ask_lookup() { return token_question(http::Method::get, "/v1/auth/token/lookup-self"); }

Question ask_renewal() { return token_question(http::Method::post, "/v1/auth/token/renew-self"); }

Question ask_health() {
  Question question;
  question.purpose = Purpose::health;
  question.path = "/v1/sys/health";
  question.who = Question::Who::nobody;
  question.in_namespace = false;  // OpenBao answers this in its root namespace only
  return question;
}

Result<Question> ask_capabilities(const std::vector<std::string>& paths) {
  Body body;
  body.begin_list("paths");
  for (const std::string& path : paths) body.item_text(path);
  body.end_list();
  auto written = body.take();
  if (!written) return std::unexpected(std::move(written.error()));
  Question question = token_question(http::Method::post, "/v1/sys/capabilities-self");
  question.body = std::move(*written);
  return question;
}

Result<Lease> read_lease(Bytes body) {
  const auto json = Json::parse(text_of(body));
  if (!json) return no_answer(json.error().what);
  const JsonView auth = json->root().member("auth");
  auto token = auth.member("client_token").text();
  if (!token || token->empty()) return no_answer("there is no token");
  const auto duration = auth.member("lease_duration").number();
  // Below 0 must not become 0, which is for ever.
  if (!duration || *duration < 0) return no_answer("the token's duration is missing or negative");
  return Lease{.token = std::move(*token),
               .duration = seconds_of(*duration),
               .is_renewable = auth.member("renewable").boolean().value_or(false)};
}

Result<Secret> read_secret_id(Bytes body) {
  const auto json = Json::parse(text_of(body));
  if (!json) return no_answer(json.error().what);
  auto secret_id = json->root().member("data").member("secret_id").text();
  if (!secret_id || secret_id->empty())
    return fail_with_advice(ErrorKind::invalid_input, "wrap the answer of auth/approle/role/ROLE/secret-id",
                            "what was wrapped is not a secret id");
  return std::move(*secret_id);
}

Result<TokenFacts> read_token_facts(Bytes body) {
  const auto json = Json::parse(text_of(body));
  if (!json) return no_answer(json.error().what);
  const JsonView data = json->root().member("data");
  const auto ttl = data.member("ttl").number();
  if (!ttl) return no_answer("it has no token's ttl");
  TokenFacts facts;
  facts.type = text_or_nothing(data.member("type"));
  facts.display_name = text_or_nothing(data.member("display_name"));
  facts.expire_time = text_or_nothing(data.member("expire_time"));
  // In its last second a token that ends has 0 left.
  facts.ttl =
      facts.expire_time.empty() ? seconds_of(*ttl) : std::max(seconds_of(*ttl), std::chrono::seconds(1));
  facts.policies = texts(data.member("policies"));
  facts.uses_left = data.member("num_uses").number().value_or(0);
  facts.is_renewable = data.member("renewable").boolean().value_or(false);
  facts.is_orphan = data.member("orphan").boolean().value_or(false);
  return facts;
}

Result<Health> read_health(Bytes body, int status) {
  const auto json = Json::parse(text_of(body));
  if (!json) return no_answer(json.error().what);
  const JsonView root = json->root();
  const auto initialized = root.member("initialized").boolean();
  const auto sealed = root.member("sealed").boolean();
  if (!initialized || !sealed) return no_answer("it has no state of a server");
  return Health{.status = status,
                .initialized = *initialized,
                .sealed = *sealed,
                .standby = root.member("standby").boolean().value_or(false),
                .version = text_or_nothing(root.member("version")),
                .cluster_name = text_or_nothing(root.member("cluster_name"))};
}

Result<std::vector<std::vector<std::string>>> read_capabilities(Bytes body,
                                                                const std::vector<std::string>& paths) {
  const auto json = Json::parse(text_of(body));
  if (!json) return no_answer(json.error().what);
  const JsonView data = json->root().member("data");
  std::vector<std::vector<std::string>> answers;
  for (const std::string& path : paths) {
    const JsonView list = data.member(path);
    if (!list.is(JsonKind::array)) return no_answer("a path's capabilities are missing");
    answers.push_back(texts(list));
  }
  return answers;
}

std::chrono::milliseconds renewal_after(std::chrono::milliseconds left, Random& random) {
  constexpr std::chrono::milliseconds day = std::chrono::hours(24);
  const std::chrono::milliseconds at_most = std::min(left / 3 * 2, day);
  // Between half and all of the last tenth before that.
  return at_most - at_most / 10 + net::with_jitter(at_most / 10, random);
}

}  // namespace keyway::vault
