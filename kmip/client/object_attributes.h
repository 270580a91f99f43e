// Operations on the attributes of managed objects. See perform.h for what
// all of them have in common.
#pragma once

#include <kmip/client/perform.h>
#include <kmip/model/add_attribute.h>
#include <kmip/model/adjust_attribute.h>
#include <kmip/model/delete_attribute.h>
#include <kmip/model/get_attribute_list.h>
#include <kmip/model/get_attributes.h>
#include <kmip/model/modify_attribute.h>
#include <kmip/model/set_attribute.h>

namespace keyway::kmip {

// get_attributes reads attributes; all of them when none is named.
template <class Client, class... Token>
auto get_attributes(Client& client, GetAttributesRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// get_attribute_list asks which attributes an object has.
template <class Client, class... Token>
auto get_attribute_list(Client& client, GetAttributeListRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// add_attribute adds an attribute, or one more instance of it.
template <class Client, class... Token>
auto add_attribute(Client& client, AddAttributeRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// modify_attribute gives an attribute another value.
template <class Client, class... Token>
auto modify_attribute(Client& client, ModifyAttributeRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// delete_attribute takes an attribute away.
template <class Client, class... Token>
auto delete_attribute(Client& client, DeleteAttributeRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// set_attribute gives an attribute of one instance a value, there or not (2.0).
template <class Client, class... Token>
auto set_attribute(Client& client, SetAttributeRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// adjust_attribute adds to or negates an attribute (2.0).
template <class Client, class... Token>
auto adjust_attribute(Client& client, AdjustAttributeRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

}  // namespace keyway::kmip
