// A file of fuzz/seeds.
#pragma once

#include <string>

namespace keyway::fuzz {

struct Seed {
  std::string target;  // its folder
  std::string name;
  std::string bytes;
};

}  // namespace keyway::fuzz
