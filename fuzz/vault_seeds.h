// Answers of Vault servers in all their shapes, as seeds.
#pragma once

#include <vector>

#include <fuzz/seed.h>

namespace keyway::fuzz {

std::vector<Seed> vault_seeds();

}  // namespace keyway::fuzz
