// Precompiled for the Vault client's tests: what each of them includes and what takes the compiler longest.
#include <doctest/doctest.h>

#include <tests/vault/client/support.h>
