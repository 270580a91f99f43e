// Precompiled for the tests of Vault's requests and answers: what each of them includes and takes longest.
#include <tests/vault/support.h>
