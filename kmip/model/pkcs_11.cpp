#include <kmip/model/pkcs_11.h>

namespace keyway::kmip {

constexpr Row pkcs11_request_rows[] = {
    field<&Pkcs11Request::interface>(Tag::PKCS_11Interface),
    field<&Pkcs11Request::function>(Tag::PKCS_11Function).must(),
    field<&Pkcs11Request::vendor_function>(Tag::PKCS_11Function).must(),
    field<&Pkcs11Request::correlation_value>(Tag::CorrelationValue),
    field<&Pkcs11Request::input_parameters>(Tag::PKCS_11InputParameters),
};
static_assert(well_formed(pkcs11_request_rows));
constinit const Shape Described<Pkcs11Request>::shape{pkcs11_request_rows};

constexpr Row pkcs11_response_rows[] = {
    field<&Pkcs11Response::interface>(Tag::PKCS_11Interface),
    field<&Pkcs11Response::function>(Tag::PKCS_11Function).must(),
    field<&Pkcs11Response::vendor_function>(Tag::PKCS_11Function).must(),
    field<&Pkcs11Response::correlation_value>(Tag::CorrelationValue),
    field<&Pkcs11Response::output_parameters>(Tag::PKCS_11OutputParameters),
    field<&Pkcs11Response::return_code>(Tag::PKCS_11ReturnCode),
};
static_assert(well_formed(pkcs11_response_rows));
constinit const Shape Described<Pkcs11Response>::shape{pkcs11_response_rows};

}  // namespace keyway::kmip
