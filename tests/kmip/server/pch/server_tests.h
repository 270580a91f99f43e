// Precompiled for the server's tests: what each of them includes and what takes the compiler longest.
#include <doctest/doctest.h>

#include <tests/kmip/server/support.h>
