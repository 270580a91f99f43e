// Answers of Vault servers in all their shapes, as seeds.
#pragma once

#include <string>
#include <vector>

namespace keyway::fuzz {

struct Seed {
  std::string target;  // its folder
  std::string name;
  std::string bytes;
};

std::vector<Seed> vault_seeds();

}  // namespace keyway::fuzz
