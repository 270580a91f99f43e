// Reads messages from stdin, each a line of hexadecimal digits, and says of each on a line of stdout whether
// the typed model takes it strictly and encodes it to the same bytes: "same", or what is wrong.
#include <iostream>
#include <string>

#include <core/hex.h>
#include <tests/kmip/properties.h>

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const auto message = keyway::from_hex(line);
    const std::string wrong =
        message ? keyway::test::nonconformity(message->reveal()) : keyway::describe(message.error());
    std::cout << (wrong.empty() ? "same" : wrong) << std::endl;
  }
}
