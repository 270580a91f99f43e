// Create (1.4 §4.1, 2.1 §6.1.8) and Register (1.4 §4.3, 2.1 §6.1.43).
#include <kmip/server/incoming.h>
#include <kmip/server/new_object.h>
#include <kmip/server/object_attributes.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

Outcome<> create(Call& call, const CreateRequest& request) {
  if (request.object_type != ObjectType::SymmetricKey)
    return refuse(reason::wrong_object_type, "only objects of type Symmetric Key can be created here");
  Object object;
  object.type = request.object_type;
  if (auto good = check_protection(request.protection_storage_masks); !good) return good;
  if (auto set = set_attributes(object, request.attributes, call.version); !set) return set;
  if (auto good = check_creatable(object); !good) return good;
  if (auto good = check_symmetric(object); !good) return good;
  if (auto given = check_usage_given(request.attributes); !given) return given;

  object.key = call.settings.random->secret(static_cast<std::size_t>(*object.length) / 8);
  if (!object.original_creation_date) object.original_creation_date = call.now;
  const auto kept = admit(call, object);
  if (!kept) return std::unexpected(kept.error());
  return call.answer(CreateResponse{(*kept)->type, call.mention(**kept), {}});
}

Outcome<> register_object(Call& call, const RegisterRequest& request) {
  auto object = take_object(request.object_type, request.object, request.attributes, call.version);
  if (!object) return std::unexpected(object.error());
  if (auto good = check_protection(request.protection_storage_masks); !good) return good;
  const auto kept = admit(call, *object);
  if (!kept) return std::unexpected(kept.error());
  return call.answer(RegisterResponse{call.mention(**kept), {}});
}

}  // namespace keyway::kmip::server
