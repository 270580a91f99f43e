// Walking over messages in order to write them in another form. Inside kmip/text.
#pragma once

#include <kmip/text/context.h>
#include <kmip/ttlv/error.h>
#include <kmip/ttlv/limits.h>

namespace keyway::kmip {

class ItemVisitor {
 public:
  virtual void open(const Raw& structure, std::uint32_t depth) = 0;
  virtual void close(const Raw& structure, std::uint32_t depth) = 0;
  // value is any item that is not a structure; `meaning` may be null.
  virtual void value(const Raw& item, const TagInfo* meaning, std::uint32_t depth) = 0;

 protected:
  ~ItemVisitor() = default;
};

// visit walks over one message, all of it or, when it is damaged, nothing of it.
Decoded<void> visit(Bytes message, const Limits& limits, ItemVisitor& visitor);

// visit_all is the same for several messages that stand one after another; `limits` are for each.
Decoded<void> visit_all(Bytes messages, const Limits& limits, ItemVisitor& visitor);

// is_one_message is true unless something follows the first item of `messages`.
bool is_one_message(Bytes messages);

}  // namespace keyway::kmip
