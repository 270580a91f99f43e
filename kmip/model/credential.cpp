#include <kmip/model/credential.h>

namespace keyway::kmip {

constexpr Row credential_rows[] = {
    field<&Credential::type>(Tag::CredentialType),
    field<&Credential::value>(Tag::CredentialValue).of(Type::Structure).secret(),
};
static_assert(well_formed(credential_rows));
constinit const Shape Described<Credential>::shape{credential_rows};

constexpr Row username_and_password_rows[] = {
    field<&UsernameAndPassword::username>(Tag::Username),
    field<&UsernameAndPassword::password>(Tag::Password).secret(),
};
static_assert(well_formed(username_and_password_rows));
constinit const Shape Described<UsernameAndPassword>::shape{username_and_password_rows};

constexpr Row authentication_rows[] = {
    field<&Authentication::credentials>(Tag::Credential).must(),
};
static_assert(well_formed(authentication_rows));
constinit const Shape Described<Authentication>::shape{authentication_rows};

}  // namespace keyway::kmip
