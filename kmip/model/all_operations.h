// Every operation of KMIP 1.0 to 2.1: the list that tests, tools and the server go by. A new operation is one
// more row here.
#pragma once

#include <memory>
#include <span>

#include <kmip/model/activate.h>
#include <kmip/model/add_attribute.h>
#include <kmip/model/adjust_attribute.h>
#include <kmip/model/archive.h>
#include <kmip/model/cancel.h>
#include <kmip/model/certify.h>
#include <kmip/model/check.h>
#include <kmip/model/create.h>
#include <kmip/model/create_key_pair.h>
#include <kmip/model/create_split_key.h>
#include <kmip/model/decrypt.h>
#include <kmip/model/delegated_login.h>
#include <kmip/model/delete_attribute.h>
#include <kmip/model/derive_key.h>
#include <kmip/model/destroy.h>
#include <kmip/model/discover_versions.h>
#include <kmip/model/encrypt.h>
#include <kmip/model/export.h>
#include <kmip/model/get.h>
#include <kmip/model/get_attribute_list.h>
#include <kmip/model/get_attributes.h>
#include <kmip/model/get_constraints.h>
#include <kmip/model/get_usage_allocation.h>
#include <kmip/model/hash.h>
#include <kmip/model/import.h>
#include <kmip/model/interop.h>
#include <kmip/model/join_split_key.h>
#include <kmip/model/locate.h>
#include <kmip/model/log.h>
#include <kmip/model/login.h>
#include <kmip/model/logout.h>
#include <kmip/model/mac.h>
#include <kmip/model/mac_verify.h>
#include <kmip/model/modify_attribute.h>
#include <kmip/model/notify.h>
#include <kmip/model/obtain_lease.h>
#include <kmip/model/ping.h>
#include <kmip/model/pkcs_11.h>
#include <kmip/model/poll.h>
#include <kmip/model/process.h>
#include <kmip/model/put.h>
#include <kmip/model/query.h>
#include <kmip/model/query_asynchronous_requests.h>
#include <kmip/model/re_certify.h>
#include <kmip/model/re_key.h>
#include <kmip/model/re_key_key_pair.h>
#include <kmip/model/re_provision.h>
#include <kmip/model/recover.h>
#include <kmip/model/register.h>
#include <kmip/model/revoke.h>
#include <kmip/model/rng_retrieve.h>
#include <kmip/model/rng_seed.h>
#include <kmip/model/set_attribute.h>
#include <kmip/model/set_constraints.h>
#include <kmip/model/set_defaults.h>
#include <kmip/model/set_endpoint_role.h>
#include <kmip/model/sign.h>
#include <kmip/model/signature_verify.h>
#include <kmip/model/validate.h>

namespace keyway::kmip {

template <class... Requests>
struct OperationList {
  // each calls visit.template operator()<Request>() for every operation.
  template <class Visit>
  static void each(Visit visit) {
    (visit.template operator()<Requests>(), ...);
  }
};

using AllOperations = OperationList<
    ActivateRequest, AddAttributeRequest, AdjustAttributeRequest, ArchiveRequest, CancelRequest,
    CertifyRequest, CheckRequest, CreateRequest, CreateKeyPairRequest, CreateSplitKeyRequest, DecryptRequest,
    DelegatedLoginRequest, DeleteAttributeRequest, DeriveKeyRequest, DestroyRequest, DiscoverVersionsRequest,
    EncryptRequest, ExportRequest, GetRequest, GetAttributeListRequest, GetAttributesRequest,
    GetConstraintsRequest, GetUsageAllocationRequest, HashRequest, ImportRequest, InteropRequest,
    JoinSplitKeyRequest, LocateRequest, LogRequest, LoginRequest, LogoutRequest, MacRequest, MacVerifyRequest,
    ModifyAttributeRequest, NotifyRequest, ObtainLeaseRequest, PingRequest, Pkcs11Request, PollRequest,
    ProcessRequest, PutRequest, QueryRequest, QueryAsynchronousRequestsRequest, ReCertifyRequest,
    ReKeyRequest, ReKeyKeyPairRequest, ReProvisionRequest, RecoverRequest, RegisterRequest, RevokeRequest,
    RngRetrieveRequest, RngSeedRequest, SetAttributeRequest, SetConstraintsRequest, SetDefaultsRequest,
    SetEndpointRoleRequest, SignRequest, SignatureVerifyRequest, ValidateRequest>;

}  // namespace keyway::kmip
