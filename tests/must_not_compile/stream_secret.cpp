// must not compile: a stream does not print a Secret
#include <iostream>

#include <fmt/format.h>

#include <core/secret.h>

#ifndef SUBJECT
#define SUBJECT keyway::Secret
#endif

void print(const SUBJECT& secret) { std::cout << secret; }
