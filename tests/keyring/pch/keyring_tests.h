// Precompiled for the keyring's tests: what each of them includes and what takes the compiler longest.
#include <tests/keyring/support.h>
