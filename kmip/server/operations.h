// The operations the server has. Each is a function of the call and the decoded request, in a file of its
// group; find_operation is the way from the wire to it.
#pragma once

#include <vector>

#include <kmip/model/activate.h>
#include <kmip/model/add_attribute.h>
#include <kmip/model/archive.h>
#include <kmip/model/cancel.h>
#include <kmip/model/check.h>
#include <kmip/model/create.h>
#include <kmip/model/create_key_pair.h>
#include <kmip/model/decrypt.h>
#include <kmip/model/delete_attribute.h>
#include <kmip/model/derive_key.h>
#include <kmip/model/destroy.h>
#include <kmip/model/discover_versions.h>
#include <kmip/model/encrypt.h>
#include <kmip/model/export.h>
#include <kmip/model/get.h>
#include <kmip/model/get_attribute_list.h>
#include <kmip/model/get_attributes.h>
#include <kmip/model/hash.h>
#include <kmip/model/import.h>
#include <kmip/model/locate.h>
#include <kmip/model/log.h>
#include <kmip/model/mac.h>
#include <kmip/model/mac_verify.h>
#include <kmip/model/modify_attribute.h>
#include <kmip/model/obtain_lease.h>
#include <kmip/model/ping.h>
#include <kmip/model/poll.h>
#include <kmip/model/query.h>
#include <kmip/model/re_key.h>
#include <kmip/model/recover.h>
#include <kmip/model/register.h>
#include <kmip/model/revoke.h>
#include <kmip/model/rng_retrieve.h>
#include <kmip/model/rng_seed.h>
#include <kmip/model/set_attribute.h>
#include <kmip/model/sign.h>
#include <kmip/model/signature_verify.h>
#include <kmip/server/call.h>

namespace keyway::kmip::server {

Outcome<> create(Call& call, const CreateRequest& request);
Outcome<> create_key_pair(Call& call, const CreateKeyPairRequest& request);
Outcome<> register_object(Call& call, const RegisterRequest& request);
Outcome<> derive_key(Call& call, const DeriveKeyRequest& request);
Outcome<> import_object(Call& call, const ImportRequest& request);
Outcome<> export_object(Call& call, const ExportRequest& request);
Outcome<> re_key(Call& call, const ReKeyRequest& request);
Outcome<> get(Call& call, const GetRequest& request);
Outcome<> get_attributes(Call& call, const GetAttributesRequest& request);
Outcome<> get_attribute_list(Call& call, const GetAttributeListRequest& request);
Outcome<> add_attribute(Call& call, const AddAttributeRequest& request);
Outcome<> modify_attribute(Call& call, const ModifyAttributeRequest& request);
Outcome<> delete_attribute(Call& call, const DeleteAttributeRequest& request);
Outcome<> set_attribute(Call& call, const SetAttributeRequest& request);
Outcome<> locate(Call& call, const LocateRequest& request);
Outcome<> activate(Call& call, const ActivateRequest& request);
Outcome<> revoke(Call& call, const RevokeRequest& request);
Outcome<> destroy(Call& call, const DestroyRequest& request);
Outcome<> archive(Call& call, const ArchiveRequest& request);
Outcome<> recover(Call& call, const RecoverRequest& request);
Outcome<> obtain_lease(Call& call, const ObtainLeaseRequest& request);
Outcome<> check(Call& call, const CheckRequest& request);
Outcome<> encrypt(Call& call, const EncryptRequest& request);
Outcome<> decrypt(Call& call, const DecryptRequest& request);
Outcome<> hash(Call& call, const HashRequest& request);
Outcome<> sign(Call& call, const SignRequest& request);
Outcome<> signature_verify(Call& call, const SignatureVerifyRequest& request);
Outcome<> mac(Call& call, const MacRequest& request);
Outcome<> mac_verify(Call& call, const MacVerifyRequest& request);
Outcome<> rng_retrieve(Call& call, const RngRetrieveRequest& request);
Outcome<> rng_seed(Call& call, const RngSeedRequest& request);
Outcome<> query(Call& call, const QueryRequest& request);
Outcome<> discover_versions(Call& call, const DiscoverVersionsRequest& request);
Outcome<> poll(Call& call, const PollRequest& request);
Outcome<> cancel(Call& call, const CancelRequest& request);
Outcome<> ping(Call& call, const PingRequest& request);
Outcome<> log(Call& call, const LogRequest& request);

struct OperationEntry {
  Operation operation{};
  Version since{};
  bool changes = false;  // changes an object: must not run when its answer would not fit
  Outcome<> (*run)(Call& call, const Raw& payload) = nullptr;
};

// find_operation is null for what the server does not have, at this version or by its quirks.
const OperationEntry* find_operation(Operation operation, Version version, const Quirks& quirks);
std::vector<Operation> all_operations(Version version, const Quirks& quirks);

// unreadable says what is wrong with a part of a request, with the reason of 1.4 §11.1.
Refused unreadable(const CodecError& error, Text what);

}  // namespace keyway::kmip::server
