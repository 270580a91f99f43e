#include <algorithm>

#include <core/hex.h>
#include <kmip/text/variables.h>

namespace keyway::kmip {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_sign(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

}  // namespace

Result<void> Variables::set(std::string name, Secret value) {
  if (name.empty() || !is_letter(name.front()) || !std::ranges::all_of(name, is_name_sign))
    return fail_with_advice(ErrorKind::invalid_input,
                            "use letters, digits and '_', not starting with a digit",
                            "\"{}\" is not the name of a variable", printable(name, 40));
  values_.insert_or_assign(std::move(name), std::move(value));
  return {};
}

const Secret* Variables::find(Text name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? nullptr : &at->second;
}

Text placeholder_name(Text text) {
  text.remove_prefix(1);
  if (text.empty() || !is_letter(text.front())) return {};
  const auto end = std::ranges::find_if_not(text, is_name_sign);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

Substituted substitute(Text text, const Variables& variables, Missing missing, SecretBuffer& out) {
  Substituted done;
  while (true) {
    const std::size_t at = std::min(text.find('$'), text.size());
    out.append(text.substr(0, at));
    text.remove_prefix(at);
    if (text.empty()) return done;
    const Text name = placeholder_name(text);
    const Text placeholder = text.substr(0, 1 + name.size());
    text.remove_prefix(placeholder.size());
    if (const Secret* value = name.empty() ? nullptr : variables.find(name)) {
      out.append(value->reveal_text());
      done.replaced = true;
    } else if (name.empty() || missing == Missing::stays) {
      out.append(placeholder);
    } else {
      out.append(to_hex(bytes_of(placeholder)));
    }
    if (!name.empty() && !variables.find(name)) done.missing.emplace_back(name);
  }
}

void tell_all(const Unset& unset, Error& error) {
  const std::string first = error.what;
  Text separator = "; neither have ";
  error.advice = unset.names.size() == 1 ? "give it one:" : "give them values:";
  for (const std::string& name : unset.names) {
    const std::string shown = printable(name, 64);
    error.advice += fmt::format(" --var {}=VALUE", shown);
    if (first.ends_with(fmt::format(" {} has no value", shown))) continue;
    error.what += fmt::format("{}{}", separator, shown);
    separator = ", ";
  }
}

}  // namespace keyway::kmip
