// must not compile: fmt does not print a Secret
#include <iostream>

#include <fmt/format.h>

#include <core/secret.h>

#ifndef SUBJECT
#define SUBJECT keyway::Secret
#endif

std::string print(const SUBJECT& secret) { return fmt::format("{}", secret); }
