// Precompiled for the client's tests: what each of them includes and what takes the compiler longest.
#include <doctest/doctest.h>

#include <tests/kmip/client/support.h>
