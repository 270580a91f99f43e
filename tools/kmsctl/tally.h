// How a command ends that worked on many filesystems.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <keyring/keyring.h>
#include <tools/cli/console.h>

namespace keyway::kmsctl {

// exit_of is done when nothing failed; partly_done when some did, or all for different reasons; the exit code
// of the reason when all failed for one.
cli::Exit exit_of(const keyring::Tally& tally);

// name_failures names each filesystem that failed, and why, on stderr.
void name_failures(const cli::Console& console, const keyring::Tally& tally);

// {"done", "already", "failed", "failures": [{"filesystem", "error"}]}
nlohmann::ordered_json to_json(const keyring::Tally& tally);

}  // namespace keyway::kmsctl
