// The $NAME placeholders in the values of XML and JSON messages, as the OASIS test cases use them.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

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
  // keep_unset lets placeholders without value stand for themselves in Byte Strings too, as the bytes of
  // their text. Only for callers who tell which these are: what is in there is not what was meant.
  void keep_unset() { keeps_unset_ = true; }
  bool keeps_unset() const { return keeps_unset_; }
  std::chrono::sys_seconds now() const { return now_; }

 private:
  std::map<std::string, Secret, std::less<>> values_;
  std::chrono::sys_seconds now_;
  bool keeps_unset_ = false;
};

// Unset gathers the names that had no value.
struct Unset {
  std::set<std::string, std::less<>> names;
  // Zero stands in for any value that needs one of these, so that a text can be read to its end for all
  // names.
  bool only_names = false;
};

// tell_all adds to `error`, which is about variables without value, the names of the others.
void tell_all(const Unset& unset, Error& error);

// placeholder_name is the name at the start of `text`, which begins with '$'; empty when there is none.
Text placeholder_name(Text text);

// Substituted is what became of the placeholders in a text.
struct Substituted {
  bool replaced = false;             // at least one had a value
  std::vector<std::string> missing;  // the names of the others
};
// Missing is what a placeholder without value becomes: it stays as it is, or its bytes in hexadecimal.
enum class Missing : std::uint8_t { stays, as_hex };

// substitute appends `text` to `out` with each placeholder that has a value replaced.
Substituted substitute(Text text, const Variables& variables, Missing missing, SecretBuffer& out);

}  // namespace keyway::kmip
