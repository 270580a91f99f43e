// What `kmsctl check` found out, line by line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <core/error.h>
#include <core/key_wrapper.h>
#include <tools/cli/console.h>

namespace keyway::kmsctl {

enum class Outcome : std::uint8_t { ok, warning, failed, skipped };
std::string_view name(Outcome outcome);  // "ok"; stable, JSON has it

// Report collects findings and prints each at once, unless JSON is wanted. Names are stable: scripts look for
// them.
class Report {
 public:
  using Facts = nlohmann::ordered_json;  // an object, of what a script may want as values

  explicit Report(const cli::Console& console) : console_(console) {}

  void ok(std::string_view name, std::string detail, Facts facts = Facts::object());
  void warning(std::string_view name, std::string detail, Facts facts = Facts::object());
  void failed(std::string_view name, const Error& error, Facts facts = Facts::object());
  void skipped(std::string_view name, std::string_view why);
  // skip_all says the same of several.
  void skip_all(std::initializer_list<std::string_view> names, std::string_view why);

  // end prints what is still to be printed. The exit code is that of the first finding that failed.
  cli::Exit end(std::string_view kms) const;

 private:
  struct Finding {
    std::string name;
    Outcome outcome;
    std::string detail;
    Facts facts;
    std::optional<Error> error;
  };
  void add(Finding finding);
  void print(const Finding& finding) const;

  const cli::Console& console_;
  std::vector<Finding> findings_;
};

// The checks that every KMS ends with.
inline constexpr std::string_view round_trip_name = "round-trip", latency_name = "latency";
// check_round_trip wraps a new random key, unwraps it and compares, then does so a few times more for the
// latency; `once` leaves these out, because each costs something.
void check_round_trip(Report& report, KeyWrapper& wrapper, Bytes context, bool once = false);

}  // namespace keyway::kmsctl
