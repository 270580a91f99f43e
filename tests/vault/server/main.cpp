#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdio>
#include <cstdlib>

#include <doctest/doctest.h>

// Skipped (77) when there is no server to test against.
int main(int argc, char** argv) {
  if (std::getenv("KEYWAY_TEST_VAULT_ADDR") == nullptr) {  // NOLINT(concurrency-mt-unsafe)
    std::puts("skipped: KEYWAY_TEST_VAULT_ADDR and KEYWAY_TEST_VAULT_TOKEN name no server");
    return 77;
  }
  return doctest::Context(argc, argv).run();
}
