// Every operation of the model, for tests and fuzz targets that have to go through all of them.
#pragma once

#include <kmip/model/activate.h>
#include <kmip/model/create.h>
#include <kmip/model/decrypt.h>
#include <kmip/model/destroy.h>
#include <kmip/model/discover_versions.h>
#include <kmip/model/encrypt.h>
#include <kmip/model/get.h>
#include <kmip/model/get_attribute_list.h>
#include <kmip/model/get_attributes.h>
#include <kmip/model/locate.h>
#include <kmip/model/message.h>
#include <kmip/model/query.h>
#include <kmip/model/register.h>
#include <kmip/model/revoke.h>

namespace keyway::test {

template <class... Requests>
struct OperationList {
  // each calls visit.template operator()<Request>() for every operation.
  template <class Visit>
  static void each(Visit visit) {
    (visit.template operator()<Requests>(), ...);
  }
};

using Operations =
    OperationList<kmip::ActivateRequest, kmip::CreateRequest, kmip::DecryptRequest, kmip::DestroyRequest,
                  kmip::DiscoverVersionsRequest, kmip::EncryptRequest, kmip::GetRequest,
                  kmip::GetAttributeListRequest, kmip::GetAttributesRequest, kmip::LocateRequest,
                  kmip::QueryRequest, kmip::RegisterRequest, kmip::RevokeRequest>;

}  // namespace keyway::test
