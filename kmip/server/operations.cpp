#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

using enum Version;

template <OperationRequest Request, Outcome<> (*Run)(Call&, const Request&)>
Outcome<> run(Call& call, const Raw& payload) {
  const auto request =
      decode_item<Request>(payload, Settings{call.version, Mode::strict, call.settings.limits});
  if (!request) return std::unexpected(unreadable(request.error(), "the request payload"));
  return Run(call, *request);
}

template <OperationRequest Request, Outcome<> (*Run)(Call&, const Request&)>
constexpr OperationEntry entry(Version since = V1_0, bool changes = false) {
  return {Request::operation, since, changes, run<Request, Run>};
}
constexpr bool changes = true;

constexpr OperationEntry entries[] = {
    entry<CreateRequest, create>(V1_0, changes),
    entry<CreateKeyPairRequest, create_key_pair>(V1_0, changes),
    entry<RegisterRequest, register_object>(V1_0, changes),
    entry<ReKeyRequest, re_key>(V1_0, changes),
    entry<DeriveKeyRequest, derive_key>(V1_0, changes),
    entry<LocateRequest, locate>(),
    entry<GetRequest, get>(),
    entry<GetAttributesRequest, get_attributes>(),
    entry<GetAttributeListRequest, get_attribute_list>(),
    entry<AddAttributeRequest, add_attribute>(V1_0, changes),
    entry<ModifyAttributeRequest, modify_attribute>(V1_0, changes),
    entry<DeleteAttributeRequest, delete_attribute>(V1_0, changes),
    entry<SetAttributeRequest, set_attribute>(V2_0, changes),
    entry<ActivateRequest, activate>(V1_0, changes),
    entry<RevokeRequest, revoke>(V1_0, changes),
    entry<DestroyRequest, destroy>(V1_0, changes),
    entry<ArchiveRequest, archive>(V1_0, changes),
    entry<RecoverRequest, recover>(V1_0, changes),
    entry<ObtainLeaseRequest, obtain_lease>(V1_0, changes),
    entry<CheckRequest, check>(),
    entry<QueryRequest, query>(),
    entry<DiscoverVersionsRequest, discover_versions>(V1_1),
    entry<EncryptRequest, encrypt>(V1_2),
    entry<DecryptRequest, decrypt>(V1_2),
    entry<SignRequest, sign>(V1_2),
    entry<SignatureVerifyRequest, signature_verify>(V1_2),
    entry<MacRequest, mac>(V1_2),
    entry<MacVerifyRequest, mac_verify>(V1_2),
    entry<HashRequest, hash>(V1_2),
    entry<RngRetrieveRequest, rng_retrieve>(V1_2),
    entry<RngSeedRequest, rng_seed>(V1_2),
    entry<PollRequest, poll>(),
    entry<CancelRequest, cancel>(),
    entry<ImportRequest, import_object>(V1_4, changes),
    entry<ExportRequest, export_object>(V1_4),
    entry<LogRequest, log>(V2_0),
    entry<PingRequest, ping>(V2_1),
};

bool offered(const OperationEntry& entry, Version version, const Quirks& quirks) {
  if (entry.since > version) return false;
  switch (entry.operation) {
    case Operation::DiscoverVersions: return !quirks.no_discover_versions;
    case Operation::Encrypt:
    case Operation::Decrypt: return !quirks.no_encrypt;
    default: return true;
  }
}

}  // namespace

const OperationEntry* find_operation(Operation operation, Version version, const Quirks& quirks) {
  for (const OperationEntry& entry : entries)
    if (entry.operation == operation) return offered(entry, version, quirks) ? &entry : nullptr;
  return nullptr;
}

std::vector<Operation> all_operations(Version version, const Quirks& quirks) {
  std::vector<Operation> operations;
  for (const OperationEntry& entry : entries)
    if (offered(entry, version, quirks)) operations.push_back(entry.operation);
  return operations;
}

Refused unreadable(const CodecError& error, Text what) {
  const bool unknown_field = error.code == Errc::unknown_tag || error.code == Errc::not_in_version;
  return {unknown_field ? reason::invalid_field : reason::invalid_message,
          fmt::format("{} cannot be read: {}", what, describe(error))};
}

}  // namespace keyway::kmip::server
