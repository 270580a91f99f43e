// Writes the seed files: usage: write-seeds FOLDER. One folder for each target, one file for each sample.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include <core/wrapped_key.h>
#include <fuzz/keyring_seeds.h>
#include <fuzz/message.h>
#include <fuzz/vault_seeds.h>
#include <kmip/model/operations.h>
#include <kmip/text/convert.h>
#include <tests/kmip/corpus.h>

using namespace keyway;

namespace {

class Folder {
 public:
  explicit Folder(const std::filesystem::path& path) : path_(path) {
    std::filesystem::create_directories(path_);
  }

  // add writes `front`, then `bytes`. Any sign in `name` that is not a letter or a digit becomes '-'.
  void add(std::string name, std::string_view front, Bytes bytes) const {
    std::ranges::replace_if(
        name,
        [](char c) { return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')); },
        '-');
    std::ofstream out(path_ / name, std::ios::binary);
    out << front << text_of(bytes);
    if (!out.flush()) throw std::filesystem::filesystem_error("cannot write", path_ / name, {});
  }

 private:
  std::filesystem::path path_;
};

void write_messages(const std::filesystem::path& root) {
  const Folder requests(root / "request");
  const Folder responses(root / "response");
  const Folder items(root / "ttlv");
  // The generations that differ most; the fuzzer tries each message at every version by its first byte.
  for (const kmip::Version version : {kmip::Version::V1_0, kmip::Version::V1_4, kmip::Version::V2_1})
    for (const test::Sample& sample : test::corpus(version)) {
      const std::string name = std::string(kmip::name(version)) + " " + sample.name;
      const auto mode = static_cast<char>(version);
      (sample.response ? responses : requests).add(name, {&mode, 1}, sample.bytes);
      if (version == kmip::Version::V1_4) items.add(name, {"\0", 1}, sample.bytes);
    }
}

// Choices for each operation and direction, as many as fill most of its fields and harm some of them.
void write_payloads(const std::filesystem::path& root) {
  const Folder payloads(root / "payload");
  const auto operations = kmip::all_operations();
  for (std::size_t i = 0; i < operations.size(); ++i)
    for (const bool response : {false, true}) {
      OwnedBytes choices = {static_cast<std::byte>(i), static_cast<std::byte>(response)};
      std::uint32_t number = static_cast<std::uint32_t>(2 * i + (response ? 1 : 0));
      while (choices.size() < 96) {
        number = number * 1'103'515'245 + 12'345;
        choices.push_back(static_cast<std::byte>(number >> 16));
      }
      payloads.add(kmip::name(operations[i].operation) + (response ? " response" : " request"), "", choices);
    }
}

// Messages with every field, in the forms of text, and by hand what the writers do not write.
void write_texts(const std::filesystem::path& root) {
  using kmip::Encoding;
  const Folder xml(root / "xml");
  const Folder json(root / "json");
  const Folder convert(root / "convert");
  for (const kmip::Version version : {kmip::Version::V1_4, kmip::Version::V2_1})
    for (const test::Sample& sample : test::corpus(version)) {
      if (sample.name.find("all fields") == std::string::npos && sample.name.find("key") == std::string::npos)
        continue;
      const std::string name = std::string(kmip::name(version)) + " " + sample.name;
      const auto add = [&](const Folder& folder, std::string_view front, Encoding encoding) {
        const auto text = kmip::write_messages(sample.bytes, encoding);
        if (text) folder.add(name, front, text->view());
      };
      add(xml, {}, Encoding::xml);
      add(json, {}, Encoding::json);
      add(convert, "\1", version == kmip::Version::V1_4 ? Encoding::base64 : Encoding::hex);
    }
  const std::pair<std::string, std::string_view> by_hand[] = {
      {"several", "<KMIP><BatchCount type=\"Integer\" value=\"1\"/><!-- --><BatchCount value='0x2'/></KMIP>"},
      {"general form", "<TTLV tag=\"0x540001\" name=\"x\"><0x540002 type=\"0x7F\" hex=\"0102\"/></TTLV>"},
      {"content", "<NameValue type=\"TextString\">a<![CDATA[<&#0;>]]>&#x20ac;&amp;</NameValue>"},
      {"masks", "<CryptographicUsageMask type=\"Integer\" value=\"MAC Generate|Sign 0x80000000\"/>"},
      {"dates",
       "<KMIP><TimeStamp type=\"DateTimeExtended\" value=\"1969-12-31T23:59:59.999999-10:00\"/>"
       "<TimeStamp type=\"DateTime\" value=\"$NOW-3600\"/></KMIP>"},
      {"declaration",
       "\xef\xbb\xbf<?xml version=\"1.0\"?>\n<k:BatchItem xmlns:k=\"urn:oasis:tc:kmip:xmlns\"/>"},
  };
  for (const auto& [name, text] : by_hand) xml.add(name, text, {});
  const std::pair<std::string, std::string_view> json_by_hand[] = {
      {"several", "[{\"tag\":\"BatchCount\",\"value\":1}]\n{\"value\":null,\"tag\":\"BatchItem\"}"},
      {"escapes",
       "{\"tag\":\"NameValue\",\"type\":\"TextString\",\"value\":\"\\u0000\\ud83d\\ude00\\n\\/\"}"},
      {"bytes", "{\"tag\":\"0x540001\",\"type\":\"0x7F\",\"hex\":\"0102\",\"other\":[{\"a\":-1.5e3},true]}"},
      {"numbers",
       "[{\"tag\":\"X\",\"type\":\"BigInteger\",\"value\":-1},"
       "{\"tag\":\"UsageLimitsCount\",\"type\":\"LongInteger\",\"value\":\"0x8000000000000000\"}]"},
  };
  for (const auto& [name, text] : json_by_hand) json.add(name, text, {});
}

WrappedKey wrapped_key(decltype(WrappedKey::mechanism) mechanism) {
  WrappedKey key;
  key.key_id = "49a1ca88-6bea-4fb2-b450-7e58802c3038";
  key.mechanism = std::move(mechanism);
  key.ciphertext = OwnedBytes(48, std::byte{0xc1});
  key.check_value.fill(std::byte{0xcf});
  return key;
}

void write_wrapped_keys(const std::filesystem::path& root) {
  const Folder folder(root / "wrapped_key");
  const OwnedBytes iv(12, std::byte{1});
  const OwnedBytes tag(16, std::byte{2});
  KmipMechanism kmip;
  kmip.cryptographic_algorithm = 3;
  kmip.block_cipher_mode = 9;
  kmip.tag_place = KmipMechanism::TagPlace::field;
  kmip.tag_length = 16;
  kmip.iv = iv;
  kmip.tag = tag;
  kmip.version_major = 1;
  kmip.version_minor = 4;
  kmip.vendor = "a vendor";
  const std::pair<std::string, WrappedKey> keys[] = {
      {"local", wrapped_key(LocalMechanism{iv, tag})},
      {"kmip", wrapped_key(kmip)},
      {"vault", wrapped_key(VaultMechanism{"transit", "team-a"})},
  };
  for (const auto& [name, key] : keys) {
    const OwnedBytes binary = to_binary(key);
    folder.add(name + " binary", {}, binary);
    folder.add(name + " without checksum", {}, Bytes(binary).first(binary.size() - 8));
    folder.add(name + " text", to_text(key), {});
  }
}

// HTTP answers; the bytes in front choose what was asked, the limits and how many bytes come at a time.
void write_http(const std::filesystem::path& root) {
  const Folder folder(root / "http_response");
  const std::pair<std::string, std::string_view> answers[] = {
      {"length",
       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"data\":null}\n"},
      {"chunks",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n00A\r\n0123456789\r\n"
       "0\r\nTrailer: x\r\n\r\n"},
      {"close", "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"},
      {"no body", "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"},
      {"interim", "HTTP/1.1 100 Continue\r\nA:\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"},
      {"redirect",
       "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://b:8200/v1/x?y=z\r\nRetry-After: 3\r\n"
       "Connection: close\r\nContent-Length: 0\r\n\r\n"},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"folded", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n"},
      {"upgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"},
      {"version 2", "HTTP/2.0 200 OK\r\n\r\n"},
  };
  for (const auto& [name, text] : answers) {
    folder.add(name, std::string_view("\0\0\7", 3), bytes_of(text));
    folder.add(name + " then closed", std::string_view("\x81\0\1", 3), bytes_of(text));
  }
  folder.add("head", std::string_view("\2\0\3", 3), bytes_of(answers[0].second));
  folder.add("limits", std::string_view("\0\xff\2", 3), bytes_of(answers[1].second));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "usage: write-seeds FOLDER\n");
    return 2;
  }
  try {
    write_messages(arguments[1]);
    write_payloads(arguments[1]);
    write_texts(arguments[1]);
    write_wrapped_keys(arguments[1]);
    write_http(arguments[1]);
    for (const auto& seeds : {fuzz::vault_seeds(), fuzz::keyring_seeds()})
      for (const fuzz::Seed& seed : seeds)
        Folder(std::filesystem::path(arguments[1]) / seed.target).add(seed.name, seed.bytes, {});
  } catch (const std::exception& problem) {
    fmt::print(stderr, "write-seeds: {}\n", problem.what());
    return 1;
  }
  return 0;
}
