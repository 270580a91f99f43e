// Valid messages of every operation at every version, built with the model. Tests change them, the fuzzers
// start from them.
#pragma once

#include <string>
#include <vector>

#include <core/bytes.h>
#include <kmip/spec/spec.h>

namespace keyway::test {

struct Sample {
  std::string name;  // "Encrypt request, all fields"
  kmip::Version version{};
  bool response = false;
  OwnedBytes bytes;
};

// corpus is the samples of one version. Of each operation there is a message with no optional field and one
// with every field that the version has.
std::vector<Sample> corpus(kmip::Version version);

// corpus is the samples of all versions that Keyway speaks.
std::vector<Sample> corpus();

// corpus_key is the data key that the samples with key material hold.
Bytes corpus_key();

}  // namespace keyway::test
