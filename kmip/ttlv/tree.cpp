#include <algorithm>

#include <core/utf8.h>
#include <kmip/ttlv/reader.h>
#include <kmip/ttlv/tree.h>

namespace keyway::kmip {

namespace {

bool fails(CodecError& error, Errc code, const Raw& item) {
  error = {.code = code, .tag = item.tag, .offset = item.offset};
  return false;
}

// cut_structure is the structure at the start of `left` that says it is longer than what is there, if that is
// what `error` is about. Its value is what is left in whole words: no item ends within one.
bool cut_structure(Bytes left, const CodecError& error, Raw& item) {
  if (error.code != Errc::truncated || left.size() < item_header_size) return false;
  const std::uint32_t head = load32(left.data());
  const Bytes value = left.subspan(item_header_size);
  item = {error.tag, static_cast<Type>(head & 0xff), value.first(value.size() / 8 * 8), error.offset};
  return item.type == Type::Structure && length_fits(item.type, load32(left.data() + 4));
}

bool read_items(Reader reader, std::uint32_t depth, const Limits& limits, Tree& tree) {
  while (!reader.done()) {
    Raw item;
    const Bytes left = reader.left();
    const bool whole = reader.next(item, tree.error);
    if (!whole && !cut_structure(left, tree.error, item)) return false;
    if (depth >= limits.depth) return fails(tree.error, Errc::too_deep, item);
    if (tree.nodes.size() >= limits.elements) return fails(tree.error, Errc::too_many, item);
    tree.nodes.push_back({item, depth});
    if (item.type == Type::Structure && !read_items(structure_content(item), depth + 1, limits, tree))
      return tree.error.under(item.tag);
    if (!whole) return fails(tree.error, Errc::truncated, item);
  }
  return true;
}

bool check_items(const Raw& item, std::uint32_t depth, const Limits& limits, std::uint32_t& count,
                 CodecError& error) {
  if (depth >= limits.depth) return fails(error, Errc::too_deep, item);
  if (++count > limits.elements) return fails(error, Errc::too_many, item);
  if (item.type != Type::Structure) return check_value(item, error);
  for (Reader reader = structure_content(item); !reader.done();) {
    Raw child;
    if (!reader.next(child, error) || !check_items(child, depth + 1, limits, count, error))
      return error.under(item.tag);
  }
  return true;
}

// Most texts are ASCII. Eight bytes at a time; the last eight may overlap those before.

}  // namespace

bool check_value(const Raw& item, CodecError& error) {
  if (!is_standard(item.type)) return fails(error, Errc::unknown_type, item);
  if (!padding_is_zero(item)) return fails(error, Errc::bad_padding, item);
  if (item.type == Type::Boolean && load64(item.value.data()) > 1) return fails(error, Errc::bad_value, item);
  if (item.type == Type::TextString && !is_utf8(item.value)) return fails(error, Errc::bad_value, item);
  return true;
}

bool check_canonical(const Raw& item, const Limits& limits, CodecError& error) {
  std::uint32_t count = 0;
  return check_items(item, 0, limits, count, error);
}

Tree read_tree(Bytes message, const Limits& limits) {
  Tree tree;
  if (message.size() > limits.message) {
    tree.error = {.code = Errc::too_long, .tag = Tag{}, .offset = 0};
    tree.complete = false;
    return tree;
  }
  tree.complete = read_items(Reader(message), 0, limits, tree);
  return tree;
}

}  // namespace keyway::kmip
