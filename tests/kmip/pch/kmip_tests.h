// Precompiled for the tests of model, codec and text: what takes the compiler longest in most of them.
#include <doctest/doctest.h>

#include <kmip/model/message.h>
#include <kmip/model/operations.h>
#include <tests/kmip/hex.h>
