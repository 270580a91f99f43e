// Recorded answers of real servers: each must mean what it meant there. usage: recordings_test FOLDER, with
// exchanges-*.json in it; skipped (77) without a folder.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <core/file.h>
#include <core/json.h>
#include <vault/auth.h>
#include <vault/transit.h>
#include <vault/verdict.h>

using namespace keyway;
using namespace keyway::vault;

namespace {

struct Exchange {
  std::string server, scenario, note, method, path;
  std::optional<JsonView> request;  // its body
  http::Response response;
};

// What was asked, found out from method and path.
struct Asked {
  Purpose purpose = Purpose::other;
  std::string_view operation;  // "encrypt", "lookup-self", ...
};

bool has_segment(std::string_view path, std::string_view segment) {
  const std::string padded = fmt::format("{}/", path);
  return padded.find(fmt::format("/{}/", segment)) != std::string::npos;
}

Asked asked_by(const Exchange& exchange) {
  const std::string_view path = std::string_view(exchange.path).substr(0, exchange.path.find('?'));
  const bool is_post = exchange.method == "POST" || exchange.method == "PUT";
  const bool is_get = exchange.method == "GET" && path.size() == exchange.path.size();
  if (path.starts_with("/v1/auth/")) {
    if (is_post && path.ends_with("/login")) return {Purpose::login, "login"};
    if (is_get && path.ends_with("/token/lookup-self")) return {Purpose::token, "lookup-self"};
    if (is_post && path.ends_with("/token/renew-self")) return {Purpose::token, "renew-self"};
    return {};
  }
  if (path == "/v1/sys/wrapping/unwrap" && is_post) return {Purpose::unwrap, "unwrap"};
  if (path == "/v1/sys/capabilities-self" && is_post) return {Purpose::token, "capabilities-self"};
  if (path == "/v1/sys/health" && is_get) return {Purpose::health, "health"};
  if (path.starts_with("/v1/sys/")) return {};
  for (const std::string_view operation : {"encrypt", "decrypt", "rewrap", "datakey"})
    if (is_post && has_segment(path, operation))
      return {operation == "decrypt" || operation == "rewrap" ? Purpose::decrypt : Purpose::encrypt,
              operation};
  if (is_get && has_segment(path, "keys") && !path.ends_with("/keys") && !path.ends_with("/"))
    return {Purpose::key, "keys"};
  return {};
}

// The texts of what passes by itself. Every other answer is for good.
constexpr std::string_view passing[] = {"Vault is sealed", "active cluster node not found",
                                        "rate limit quota exceeded"};
constexpr std::string_view damages[] = {"invalid ciphertext", "message authentication failed",
                                        "missing ciphertext"};

struct Exception {
  std::string_view text;
  ErrorKind kind;
  std::string_view reason;
};

constexpr Exception exceptions[] = {
    {"failed to parse batch input", ErrorKind::internal, "only a mistake of ours makes such a batch"},
    {"error converting input abc for field \"increment\"", ErrorKind::unreachable,
     "a 500 like any other, for an increment that is never sent"},
};

template <std::size_t N>
bool has_any(std::string_view words, const std::string_view (&texts)[N]) {
  return std::ranges::any_of(texts,
                             [&](std::string_view t) { return words.find(t) != std::string_view::npos; });
}

std::string words_of(Bytes body) {
  std::string words;
  for (const std::string& error : errors_of(body)) words += error + ";";
  return words;
}

class Replay {
 public:
  void run(const Exchange& exchange) {
    const Asked asked = asked_by(exchange);
    if (asked.operation.empty()) return;
    exchange_ = &exchange;
    Question question;
    question.purpose = asked.purpose;
    const Verdict verdict = judge(question, exchange.response);
    ++judged_;
    if (exchange.response.status < 300 || (asked.purpose == Purpose::health && verdict.next == Next::take))
      check_taken(asked, verdict);
    else
      check_refused(verdict);
  }

  std::size_t judged() const { return judged_; }
  std::size_t items() const { return items_; }
  std::size_t mistakes() const { return mistakes_; }

 private:
  void mistake(std::string_view what) {
    ++mistakes_;
    fmt::print("{} [{}] {}: {} {} -> {}: {}\n", exchange_->server, exchange_->scenario, exchange_->note,
               exchange_->method, exchange_->path, exchange_->response.status, what);
  }

  template <class T>
  void check_read(const Result<T>& answer) {
    if (!answer) mistake(describe(answer.error()));
  }

  template <class T>
  void check_items(const Result<Each<T>>& answers) {
    check_read(answers);
    if (!answers) return;
    for (const Result<T>& answer : *answers) {
      ++items_;
      if (answer) continue;
      if (!answer.error().refusal)
        mistake("an item was not read: " + describe(answer.error()));
      else
        check_kind(answer.error(), answer.error().refusal->message);
    }
  }

  void check_taken(const Asked& asked, const Verdict& verdict) {
    if (verdict.next != Next::take) return mistake("not taken: " + describe(verdict.error));
    const Bytes body = exchange_->response.body.view();
    const std::string_view operation = asked.operation;
    if (is_wrapped(body)) return check_wrapped(operation, body);
    const auto batch = exchange_->request ? exchange_->request->member("batch_input") : JsonView();
    const bool is_batch = batch.is(JsonKind::array);  // beside null the single item counts
    const std::size_t count = is_batch ? batch.size() : 1;
    if (operation == "encrypt" || operation == "rewrap") check_items(read_ciphertexts(body, count, is_batch));
    if (operation == "decrypt") check_items(read_plaintexts(body, count, is_batch));
    if (operation == "datakey") check_read(read_data_key(body, has_segment(exchange_->path, "plaintext")));
    if (operation == "keys") check_read(read_key_info(body));
    if (operation == "login" || operation == "renew-self") check_read(read_lease(body));
    if (operation == "lookup-self") check_read(read_token_facts(body));
    if (operation == "health") check_read(read_health(body, exchange_->response.status));
    if (operation == "capabilities-self") check_read(read_capabilities(body, paths()));
    if (operation == "unwrap" && text_of(body).find("secret_id") != Text::npos)
      check_read(read_secret_id(body));
  }

