// Any bytes as items: the tree, the canonical check, the readable form and the text encodings.
#include <algorithm>

#include <fuzz/text.h>
#include <kmip/text/readable.h>
#include <kmip/ttlv/reader.h>
#include <kmip/ttlv/tree.h>
#include <kmip/ttlv/writer.h>

using namespace keyway;
using namespace keyway::kmip;
using fuzz::require;

namespace {

// Copies an item through the Writer, structures item by item.
void rewrite(const Raw& item, Writer& writer) {
  if (item.type != Type::Structure) {
    writer.bytes(item.tag, item.value, item.type);
    return;
  }
  const auto scope = writer.structure(item.tag);
  for (Reader reader = structure_content(item); !reader.done();) {
    Raw child;
    CodecError error;
    require(reader.next(child, error), "what is canonical can be read");
    rewrite(child, writer);
  }
}

void check_tree(Bytes message, const Tree& tree) {
  for (const Node& node : tree.nodes) {
    const std::size_t end = node.item.offset + item_header_size + padded(node.item.value.size());
    require(end <= message.size(), "every item lies inside the message");
    require(node.item.value.data() == message.data() + node.item.offset + item_header_size,
            "offsets are right");
  }
  if (tree.complete) return;
  require(tree.error.offset <= message.size(), "an error lies inside the message");
  require(!describe(tree.error).empty(), "an error can be described");
}

void check_canonical_item(Bytes message, const Limits& limits) {
  Reader reader(message);
  Raw item;
  CodecError error;
  if (!reader.next(item, error) || !check_canonical(item, limits, error)) {
    require(error.offset <= message.size(), "an error lies inside the message");
    return;
  }
  SecretBuffer copy;
  Writer writer(copy);
  rewrite(item, writer);
  require(std::ranges::equal(copy.view(), message.first(message.size() - reader.left().size())),
          "what is canonical is written as it was");
}

}  // namespace

// The first byte sets the limits: small ones, to be hit, or the defaults.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Limits limits;
  if (data[0] != 0)
    limits = {.message = std::size_t{16} * data[0], .depth = data[0] % 8u, .elements = data[0] / 4u};
  const Bytes message = fuzz::bytes_of(data + 1, size - 1);
  const Tree tree = read_tree(message, limits);
  check_tree(message, tree);
  const bool clean =
      std::ranges::all_of(tree.nodes, [](const Node& node) { return padding_is_zero(node.item); });
  if (tree.complete && clean) fuzz::check_both_ways(message);
  check_canonical_item(message, limits);
  const std::string lines = readable(message, limits);
  require(lines.empty() || lines.ends_with('\n'), "the readable form ends its last line");
  require(std::ranges::none_of(lines, [](char c) { return c == '\x1b' || c == '\r' || c == '\0'; }),
          "the readable form drives no terminal");
  static_cast<void>(readable_with_secrets(message, Reveal(), limits));
  return 0;
}
