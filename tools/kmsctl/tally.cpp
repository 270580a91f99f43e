#include <algorithm>

#include <nlohmann/json.hpp>

#include <tools/kmsctl/tally.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

cli::Exit exit_of(const keyring::Tally& tally) {
  if (tally.failed == 0) return cli::Exit::done;
  if (tally.done > 0 || tally.already > 0 || tally.failures.empty()) return cli::Exit::partly_done;
  const auto exit_of_failure = [](const keyring::Failure& failure) {
    return cli::exit_of(failure.error.kind);
  };
  const cli::Exit first = exit_of_failure(tally.failures.front());
  const bool is_one =
      std::ranges::all_of(tally.failures, [first](cli::Exit exit) { return exit == first; }, exit_of_failure);
  return is_one ? first : cli::Exit::partly_done;
}

void name_failures(const cli::Console& console, const keyring::Tally& tally) {
  for (const auto& [filesystem, error] : tally.failures)
    console.say(fmt::format("{}: {}", filesystem, describe(error)));
  const auto more = tally.failed - static_cast<std::int64_t>(tally.failures.size());
  if (more > 0)
    console.say(fmt::format("and {} failed that are not named here", counted(more, "filesystem")));
}

nlohmann::ordered_json to_json(const keyring::Tally& tally) {
  nlohmann::ordered_json json;
  json["done"] = tally.done;
  json["already"] = tally.already;
  json["failed"] = tally.failed;
  json["failures"] = nlohmann::ordered_json::array();
  for (const auto& [filesystem, error] : tally.failures)
    json["failures"].push_back({{"filesystem", filesystem}, {"error", cli::to_json(error)}});
  return json;
}

}  // namespace keyway::kmsctl
