// must not compile: fmt does not print a SecretBuffer
#include <iostream>

#include <fmt/format.h>

#include <core/secret.h>

#ifndef SUBJECT
#define SUBJECT keyway::SecretBuffer
#endif

std::string print(const SUBJECT& buffer) { return fmt::format("{}", buffer); }
