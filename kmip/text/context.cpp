#include <kmip/text/context.h>
#include <kmip/text/names.h>

namespace keyway::kmip {

const TagInfo* Context::meaning(Tag tag) const {
  if (tag == Tag::AttributeValue && attribute) return find(attribute->tag);
  if (tag == Tag::AdjustmentValue && reference != Tag{}) return find(reference);
  return find(tag);
}

Context Context::inside(Tag tag) const {
  const TagInfo* info = meaning(tag);
  Context content;
  content.secret = secret || (info && info->sensitive);
  content.custom = in_custom(tag);
  return content;
}

void Context::note(const Raw& item) {
  if (item.tag == Tag::VendorIdentification) vendor = true;
  if (item.tag == Tag::AttributeName && !vendor) attribute = attribute_by_name(text_of(item.value));
  if (item.tag == Tag::AttributeReference && item.type == Type::Enumeration)
    reference = static_cast<Tag>(load32(item.value.data()));
}

}  // namespace keyway::kmip
