// What convert and send have in common: messages in any form, read from a file.
#pragma once

#include <string>
#include <vector>

#include <kmip/text/convert.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

struct MessageOptions {
  std::string from = "auto", to = "tree";
  std::vector<std::string> variables;  // NAME=VALUE
  std::string file = "-";
};

void declare(CLI::App& app, MessageOptions& options);

// read_messages reads the messages of the file. Errors: of reading it, and invalid_input for --var.
// Placeholders without value stand for themselves where they can: the caller has to look at `unset`.
Result<kmip::Messages> read_messages(const MessageOptions& options);

// unset_text names the placeholders without value, unset_advice says how to give them one.
std::string unset_text(const std::vector<std::string>& names);
std::string unset_advice(const std::vector<std::string>& names);

// print_messages writes them to stdout in the form of --to. Secrets are shown in trees on request only.
Result<void> print_messages(const MessageOptions& options, Session& session, Bytes ttlv);

}  // namespace keyway::kmipctl
