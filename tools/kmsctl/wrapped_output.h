// What wrap and rewrap print, and the files that commands read and write.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include <core/wrapped_key.h>
#include <tools/cli/files.h>
#include <tools/kmsctl/command.h>

namespace keyway::kmsctl {

struct Files {
  std::string in = "-", out = "-";
};
void declare(CLI::App& app, Files& files);

// print_wrapped writes a wrapped key to files.out. With --json it prints the key and all that is known of it,
// and writes the key alone to files.out when that is a file.
Exit print_wrapped(const cli::Console& console, const Files& files, const WrappedKey& blob,
                   cli::Existing existing);

}  // namespace keyway::kmsctl
