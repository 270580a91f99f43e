// must not compile: a Secret does not become a text without reveal_text()
#include <iostream>

#include <fmt/format.h>

#include <core/secret.h>

#ifndef SUBJECT
#define SUBJECT keyway::Secret
#endif

keyway::Text made(const SUBJECT& secret) { return secret; }
