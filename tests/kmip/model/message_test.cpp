// Whole messages written down by hand from the specification, against what the model encodes.
#include <doctest/doctest.h>

#include <kmip/model/all_operations.h>
#include <kmip/model/message.h>
#include <tests/kmip/hex.h>

using namespace keyway;
using namespace keyway::kmip;
using enum Version;
using test::from_hex;
using test::to_hex;

namespace {

template <OperationRequest Request>
std::string encoded(const Request& request, Version version) {
  SecretBuffer payload;
  REQUIRE(encode(payload, Tag::RequestPayload, request, version));
  RequestMessage message;
  message.header.protocol_version = version;
  RequestBatchItem& item = message.items.emplace_back();
  item.operation = Request::operation;
  item.payload = *read_message(payload.view(), Tag::RequestPayload, Limits{});
  SecretBuffer out;
  REQUIRE(encode(out, Tag::RequestMessage, message, version));
  return to_hex(out.view());
}

}  // namespace

TEST_CASE("an Encrypt request of 1.4") {
  CryptographicParameters parameters;
  parameters.block_cipher_mode = BlockCipherMode::GCM;
  parameters.cryptographic_algorithm = CryptographicAlgorithm::AES;
  parameters.tag_length = 16;
  EncryptRequest request;
  request.unique_identifier = "key-1";
  request.cryptographic_parameters = parameters;
  request.data = bytes_of("sixteen bytes ok");
  const OwnedBytes iv = from_hex("000102030405060708090A0B");
  request.iv_counter_nonce = iv;
  request.authenticated_encryption_additional_data = bytes_of("fs-7");

  CHECK(encoded(request, V1_4) == to_hex(from_hex({
                                      "420078 01 000000E8",                    // Request Message
                                      "420077 01 00000038",                    // Request Header
                                      "420069 01 00000020",                    // Protocol Version
                                      "42006A 02 00000004 00000001 00000000",  // Protocol Version Major: 1
                                      "42006B 02 00000004 00000004 00000000",  // Protocol Version Minor: 4
                                      "42000D 02 00000004 00000001 00000000",  // Batch Count: 1
                                      "42000F 01 000000A0",                    // Batch Item
                                      "42005C 05 00000004 0000001F 00000000",  // Operation: Encrypt
                                      "420079 01 00000088",                    // Request Payload
                                      "420094 07 00000005 6B65792D31 000000",  // Unique Identifier: key-1
                                      "42002B 01 00000030",                    // Cryptographic Parameters
                                      "420011 05 00000004 00000009 00000000",  // Block Cipher Mode: GCM
                                      "420028 05 00000004 00000003 00000000",  // Cryptographic Algorithm: AES
                                      "4200CE 02 00000004 00000010 00000000",  // Tag Length: 16 bytes
                                      "4200C2 08 00000010",                    // Data
                                      "7369787465656E206279746573206F6B",
                                      "42003D 08 0000000C",  // IV/Counter/Nonce
                                      "000102030405060708090A0B 00000000",
                                      "4200FE 08 00000004 66732D37 00000000",  // ... Additional Data
                                  })));
}

namespace {

CreateRequest aes_key() {
  CreateRequest request;
  request.object_type = ObjectType::SymmetricKey;
  request.attributes.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::AES);
  request.attributes.add(Tag::CryptographicLength, std::int32_t{256});
  request.attributes.add(Tag::CryptographicUsageMask,
                         CryptographicUsageMask::Encrypt | CryptographicUsageMask::Decrypt);
  request.attributes.add_custom("x", "fs", Text("home"));
  return request;
}

}  // namespace

TEST_CASE("a Create request of 1.0: attributes by name") {
  CHECK(encoded(aes_key(), V1_0) ==
        to_hex(from_hex({
            "420078 01 00000148",                    // Request Message
            "420077 01 00000038",                    // Request Header
            "420069 01 00000020",                    // Protocol Version
            "42006A 02 00000004 00000001 00000000",  // Protocol Version Major: 1
            "42006B 02 00000004 00000000 00000000",  // Protocol Version Minor: 0
            "42000D 02 00000004 00000001 00000000",  // Batch Count: 1
            "42000F 01 00000100",                    // Batch Item
            "42005C 05 00000004 00000001 00000000",  // Operation: Create
            "420079 01 000000E8",                    // Request Payload
            "420057 05 00000004 00000002 00000000",  // Object Type: Symmetric Key
            "420091 01 000000D0",                    // Template-Attribute
            "420008 01 00000030",                    // Attribute
            "42000A 07 00000017",                    // Attribute Name: Cryptographic Algorithm
            "43727970746F6772617068696320416C676F726974686D 00",
            "42000B 05 00000004 00000003 00000000",  // Attribute Value: AES
            "420008 01 00000030",                    // Attribute
            "42000A 07 00000014",                    // Attribute Name: Cryptographic Length
            "43727970746F67726170686963204C656E677468 00000000",
            "42000B 02 00000004 00000100 00000000",  // Attribute Value: 256
            "420008 01 00000030",                    // Attribute
            "42000A 07 00000018",                    // Attribute Name: Cryptographic Usage Mask
            "43727970746F67726170686963205573616765204D61736B",
            "42000B 02 00000004 0000000C 00000000",  // Attribute Value: Encrypt, Decrypt
            "420008 01 00000020",                    // Attribute
            "42000A 07 00000004 782D6673 00000000",  // Attribute Name: x-fs
            "42000B 07 00000004 686F6D65 00000000",  // Attribute Value: home
        })));
}

