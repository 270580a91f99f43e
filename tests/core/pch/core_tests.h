// Precompiled for the tests of core: what each of them includes and what takes the compiler longest.
#include <tests/core/support.h>
