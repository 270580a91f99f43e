// must not compile: a SecretBuffer has no copy constructor
#include <iostream>

#include <fmt/format.h>

#include <core/secret.h>

#ifndef SUBJECT
#define SUBJECT keyway::SecretBuffer
#endif

SUBJECT copy(const SUBJECT& buffer) { return buffer; }
