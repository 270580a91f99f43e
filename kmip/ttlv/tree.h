// A message as a tree of items, without knowing what any of them means.
#pragma once

#include <vector>

#include <kmip/ttlv/error.h>
#include <kmip/ttlv/item.h>
#include <kmip/ttlv/limits.h>

namespace keyway::kmip {

// Node is one item of a tree in pre-order; its children are the nodes after it with `depth` one higher.
struct Node {
  Raw item;
  std::uint32_t depth = 0;
};

// Tree holds views into the message it was read from.
struct Tree {
  std::vector<Node> nodes;
  bool complete = true;  // false: `error` says where reading stopped; the nodes before it are good
  CodecError error;
};

// read_tree reads every item of `message`, several top-level items included, up to the first damage. A
// structure that is cut short is there with the value it has left; of other items that are cut nothing is.
Tree read_tree(Bytes message, const Limits& limits = {});

// check_canonical is true when `item` and all inside it are what a strict writer would have written: known
// types, zero padding, Booleans of 0 or 1, UTF-8 text. On failure it fills `error`. Does not allocate.
bool check_canonical(const Raw& item, const Limits& limits, CodecError& error);

// check_value is the same for the value of one item that is not a structure.
bool check_value(const Raw& item, CodecError& error);

}  // namespace keyway::kmip
