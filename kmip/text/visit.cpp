#include <kmip/text/visit.h>
#include <kmip/ttlv/reader.h>
#include <kmip/ttlv/tree.h>

namespace keyway::kmip {

namespace {

struct OpenStructure {
  const Raw* item;
  Context context;
};

void walk(const Tree& tree, ItemVisitor& visitor) {
  std::vector<OpenStructure> open;
  Context top;
  const auto close_to = [&](std::size_t depth) {
    while (open.size() > depth) {
      visitor.close(*open.back().item, static_cast<std::uint32_t>(open.size() - 1));
      open.pop_back();
    }
  };
  for (const Node& node : tree.nodes) {
    close_to(node.depth);
    Context& around = open.empty() ? top : open.back().context;
    around.note(node.item);
    if (node.item.type == Type::Structure) {
      visitor.open(node.item, node.depth);
      open.push_back({&node.item, around.inside(node.item.tag)});
    } else {
      visitor.value(node.item, around.meaning(node.item.tag), node.depth);
    }
  }
  close_to(0);
}

}  // namespace

Decoded<void> visit(Bytes message, const Limits& limits, ItemVisitor& visitor) {
  const Tree tree = read_tree(message, limits);
  if (!tree.complete) return std::unexpected(tree.error);
  walk(tree, visitor);
  return {};
}

Decoded<void> visit_all(Bytes messages, const Limits& limits, ItemVisitor& visitor) {
  for (Reader reader(messages); !reader.done();) {
    const Bytes rest = reader.left();
    const std::uint32_t start = reader.offset();
    Raw item;
    CodecError error;
    if (!reader.next(item, error)) return std::unexpected(error);
    auto seen = visit(rest.first(rest.size() - reader.left().size()), limits, visitor);
    if (!seen) {
      seen.error().offset += start;
      return seen;
    }
  }
  return {};
}

bool is_one_message(Bytes messages) {
  Reader reader(messages);
  Raw item;
  CodecError error;
  return reader.next(item, error) && reader.done();
}

}  // namespace keyway::kmip
