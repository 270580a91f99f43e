// What the keyring keeps and hands out, as seeds.
#pragma once

#include <vector>

#include <fuzz/seed.h>

namespace keyway::fuzz {

std::vector<Seed> keyring_seeds();

}  // namespace keyway::fuzz
