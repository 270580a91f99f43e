// RNG Retrieve and RNG Seed.
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

TEST_CASE("random bytes come in the length asked for, and differ") {
  Lab lab;
  for (const Version version : {V1_2, V1_3, V1_4, V2_0, V2_1}) {
    CAPTURE(version);
    const OwnedBytes some = owned(lab.answer(RngRetrieveRequest{32}, version).data);
    CHECK(some.size() == 32);
    CHECK(some != owned(lab.answer(RngRetrieveRequest{32}, version).data));
    CHECK(lab.answer(RngRetrieveRequest{65536}, version).data.size() == 65536);
    for (const std::int32_t length : {0, -1, 65537})
      CHECK(lab.ask(RngRetrieveRequest{length}, version).reason() == InvalidField);
  }
}

TEST_CASE("a seed is not used, and the answer says so") {
  Lab lab;
  for (const Version version : {V1_2, V2_1})
    CHECK(lab.answer(RngSeedRequest{bytes_of("not so random")}, version).data_length == 0);
}

}  // namespace keyway::kmip::server::test
