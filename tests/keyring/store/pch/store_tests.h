// Precompiled for the store's tests: what each of them includes and what takes the compiler longest.
#include <doctest/doctest.h>

#include <tests/keyring/store/support.h>
