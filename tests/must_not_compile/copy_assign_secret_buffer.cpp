// must not compile: a SecretBuffer has no copy assignment
#include <iostream>

#include <fmt/format.h>

#include <core/secret.h>

#ifndef SUBJECT
#define SUBJECT keyway::SecretBuffer
#endif

void copy(SUBJECT& to, const SUBJECT& from) { to = from; }