TEST_CASE("a Create request of 2.1: attributes under their own tags") {
  CHECK(encoded(aes_key(), V2_1) ==
        to_hex(from_hex({
            "420078 01 000000E0",                    // Request Message
            "420077 01 00000038",                    // Request Header
            "420069 01 00000020",                    // Protocol Version
            "42006A 02 00000004 00000002 00000000",  // Protocol Version Major: 2
            "42006B 02 00000004 00000001 00000000",  // Protocol Version Minor: 1
            "42000D 02 00000004 00000001 00000000",  // Batch Count: 1
            "42000F 01 00000098",                    // Batch Item
            "42005C 05 00000004 00000001 00000000",  // Operation: Create
            "420079 01 00000080",                    // Request Payload
            "420057 05 00000004 00000002 00000000",  // Object Type: Symmetric Key
            "420125 01 00000068",                    // Attributes
            "420028 05 00000004 00000003 00000000",  // Cryptographic Algorithm: AES
            "42002A 02 00000004 00000100 00000000",  // Cryptographic Length: 256
            "42002C 02 00000004 0000000C 00000000",  // ... Usage Mask: Encrypt, Decrypt
            "420008 01 00000030",                    // Attribute
            "42009D 07 00000001 78 00000000000000",  // Vendor Identification: x
            "42000A 07 00000002 6673 000000000000",  // Attribute Name: fs
            "42000B 07 00000004 686F6D65 00000000",  // Attribute Value: home
        })));
}

TEST_CASE("a response is read in two steps") {
  const OwnedBytes bytes = from_hex({
      "42007B 01 000000A8",                    // Response Message
      "42007A 01 00000048",                    // Response Header
      "420069 01 00000020",                    // Protocol Version
      "42006A 02 00000004 00000001 00000000",  // Protocol Version Major: 1
      "42006B 02 00000004 00000004 00000000",  // Protocol Version Minor: 4
      "420092 09 00000008 0000000047DA67F8",   // Time Stamp
      "42000D 02 00000004 00000001 00000000",  // Batch Count: 1
      "42000F 01 00000050",                    // Batch Item
      "42005C 05 00000004 00000020 00000000",  // Operation: Decrypt
      "42007F 05 00000004 00000000 00000000",  // Result Status: Success
      "42007C 01 00000028",                    // Response Payload
      "420094 07 00000005 6B65792D31 000000",  // Unique Identifier: key-1
      "4200C2 08 00000010",                    // Data
      "7369787465656E206279746573206F6B",
  });
  const Settings settings{V1_4, Mode::strict, {}};
  const auto message = decode_message<ResponseMessage>(bytes, Tag::ResponseMessage, settings);
  REQUIRE(message);
  CHECK(message->header.protocol_version.number() == ProtocolNumber{1, 4});
  CHECK(message->header.time_stamp == DateTime{1'205'495'800});
  REQUIRE(message->items.size() == 1);
  CHECK(message->items[0].operation == Operation::Decrypt);
  CHECK(message->items[0].result_status == ResultStatus::Success);
  REQUIRE(message->items[0].payload);
  const auto payload = decode_item<DecryptResponse>(*message->items[0].payload, settings);
  REQUIRE(payload);
  CHECK(payload->unique_identifier == "key-1");
  REQUIRE(payload->data);
  CHECK(payload->data->reveal_text() == "sixteen bytes ok");

  // The second step names its mistakes by their place in the whole message.
  const auto other = decode_item<QueryResponse>(*message->items[0].payload, settings);
  REQUIRE_FALSE(other);
  CHECK(describe(other.error()) == "unknown field at byte 136: ResponsePayload/UniqueIdentifier");
}
