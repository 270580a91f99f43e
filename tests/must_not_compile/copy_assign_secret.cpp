// must not compile: a Secret has no copy assignment, copies are made with duplicate()
#include <iostream>

#include <fmt/format.h>

#include <core/secret.h>

#ifndef SUBJECT
#define SUBJECT keyway::Secret
#endif

void copy(SUBJECT& to, const SUBJECT& from) { to = from; }
