// The $NAME placeholders in the values of XML and JSON messages, as the OASIS test cases use them.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include <core/clock.h>
#include <core/error.h>
#include <core/secret.h>

namespace keyway::kmip {

// Variables holds the texts that stand for placeholders. A name is letters, digits and '_', and does not
// start with a digit. NOW is defined for dates without being set: it is the time given here. Not thread-safe
// while it is changed.
class Variables {
 public:
  explicit Variables(std::chrono::sys_seconds now = system_clock().now()) : now_(now) {}

  // set gives `name` (without the '$') a value. Error: invalid_input for a name that cannot be one.
  Result<void> set(std::string name, Secret value);
  const Secret* find(Text name) const;  // null when not set
  std::chrono::sys_seconds now() const { return now_; }

 private:
  std::map<std::string, Secret, std::less<>> values_;
  std::chrono::sys_seconds now_;
};

// placeholder_name is the name at the start of `text`, which begins with '$'; empty when there is none.
Text placeholder_name(Text text);

// substitute appends `text` to `out` with each placeholder that has a value replaced. Returns the name of the
// first one without a value, which is left as it is; empty when there is none.
Text substitute(Text text, const Variables& variables, SecretBuffer& out);

}  // namespace keyway::kmip
