// Precompiled for the commands: what each of them includes and what takes the compiler longest.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <tools/kmipctl/command.h>