  static bool is_wrapped(Bytes body) {
    const auto json = Json::parse(text_of(body));
    return json && json->root().member("wrap_info").is(JsonKind::object);
  }

  // Asked for by a header that the client never sends: the answer itself is not there.
  void check_wrapped(std::string_view operation, Bytes body) {
    if (operation == "encrypt" && read_ciphertexts(body, 1, false)) mistake("a wrapped answer was read");
    if (operation == "lookup-self" && read_token_facts(body)) mistake("a wrapped answer was read");
  }

  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    if (!exchange_->request) return paths;
    for (const JsonView path : exchange_->request->member("paths").items())
      if (auto text = path.plain_text()) paths.push_back(std::move(*text));
    return paths;
  }

  void check_refused(const Verdict& verdict) {
    if (verdict.next == Next::take) return mistake("a refusal was taken");
    const int status = exchange_->response.status;
    const std::string words = words_of(exchange_->response.body.view());
    if ((status == 307) != (verdict.next == Next::redirect)) mistake("not the verdict of a redirection");
    if (status == 307) return;
    const bool is_exception = std::ranges::any_of(
        exceptions, [&](const Exception& e) { return words.find(e.text) != std::string::npos; });
    if (!is_exception && has_any(words, passing) != (verdict.next == Next::retry))
      mistake(verdict.next == Next::retry ? "tried again, but it is for good: " + words
                                          : "not tried again, but it passes: " + words);
    check_kind(verdict.error, words);
  }

  void check_kind(const Error& error, std::string_view words) {
    const auto* exception = std::ranges::find_if(
        exceptions, [&](const Exception& e) { return words.find(e.text) != std::string_view::npos; });
    if (exception != std::end(exceptions)) {
      if (error.kind != exception->kind) mistake(fmt::format("{}: {}", name(error.kind), words));
      return;
    }
    if (error.kind == ErrorKind::internal) mistake(fmt::format("a defect of ours: {}", words));
    const bool is_damage = has_any(words, damages) && words.find("too new") == std::string_view::npos;
    if ((error.kind == ErrorKind::corrupt) != is_damage)
      mistake(fmt::format("{}, damaged or not: {}", name(error.kind), words));
    if ((error.kind == ErrorKind::unreachable) != has_any(words, passing))
      mistake(fmt::format("{}, in reach or not: {}", name(error.kind), words));
  }

  const Exchange* exchange_ = nullptr;
  std::size_t judged_ = 0, items_ = 0, mistakes_ = 0;
};

std::string text_in(JsonView object, Text name) {
  return object.member(name).plain_text().value_or(std::string());
}

// An exchange whose answer is there in full; large ones are only hinted at.
std::optional<Exchange> exchange_of(JsonView recorded) {
  const JsonView request = recorded.member("request");
  const JsonView response = recorded.member("response");
  const auto status = response.member("status").number();
  const JsonView body = response.member("body");
  if (!request || !status || !body.is(JsonKind::string)) return std::nullopt;
  Exchange exchange;
  exchange.note = text_in(recorded, "note");
  exchange.method = text_in(request, "method");
  exchange.path = text_in(request, "path");
  // A request whose body is only hinted at has no count of items to compare with.
  if (request.member("body_length")) return std::nullopt;
  if (const JsonView json = request.member("json")) exchange.request = json;
  exchange.response.status = static_cast<int>(*status);
  exchange.response.body.append(body.text()->reveal_text());
  if (auto location = response.member("headers").member("Location").plain_text())
    exchange.response.location = std::move(*location);
  return exchange;
}

// run_file gives the number of exchanges whose answer is recorded, or none when the file cannot be read.
std::optional<std::size_t> run_file(const std::filesystem::path& path, Replay& replay) {
  const auto text = read_file(path, 64 << 20);
  const auto json = text ? Json::parse(text->reveal_text(), {.depth = 100}) : std::unexpected(text.error());
  if (!json) {
    fmt::print("{}: {}\n", path.string(), describe(json.error()));
    return std::nullopt;
  }
  std::size_t count = 0;
  for (const JsonView scenario : json->root().member("scenarios").items())
    for (const JsonView recorded : scenario.member("exchanges").items()) {
      auto exchange = exchange_of(recorded);
      if (!exchange) continue;
      exchange->server = text_in(json->root(), "label");
      exchange->scenario = text_in(scenario, "name");
      replay.run(*exchange);
      ++count;
    }
  return count;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 || arguments[1][0] == '\0') {
    fmt::print("skipped: no folder with recorded exchanges (meson option vault_exchanges)\n");
    return 77;
  }
  Replay replay;
  std::size_t files = 0, exchanges = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(arguments[1], error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("exchanges-") || !name.ends_with(".json")) continue;
    const auto run = run_file(entry.path(), replay);
    if (!run) return 1;
    exchanges += *run;
    ++files;
  }
  fmt::print("{} files, {} exchanges, {} judged, {} items, {} mistakes\n", files, exchanges, replay.judged(),
             replay.items(), replay.mistakes());
  return replay.judged() > 0 && replay.mistakes() == 0 ? 0 : 1;
}
