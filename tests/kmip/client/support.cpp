#include <kmip/model/discover_versions.h>
#include <tests/core/net/fixture.h>
#include <tests/kmip/client/support.h>

namespace keyway::kmip::test {

std::shared_ptr<const net::TlsContext> server_tls() {
  static const auto context = net::test::server_context(net::test::pki().server);
  return context;
}

std::shared_ptr<const net::TlsContext> client_tls() {
  static const auto context = net::test::client_context(net::test::pki().client);
  return context;
}

ClientSettings settings_for(const net::Endpoint& endpoint) {
  ClientSettings settings;
  settings.endpoint = endpoint;
  settings.tls = client_tls();
  settings.version = Version::V1_4;
  return settings;
}

CreateRequest aes_key() {
  CreateRequest request;
  request.attributes.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::AES);
  request.attributes.add(Tag::CryptographicLength, std::int32_t{256});
  request.attributes.add(Tag::CryptographicUsageMask,
                         CryptographicUsageMask::Encrypt | CryptographicUsageMask::Decrypt);
  return request;
}

GetAttributeListRequest attribute_list_of(std::string_view id) {
  GetAttributeListRequest request;
  request.unique_identifier = Identifier(id);
  return request;
}

GetRequest get_of(std::string_view id) {
  GetRequest request;
  request.unique_identifier = Identifier(id);
  return request;
}

OwnedBytes created(Text id) {
  CreateResponse answer;
  answer.unique_identifier = id;
  return response({success(Operation::Create, payload_of(answer))});
}

OwnedBytes activated(Text id) {
  return response({success(Operation::Activate, payload_of(ActivateResponse{id}))});
}

OwnedBytes got(Text id) {
  GetResponse answer;
  answer.object_type = ObjectType::SymmetricKey;
  answer.unique_identifier = id;
  KeyBlock& block = answer.object.symmetric_key.emplace().key_block;
  block.key_value.emplace().key_material.emplace(OwnedBytes(16));
  block.cryptographic_algorithm = CryptographicAlgorithm::AES;
  block.cryptographic_length = 128;
  return response({success(Operation::Get, payload_of(answer))});
}

OwnedBytes listed(const std::vector<Text>& ids) {
  std::vector<Item> items;
  for (const Text id : ids) {
    GetAttributeListResponse answer;
    answer.names.ids = {Tag::State};
    answer.unique_identifier = id;
    items.push_back(success(Operation::GetAttributeList, payload_of(answer)));
    if (ids.size() > 1) items.back().id = static_cast<std::uint32_t>(items.size());
  }
  return response(items);
}

OwnedBytes discovered(std::vector<ProtocolNumber> versions) {
  DiscoverVersionsResponse answer;
  for (const ProtocolNumber& number : versions) answer.protocol_versions.emplace_back(number);
  return response({success(Operation::DiscoverVersions, payload_of(answer))});
}

}  // namespace keyway::kmip::test
