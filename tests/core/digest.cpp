#include <core/digest.h>
#include <tests/core/support.h>

using namespace keyway;
using test::hex;

namespace {

std::string shown(const Result<Secret>& result) {
  REQUIRE(result);
  return to_hex(result->reveal());
}

}  // namespace

// FIPS 180-4 and FIPS 202: the hash of "abc".
TEST_CASE("each hash agrees with its standard's example") {
  const struct {
    Hash hash;
    std::string_view of_abc;
  } cases[] = {
      {Hash::sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {Hash::sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
      {Hash::sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {Hash::sha384,
       "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
      {Hash::sha512,
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
       "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
      {Hash::sha512_224, "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa"},
      {Hash::sha512_256, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"},
      {Hash::sha3_224, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"},
      {Hash::sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
      {Hash::sha3_384,
       "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25"},
      {Hash::sha3_512,
       "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
       "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0"},
  };
  for (const auto& c : cases) {
    CHECK(shown(digest(c.hash, bytes_of("abc"))) == c.of_abc);
    CHECK(hash_size(c.hash) * 2 == c.of_abc.size());
  }
  CHECK(shown(digest(Hash::sha256, {})) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// RFC 4231, test case 1, and HMAC of nothing with nothing.
TEST_CASE("HMAC agrees with RFC 4231") {
  const OwnedBytes key = test::repeated(20, 0x0b);
  CHECK(shown(hmac(Hash::sha256, key, bytes_of("Hi There"))) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(shown(hmac(Hash::sha384, key, bytes_of("Hi There"))) ==
        "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6");
  CHECK(shown(hmac(Hash::sha512, key, bytes_of("Hi There"))) ==
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  CHECK(shown(hmac(Hash::sha256, {}, {})) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

// RFC 6070 (SHA-1) and RFC 7914 §11 (SHA-256).
TEST_CASE("PBKDF2 agrees with its RFCs, and has limits") {
  CHECK(shown(pbkdf2(Hash::sha1, bytes_of("password"), bytes_of("salt"), 4096, 20)) ==
        "4b007901b765489abead49d926f721d065a429c1");
  CHECK(shown(pbkdf2(Hash::sha256, bytes_of("passwd"), bytes_of("salt"), 1, 64)) ==
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  CHECK(pbkdf2(Hash::sha256, {}, {}, 1, 16));
  for (const auto& [iterations, length] : {std::pair{0u, 16u}, {1u, 0u}, {1u, (1u << 20) + 1}}) {
    const auto refused = pbkdf2(Hash::sha256, bytes_of("p"), bytes_of("s"), iterations, length);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::invalid_input);
  }
}

// NIST CAVP, KDF in counter mode: HMAC-SHA256, counter before the fixed input, 32 bits, COUNT=0.
TEST_CASE("the counter mode KDF agrees with NIST's vector, and goes on over blocks") {
  const OwnedBytes key = hex("dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0");
  const OwnedBytes fixed =
      hex("01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b864a145fab25e517b08f8683d0315bb29"
          "11d80a0e8aba17f3b413faac");
  CHECK(shown(kdf_counter(Hash::sha256, key, fixed, 16)) == "10621342bfb0fd40046c0e29f2cfdbf0");

  OwnedBytes second = hex("00000002");
  second.insert(second.end(), fixed.begin(), fixed.end());
  const std::string longer = shown(kdf_counter(Hash::sha256, key, fixed, 40));
  CHECK(longer.size() == 80);
  CHECK(longer.substr(0, 32) == "10621342bfb0fd40046c0e29f2cfdbf0");
  CHECK(longer.substr(64) == shown(hmac(Hash::sha256, key, second)).substr(0, 16));
  CHECK_FALSE(kdf_counter(Hash::sha256, key, fixed, 0));
}
