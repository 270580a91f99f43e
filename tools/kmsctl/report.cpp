#include <algorithm>
#include <chrono>

#include <core/random.h>
#include <tools/kmsctl/report.h>

namespace keyway::kmsctl {

namespace {

using Microseconds = std::chrono::microseconds;

struct Times {
  Microseconds wrap{}, unwrap{};
};

// One round trip of a key that is thrown away.
Result<Times> go_round(KeyWrapper& wrapper, Bytes context) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration_cast<Microseconds>(Clock::now() - start);
  };
  constexpr std::size_t size = 32;
  const Secret key = system_random().secret(size);
  Times times;
  auto start = Clock::now();
  const auto blob = wrap_one(wrapper, key.duplicate(), context);
  times.wrap = since(start);
  if (!blob) return std::unexpected(blob.error());
  start = Clock::now();
  const auto opened = unwrap_one(wrapper, *blob, context);
  times.unwrap = since(start);
  if (!opened) return std::unexpected(opened.error());
  if (!(*opened == key)) return fail(ErrorKind::corrupt, "unwrapping gave another key than was wrapped");
  return times;
}

Microseconds median(std::vector<Times>& all, Microseconds Times::* which) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::ranges::nth_element(all, middle, {}, which);
  return (*middle).*which;
}

double milliseconds(Microseconds time) { return static_cast<double>(time.count()) / 1000; }

void check_latency(Report& report, KeyWrapper& wrapper, Bytes context) {
  constexpr std::size_t rounds = 5;
  std::vector<Times> all;
  for (std::size_t i = 0; i < rounds; ++i) {
    const auto times = go_round(wrapper, context);
    if (!times) return report.failed(latency_name, times.error());
    all.push_back(*times);
  }
  const Microseconds wrap = median(all, &Times::wrap), unwrap = median(all, &Times::unwrap);
  report.ok(
      latency_name,
      fmt::format("wrap {:.2f} ms, unwrap {:.2f} ms (median of {})", milliseconds(wrap), milliseconds(unwrap),
                  rounds),
      {{"wrap_microseconds", wrap.count()}, {"unwrap_microseconds", unwrap.count()}, {"rounds", rounds}});
}

}  // namespace

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::warning: return "warning";
    case Outcome::failed: return "failed";
    case Outcome::skipped: return "skipped";
  }
  return "unknown";
}

void Report::ok(std::string_view name, std::string detail, Facts facts) {
  add({std::string(name), Outcome::ok, std::move(detail), std::move(facts), {}});
}

void Report::warning(std::string_view name, std::string detail, Facts facts) {
  add({std::string(name), Outcome::warning, std::move(detail), std::move(facts), {}});
}

void Report::failed(std::string_view name, const Error& error, Facts facts) {
  add({std::string(name), Outcome::failed, describe(error), std::move(facts), error});
}

void Report::skipped(std::string_view name, std::string_view why) {
  add({std::string(name), Outcome::skipped, std::string(why), Facts::object(), {}});
}

void Report::skip_all(std::initializer_list<std::string_view> names, std::string_view why) {
  for (const std::string_view name : names) skipped(name, why);
}

void Report::add(Finding finding) {
  finding.detail = printable(finding.detail, 2048);
  if (!console_.json()) print(finding);
  findings_.push_back(std::move(finding));
}

void Report::print(const Finding& finding) const {
  const std::string_view word = finding.outcome == Outcome::failed ? "FAILED" : name(finding.outcome);
  // A closed pipe does not end the check: end() says how it went all the same.
  static_cast<void>(console_.line(fmt::format("{:<8} {:<16} {}", word, finding.name, finding.detail)));
}

cli::Exit Report::end(std::string_view kms) const {
  const auto failed = std::ranges::find(findings_, Outcome::failed, &Finding::outcome);
  const cli::Exit exit = failed == findings_.end()
                             ? cli::Exit::done
                             : cli::exit_of(failed->error ? failed->error->kind : ErrorKind::internal);
  if (!console_.json()) return exit;
  Facts json;
  json["kms"] = kms;
  json["ok"] = failed == findings_.end();
  json["exit_code"] = static_cast<int>(exit);
  json["checks"] = Facts::array();
  for (const Finding& finding : findings_) {
    Facts check;
    check["name"] = finding.name;
    check["result"] = name(finding.outcome);
    check["detail"] = finding.detail;
    if (!finding.facts.empty()) check["facts"] = finding.facts;
    if (finding.error) check["error"] = cli::to_json(*finding.error);
    json["checks"].push_back(std::move(check));
  }
  const auto printed = console_.document(json);
  return printed ? exit : console_.failed(printed.error());
}

void check_round_trip(Report& report, KeyWrapper& wrapper, Bytes context, bool once) {
  if (const auto first = go_round(wrapper, context); !first) {
    report.failed(round_trip_name, first.error());
    return report.skipped(latency_name, "wrapping does not work");
  }
  report.ok(round_trip_name, "a new key was wrapped, unwrapped and compared");
  if (once) return report.skipped(latency_name, "the token is good for a few requests only");
  check_latency(report, wrapper, context);
}

}  // namespace keyway::kmsctl
