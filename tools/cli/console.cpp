#include <nlohmann/json.hpp>
#include <unistd.h>

#include <core/file.h>
#include <tools/cli/console.h>

namespace keyway::cli {

Result<void> Console::data(Bytes bytes) const {
  return write_descriptor(STDOUT_FILENO, bytes, "standard output");
}

Result<void> Console::line(std::string_view text) const {
  std::string line(text);
  line += '\n';
  return data(bytes_of(line));
}

Result<void> Console::document(const nlohmann::ordered_json& json) const {
  return line(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void Console::say(std::string_view text) const { block(fmt::format("{}: {}\n", program_, text)); }

void Console::block(std::string_view text) const {
  // There is nobody left to tell when stderr is gone.
  static_cast<void>(write_descriptor(STDERR_FILENO, bytes_of(text), "standard error"));
}

Exit Console::failed(const Error& error) const {
  if (json_) {
    nlohmann::ordered_json document;
    document["error"] = to_json(error);
    block(document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  } else {
    say(describe(error));
  }
  return exit_of(error.kind);
}

nlohmann::ordered_json to_json(const Error& error) {
  nlohmann::ordered_json json;
  json["kind"] = name(error.kind);
  json["exit_code"] = static_cast<int>(exit_of(error.kind));
  json["message"] = error.what;
  if (!error.advice.empty()) json["advice"] = error.advice;
  if (error.refusal) {
    json["server"]["status"] = error.refusal->status;
    json["server"]["reason"] = error.refusal->reason;
    json["server"]["reason_name"] = error.refusal->reason_name;
    json["server"]["message"] = error.refusal->message;
  }
  return json;
}

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

}  // namespace keyway::cli
