#include <string_view>

#include <fuzz/vault_seeds.h>

namespace keyway::fuzz {

namespace {

struct Shape {
  char choice;  // of the target
  std::string_view name, text;
};

// The choices are the places in the table of vault_answer.cpp.
constexpr Shape answers[] = {
    {0, "key",
     R"({"data":{"derived":true,"exportable":false,"keys":{"1":1795310346,"2":1795310347},"latest_version":2,)"
     R"("min_available_version":0,"min_decryption_version":1,"min_encryption_version":0,"name":"fs",)"
     R"("supports_decryption":true,"supports_encryption":true,"type":"aes256-gcm96"},"warnings":null})"},
    {0, "asymmetric key",
     R"({"data":{"keys":{"1":{"creation_time":"2026-11-22T01:19:06Z"}},"latest_version":1,"name":"r",)"
     R"("min_decryption_version":1,"min_encryption_version":0,"soft_deleted":true,"type":"rsa-2048"}})"},
    {1, "ciphertext", R"({"data":{"ciphertext":"vault:v1:IgvNgmtDYWvJ2p0="}})"},
    {1, "ciphertext with version", R"({"data":{"ciphertext":"vault:v12:IgvN\u003d","key_version":12}})"},
    {2, "plaintext", R"({"request_id":"1","data":{"plaintext":"b25l"},"wrap_info":null,"auth":null})"},
    {2, "empty plaintext", R"({"data":{"plaintext":""}})"},
    {2, "wrapped instead", R"({"data":null,"wrap_info":{"token":"s.x","ttl":60}})"},
    {3, "data key", R"({"data":{"ciphertext":"vault:v1:IgvN","key_version":1,"plaintext":"b25l"}})"},
    {4, "login",
     R"({"data":null,"auth":{"client_token":"s.x","policies":["default"],"lease_duration":2764800,"renewable":true}})"},
    {5, "secret id",
     R"({"request_id":"","data":{"secret_id":"144c","secret_id_accessor":"fd","secret_id_ttl":0}})"},
    {6, "token",
     R"({"data":{"display_name":"approle","expire_time":"2026-12-24T01:19:06Z","num_uses":0,"orphan":true,)"
     R"("policies":["default","weka"],"renewable":true,"ttl":2764799,"type":"service"}})"},
    {6, "root",
     R"({"data":{"display_name":"root","expire_time":null,"num_uses":0,"policies":["root"],"ttl":0}})"},
    {7, "health",
     R"({"initialized":true,"sealed":false,"standby":true,"version":"1.8.0","cluster_name":"c","cluster_id":"i"})"},
    {7, "sealed", R"({"initialized":true,"sealed":true,"standby":true,"version":"1.2.1"})"},
    {8, "capabilities",
     R"({"transit/keys/fs":["read"],"data":{"transit/encrypt/fs":["create","update"],"transit/keys/fs":["deny"]}})"},
    {9, "errors", R"({"errors":["1 error occurred:\n\t* permission denied\n\n"]})"},
    {9, "two errors", R"({"errors":["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]})"},
    {9, "warnings", R"({"data":{},"warnings":["TTL of \"3s\" exceeded the effective max_ttl"]})"},
    {9, "ciphertext text", "vault:v1:IgvNgmtDYWvJ2p0="},
    {9, "no JSON", "Client sent an HTTP request to an HTTPS server.\n"},
    {9, "damaged", R"({"data":{"plaintext":"b25l")"},
};

struct Refusal {
  int purpose, status;  // of Purpose in its order
  std::string_view name, text;
};

constexpr Refusal refusals[] = {
    {0, 404, "no key", ""},
    {1, 400, "version", "requested version for encryption is higher than the latest key version"},
    {1, 429, "limit", "request path \\\"transit/encrypt/k\\\": rate limit quota exceeded"},
    {1, 413, "size", "failed to parse JSON input: http: request body too large"},
    {1, 500, "batch", "1 error occurred:\\n\\t* failed to parse batch input: [0] expected a map\\n\\n"},
    {2, 500, "tag", "1 error occurred:\\n\\t* cipher: message authentication failed\\n\\n"},
    {2, 400, "old tag", "invalid ciphertext: unable to decrypt"},
    {2, 400, "too new", "invalid ciphertext: version is too new"},
    {2, 400, "complexity", "refused JSON input due to high complexity: strings"},
    {3, 400, "secret id", "invalid secret id"},
    {4, 400, "wrapping token", "wrapping token is not valid or does not exist"},
    {5, 403, "token", "permission denied"},
    {5, 400, "no namespace",
     "error performing token check: failed to look up namespace from the token: no namespace"},
    {6, 503, "sealed", "Vault is sealed"},
    {7, 404, "no mount", "no handler for route 'gone/encrypt/k'"},
    {7, 412, "header", "missing 'X-Vault-Request' header"},
};

