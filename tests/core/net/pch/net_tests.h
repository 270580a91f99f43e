// Precompiled for the tests of core/net: what each of them includes and what takes the compiler longest.
#include <doctest/doctest.h>

#include <tests/core/net/fixture.h>
