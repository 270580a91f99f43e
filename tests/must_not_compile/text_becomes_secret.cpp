// must not compile: a text does not become a Secret without a word about it
#include <iostream>

#include <fmt/format.h>

#include <core/secret.h>

#ifndef SUBJECT
#define SUBJECT keyway::Secret
#endif

SUBJECT made() { return keyway::Text("0123456789abcdef"); }