// Results of batches of two items, in the shapes of all versions; choice 1 asks for ciphertexts.
constexpr Shape batches[] = {
    {0, "good", R"([{"plaintext":"b25l"},{"plaintext":"dHdv"}])"},
    {0, "empty 1-2", R"([{"plaintext":"b25l"},{}])"},
    {0, "empty 1-8", R"([{"plaintext":"b25l"},{"plaintext":""}])"},
    {0, "empty 1-13", R"([{"plaintext":"","reference":""},{"plaintext":"dHdv","reference":"r"}])"},
    {0, "failed 1-2", R"([{"error":"invalid ciphertext: unable to decrypt"},{"plaintext":"dHdv"}])"},
    {0, "failed 1-8", R"([{"plaintext":"","error":"invalid ciphertext: no prefix"},{"plaintext":"dHdv"}])"},
    {0, "failed 1-10",
     R"([{"plaintext":"","error":"cipher: message authentication failed","reference":""},{"plaintext":"dHdv"}])"},
    {0, "no texts", R"([{"plaintext":null,"error":""},{"plaintext":7,"error":null}])"},
    {0, "three", R"([{"plaintext":"b25l"},{"plaintext":"dHdv"},{"plaintext":"dHdv"}])"},
    {0, "object", R"({"0":{"plaintext":"b25l"}})"},
    {1, "ciphertexts 1-2", R"([{"ciphertext":"vault:v1:IgvN"},{"ciphertext":"vault:v2:IgvN"}])"},
    {1, "ciphertexts 1-5",
     R"([{"ciphertext":"vault:v1:IgvN","key_version":1},{"ciphertext":"vault:v2:IgvN","key_version":0}])"},
    {1, "ciphertexts failed",
     R"([{"error":"illegal base64 data at input byte 3"},{"ciphertext":"vault:v2:IgvN"}])"},
};

constexpr Shape items[] = {
    {2, "plaintext many times", R"({"plaintext":"b25l"})"},
    {2, "error many times", R"({"plaintext":"","error":"invalid ciphertext: version is too new"})"},
    {2, "nothing many times", "{}"},
    {3, "ciphertext many times", R"({"ciphertext":"vault:v1:IgvNgmtDYWvJ2p0lc2m","key_version":1})"},
};

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

}  // namespace

std::vector<Seed> vault_seeds() {
  constexpr char verdict = 10;  // its place in the table of vault_answer.cpp
  std::vector<Seed> seeds;
  for (const Shape& answer : answers)
    seeds.push_back({"vault_answer", std::string(answer.name), answer.choice + std::string(answer.text)});
  for (const Refusal& refusal : refusals) {
    const int status = refusal.status - 200;
    const std::string front{verdict, static_cast<char>(refusal.purpose), static_cast<char>(status >> 8),
                            static_cast<char>(status & 0xff)};
    const std::string_view quote = refusal.text.empty() ? "" : "\"";
    seeds.push_back({"vault_answer", joined({"refusal ", refusal.name}),
                     joined({front, "{\"errors\":[", quote, refusal.text, quote, "]}\n"})});
  }
  for (const Shape& batch : batches) {
    const std::string body = joined({"{\"data\":{\"batch_results\":", batch.text, "}}"});
    seeds.push_back({"vault_batch", std::string(batch.name), batch.choice + std::string("\2") + body});
    if (batch.choice == 0)  // and as the answer of a failed call
      seeds.push_back({"vault_answer", joined({"refused batch ", batch.name}),
                       std::string{verdict, 2, 0, static_cast<char>(200)} + body});
  }
  for (const Shape& item : items)
    seeds.push_back(
        {"vault_batch", std::string(item.name), item.choice + std::string("\5") + std::string(item.text)});
  return seeds;
}

}  // namespace keyway::fuzz
