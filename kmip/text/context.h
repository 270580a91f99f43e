// What the items before and around an item say about its meaning.
#pragma once

#include <kmip/ttlv/item.h>

namespace keyway::kmip {

// Context belongs to one structure, or to the top of a message, while its items are visited in their order.
struct Context {
  bool secret = false;                       // it, or a structure around it, has a sensitive tag
  bool custom = false;                       // it is inside the value of a custom attribute
  bool vendor = false;                       // a Vendor Identification went before: 2.x custom attribute
  const AttributeInfo* attribute = nullptr;  // the Attribute Name that went before
  Tag reference{};                           // the Attribute Reference that went before

  // meaning is the registry entry that explains the value of an item `tag`: that of the attribute named
  // before an Attribute Value (1.4 §2.1.1) or an Adjustment Value (2.1 §6.1.3), else its own. Null when
  // unknown.
  const TagInfo* meaning(Tag tag) const;
  // in_custom is true when an item `tag` is (inside) the value of an attribute that nobody knows.
  bool in_custom(Tag tag) const { return custom || (tag == Tag::AttributeValue && !attribute); }
  // inside is the context at the start of the structure `tag`.
  Context inside(Tag tag) const;
  // note takes in an item that was visited; `item` is complete.
  void note(const Raw& item);
};

}  // namespace keyway::kmip
