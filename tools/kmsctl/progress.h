// The keyring's progress, shown on a terminal.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <keyring/keyring.h>
#include <tools/cli/progress.h>

namespace keyway::kmsctl {

// ShownProgress shows a bar from the first step on: only then the total is known.
class ShownProgress {
 public:
  ShownProgress(const cli::Console& console, std::string what) : console_(console), what_(std::move(what)) {}
  ShownProgress(const ShownProgress&) = delete;
  ShownProgress& operator=(const ShownProgress&) = delete;

  // callback is good as long as this is.
  keyring::OnProgress callback() {
    return [this](std::int64_t done, std::int64_t total) {
      if (!bar_) bar_.emplace(console_, what_, static_cast<std::uint64_t>(total));
      bar_->at(static_cast<std::uint64_t>(done));
    };
  }
  // end takes the bar away, so that words can follow.
  void end() { bar_.reset(); }

 private:
  const cli::Console& console_;
  const std::string what_;
  std::optional<cli::Progress> bar_;
};

}  // namespace keyway::kmsctl
