// must not compile: a stream does not print a SecretBuffer
#include <iostream>

#include <fmt/format.h>

#include <core/secret.h>

#ifndef SUBJECT
#define SUBJECT keyway::SecretBuffer
#endif

void print(const SUBJECT& buffer) { std::cout << buffer; }
