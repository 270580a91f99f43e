// must not compile: a Secret has no copy constructor, copies are made with duplicate()
#include <iostream>

#include <fmt/format.h>

#include <core/secret.h>

#ifndef SUBJECT
#define SUBJECT keyway::Secret
#endif

SUBJECT copy(const SUBJECT& secret) { return secret; }
