// must compile: the control. What the other cases do to secrets, done the allowed way.
#include <iostream>

#include <fmt/format.h>

#include <core/secret.h>

int main() {
  keyway::Secret secret(keyway::Text("0123456789abcdef"));
  keyway::Secret copy = secret.duplicate();
  secret = std::move(copy);
  keyway::SecretBuffer buffer;
  buffer.append("text");
  keyway::SecretBuffer moved = std::move(buffer);
  std::cout << fmt::format("{} bytes, {} bytes\n", secret.size(), moved.size());
  return secret == secret.duplicate() ? 0 : 1;
}
