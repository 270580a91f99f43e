#include <kmip/model/derivation_parameters.h>

namespace keyway::kmip {

using enum Version;

constexpr Row derivation_parameters_rows[] = {
    field<&DerivationParameters::cryptographic_parameters>(Tag::CryptographicParameters),
    field<&DerivationParameters::initialization_vector>(Tag::InitializationVector),
    field<&DerivationParameters::derivation_data>(Tag::DerivationData).many_from(V2_0).secret(),
    field<&DerivationParameters::salt>(Tag::Salt),
    field<&DerivationParameters::iteration_count>(Tag::IterationCount),
};
static_assert(well_formed(derivation_parameters_rows));
constinit const Shape Described<DerivationParameters>::shape{derivation_parameters_rows};

}  // namespace keyway::kmip
