#include <algorithm>

#include <openssl/err.h>

#include <core/crypto.h>
#include <tests/core/support.h>

using namespace keyway;
using test::hex;

namespace {

const char* const p64 =
    "d9313225f88406e5a55909c5aff5269a 86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525 b16aedf5aa0de657ba637b391aafd255";
const char* const p60 =
    "d9313225f88406e5a55909c5aff5269a 86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525 b16aedf5aa0de657ba637b39";
const char* const a20 = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
const char* const zero16 = "00000000000000000000000000000000";
const char* const zero12 = "000000000000000000000000";

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, the vectors NIST took for GCM.
struct GcmVector {
  int number;
  std::string key, iv, associated_data, plaintext, ciphertext, tag;
};
const GcmVector gcm_vectors[] = {
    {1, zero16, zero12, "", "", "", "58e2fccefa7e3061367f1d57a4e7455a"},
    {2, zero16, zero12, "", zero16, "0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf"},
    {3, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "", p64,
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
     "4d5c2af327cd64a62cf35abd2ba6fab4"},
    {4, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", a20, p60,
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {5, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbad", a20, p60,
     "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c7423"
     "73806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598",
     "3612d2e79e3b0785561be14aaca2fccb"},
    {7, "000000000000000000000000000000000000000000000000", zero12, "", "", "",
     "cd33b28ac773f74ba00ed1f312572435"},
    {8, "000000000000000000000000000000000000000000000000", zero12, "", zero16,
     "98e7247c07f0fe411c267e4384b0f600", "2ff58d80033927ab8ef4d4587514f0fb"},
    {13, "0000000000000000000000000000000000000000000000000000000000000000", zero12, "", "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {14, "0000000000000000000000000000000000000000000000000000000000000000", zero12, "", zero16,
     "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
    {16, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", a20,
     p60,
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

// NIST SP 800-38A, F.2. The standard pads nothing, so ours has one block more.
const char* const cbc_plaintext =
    "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710";
const struct {
  std::string name, key, ciphertext;
} cbc_vectors[] = {
    {"F.2.1 AES-128", "2b7e151628aed2a6abf7158809cf4f3c",
     "7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2"
     "73bed6b8e3c1743b7116e69e22229516 3ff1caa1681fac09120eca307586e1a7"},
    {"F.2.3 AES-192", "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
     "4f021db243bc633d7178183a9fa071e8 b4d9ada9ad7dedf4e5e738763f69145a"
     "571b242012fb7ae07fa9baac3df102e0 08b0e27988598881d920a9e64f5615cd"},
    {"F.2.5 AES-256", "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     "f58c4c04d6e5f1ba779eabfb5f7bfbd6 9cfc4e967edb808d679f777bc6702c7d"
     "39f23369a9d9bacfa530e26304231461 b2eb05e2c39be9fcda6c19078c6a9d1b"},
};
const char* const cbc_iv = "000102030405060708090a0b0c0d0e0f";

ErrorKind kind(const auto& result) {
  REQUIRE_FALSE(result);
  return result.error().kind;
}

}  // namespace

TEST_CASE("AES-GCM: the published vectors, both ways") {
  for (const GcmVector& v : gcm_vectors) {
    CAPTURE(v.number);
    const auto sealed = aes_gcm_seal(hex(v.key), hex(v.iv), hex(v.associated_data), hex(v.plaintext));
    REQUIRE(sealed);
    CHECK(to_hex(sealed->ciphertext) == v.ciphertext);
    CHECK(to_hex(sealed->tag) == v.tag);
    const auto opened =
        aes_gcm_open(hex(v.key), hex(v.iv), hex(v.associated_data), hex(v.ciphertext), hex(v.tag));
    REQUIRE(opened);
    CHECK(to_hex(opened->reveal()) == to_hex(hex(v.plaintext)));
  }
}

TEST_CASE("AES-GCM: a shorter tag is the beginning of the whole one, and opens") {
  const GcmVector& v = gcm_vectors[3];
  for (const std::size_t size : test::Sizes{4, 8, 12, 13, 14, 15, 16}) {
    CAPTURE(size);
    const auto sealed = aes_gcm_seal(hex(v.key), hex(v.iv), hex(v.associated_data), hex(v.plaintext), size);
    REQUIRE(sealed);
    CHECK(to_hex(sealed->tag) == v.tag.substr(0, 2 * size));
    CHECK(aes_gcm_open(hex(v.key), hex(v.iv), hex(v.associated_data), sealed->ciphertext, sealed->tag));
  }
}

TEST_CASE("AES-GCM: any changed bit of what goes in is corrupt, and leaves OpenSSL's error queue empty") {
  const GcmVector& v = gcm_vectors[3];
  OwnedBytes parts[] = {hex(v.key), hex(v.iv), hex(v.associated_data), hex(v.ciphertext), hex(v.tag)};
  const auto open = [&] { return aes_gcm_open(parts[0], parts[1], parts[2], parts[3], parts[4]); };
  REQUIRE(open());
  for (OwnedBytes& part : parts) {
    for (std::size_t bit = 0; bit < part.size() * 8; ++bit) {
      const std::byte mask{static_cast<std::uint8_t>(1U << bit % 8)};
      part[bit / 8] ^= mask;
      const auto opened = open();
      part[bit / 8] ^= mask;
      CHECK(kind(opened) == ErrorKind::corrupt);
    }
  }
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("AES-CBC: the published vectors, both ways") {
  for (const auto& v : cbc_vectors) {
    CAPTURE(v.name);
    const OwnedBytes plaintext = hex(cbc_plaintext);
    const auto encrypted = aes_cbc_encrypt(hex(v.key), hex(cbc_iv), plaintext);
    REQUIRE(encrypted);
    REQUIRE(encrypted->size() == plaintext.size() + aes_block_size);
    CHECK(to_hex(Bytes(*encrypted).first(plaintext.size())) == to_hex(hex(v.ciphertext)));
    const auto decrypted = aes_cbc_decrypt(hex(v.key), hex(cbc_iv), *encrypted);
    REQUIRE(decrypted);
    CHECK(to_hex(decrypted->reveal()) == to_hex(plaintext));
    // Without the block of padding, what is last is text: 0x10 says 16 bytes of padding, and they are not.
    CHECK(kind(aes_cbc_decrypt(hex(v.key), hex(cbc_iv), hex(v.ciphertext))) == ErrorKind::corrupt);
  }
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("AES-CBC: every length round trips, padded to the next block") {
  const OwnedBytes key = test::counting(32, 0);
  for (std::size_t n = 0; n <= 49; ++n) {
    CAPTURE(n);
    const OwnedBytes plaintext = test::counting(n, 7);
    const auto encrypted = aes_cbc_encrypt(key, hex(cbc_iv), plaintext);
    REQUIRE(encrypted);
    CHECK(encrypted->size() == (n / 16 + 1) * 16);
    const auto decrypted = aes_cbc_decrypt(key, hex(cbc_iv), *encrypted);
    REQUIRE(decrypted);
    CHECK(std::ranges::equal(decrypted->reveal(), plaintext));
  }
}

TEST_CASE("AES: sizes that cannot be are named") {
  const OwnedBytes key = test::counting(32, 0);
  const OwnedBytes iv12 = test::counting(12, 0);
  const OwnedBytes iv16 = test::counting(16, 0);
  for (const std::size_t n : test::Sizes{0, 1, 15, 17, 23, 25, 31, 33, 64}) {
    CAPTURE(n);
    const OwnedBytes bad = test::counting(n, 0);
    CHECK(kind(aes_gcm_seal(bad, iv12, {}, {})) == ErrorKind::invalid_input);
    CHECK(kind(aes_gcm_open(bad, iv12, {}, {}, iv16)) == ErrorKind::invalid_input);
    CHECK(kind(aes_cbc_encrypt(bad, iv16, {})) == ErrorKind::invalid_input);
    CHECK(kind(aes_cbc_decrypt(bad, iv16, iv16)) == ErrorKind::invalid_input);
  }
  for (const std::size_t n : test::Sizes{0, 17, 128}) {
    CAPTURE(n);
    CHECK(kind(aes_gcm_seal(key, test::counting(n, 0), {}, {})) == ErrorKind::invalid_input);
    CHECK(kind(aes_gcm_open(key, test::counting(n, 0), {}, {}, iv16)) == ErrorKind::invalid_input);
  }
  for (const std::size_t n : test::Sizes{0, 3, 17}) {
    CAPTURE(n);
    CHECK(kind(aes_gcm_seal(key, iv12, {}, {}, n)) == ErrorKind::invalid_input);
    CHECK(kind(aes_gcm_open(key, iv12, {}, {}, test::counting(n, 0))) == ErrorKind::invalid_input);
  }
  for (const std::size_t n : test::Sizes{0, 12, 15, 17}) {
    CAPTURE(n);
    CHECK(kind(aes_cbc_encrypt(key, test::counting(n, 0), {})) == ErrorKind::invalid_input);
    CHECK(kind(aes_cbc_decrypt(key, test::counting(n, 0), iv16)) == ErrorKind::invalid_input);
  }
  for (const std::size_t n : test::Sizes{0, 1, 15, 17, 31}) {
    CAPTURE(n);
    CHECK(kind(aes_cbc_decrypt(key, iv16, test::counting(n, 0))) == ErrorKind::corrupt);
  }
}

TEST_CASE("SHA-256: FIPS 180-4's examples") {
  CHECK(to_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256(bytes_of("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("HMAC-SHA256: RFC 4231, and an empty key") {
  const struct {
    int number;
    OwnedBytes key, data;
    std::string_view mac;
  } cases[] = {
      {1, test::repeated(20, 0x0b), owned(bytes_of("Hi There")),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {2, owned(bytes_of("Jefe")), owned(bytes_of("what do ya want for nothing?")),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {3, test::repeated(20, 0xaa), test::repeated(50, 0xdd),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {4, test::counting(25, 0x01), test::repeated(50, 0xcd),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {6, test::repeated(131, 0xaa),
       owned(bytes_of("Test Using Larger Than Block-Size Key - Hash Key First")),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {7, test::repeated(131, 0xaa),
       owned(bytes_of(
           "This is a test using a larger than block-size key and a larger than block-size data. The key "
           "needs to be hashed before being used by the HMAC algorithm.")),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
      {0, {}, {}, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.number);
    CHECK(to_hex(hmac_sha256(c.key, c.data)) == c.mac);
  }
}
