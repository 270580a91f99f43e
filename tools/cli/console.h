// Where a tool writes: data to stdout, words to stderr with the tool's name, JSON when asked.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include <core/bytes.h>
#include <core/error.h>
#include <tools/cli/exit.h>

namespace keyway::cli {

class Console {
 public:
  Console(std::string program, bool json) : program_(std::move(program)), json_(json) {}

  bool json() const { return json_; }
  void use_json(bool json) { json_ = json; }

  // data writes bytes to stdout unbuffered, so that no copy of a secret stays behind.
  Result<void> data(Bytes bytes) const;
  // line writes a line of data to stdout.
  Result<void> line(std::string_view text) const;
  // document writes a JSON document to stdout, indented.
  Result<void> document(const nlohmann::ordered_json& json) const;

  // say writes a line for a person to stderr: "kmipctl: ...".
  void say(std::string_view text) const;
  // block writes text of several lines to stderr as it is.
  void block(std::string_view text) const;

  // failed reports an error, as a sentence or as {"error": {...}}, and gives the exit code that goes with it.
  Exit failed(const Error& error) const;
  // ended turns the outcome of the last step into an exit code, reporting a failure.
  Exit ended(const Result<void>& result) const { return result ? Exit::done : failed(result.error()); }

 private:
  std::string program_;
  bool json_;
};

nlohmann::ordered_json to_json(const Error& error);

// is_terminal says whether a person looks at the descriptor.
bool is_terminal(int fd);

}  // namespace keyway::cli
