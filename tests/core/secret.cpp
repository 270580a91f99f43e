#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>
#include <type_traits>

#include <core/secret.h>
#include <tests/core/support.h>

using namespace keyway;

namespace {

// The block that a test watches, and what it held when it was freed.
struct Watch {
  const void* block = nullptr;
  std::size_t size = 0;
  bool freed = false;
  bool zero = false;
};
thread_local Watch watch;

void look(const void* block) {
  if (block == nullptr || block != watch.block) return;
  const auto* bytes = static_cast<const volatile unsigned char*>(block);
  watch.zero = true;
  for (std::size_t i = 0; i < watch.size; ++i) watch.zero = watch.zero && bytes[i] == 0;
  watch.freed = true;
  watch.block = nullptr;
}

void watch_block(const SecretBuffer& buffer) { watch = {buffer.data(), buffer.size(), false, false}; }

bool is_zero(const std::byte* from, std::size_t n) {
  return std::all_of(from, from + n, [](std::byte b) { return b == std::byte{0}; });
}

SecretBuffer buffer_of(Text text) {
  SecretBuffer buffer;
  buffer.append(text);
  return buffer;
}

}  // namespace

// Replaced for this program, so that a block can be looked at in the moment it is freed.
void* operator new(std::size_t size) {
  if (void* block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept {
  look(block);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

TEST_CASE("SecretBuffer: clear, resize and drop_front wipe what they drop") {
  SecretBuffer buffer = buffer_of("0123456789");
  const std::byte* block = buffer.data();  // stays the block: none of the three allocates

  buffer.drop_front(4);
  CHECK(text_of(buffer.view()) == "456789");
  CHECK(is_zero(block + 6, 4));

  buffer.resize(2);
  CHECK(text_of(buffer.view()) == "45");
  CHECK(is_zero(block + 2, 8));

  buffer.resize(4);
  CHECK(text_of(buffer.view()) == Text("45\0\0", 4));

  buffer.clear();
  CHECK(buffer.empty());
  CHECK(buffer.data() == block);
  CHECK(is_zero(block, 10));

  buffer.append("abc");
  buffer.drop_front(0);
  CHECK(text_of(buffer.view()) == "abc");
  buffer.drop_front(3);
  CHECK(buffer.empty());
  CHECK(is_zero(block, 10));
}

TEST_CASE("SecretBuffer: a block is wiped before it is freed") {
  SUBCASE("destroyed") {
    SecretBuffer buffer = buffer_of("secret");
    watch_block(buffer);
    {
      const SecretBuffer gone = std::move(buffer);
    }
  }
  SUBCASE("grown") {
    SecretBuffer buffer = buffer_of("secret");
    watch_block(buffer);
    buffer.reserve(buffer.capacity() + 1);
    CHECK(text_of(buffer.view()) == "secret");
  }
  SUBCASE("grown by appending") {
    SecretBuffer buffer = buffer_of("secret");
    watch_block(buffer);
    const OwnedBytes more = test::repeated(buffer.capacity(), 0x41);
    buffer.append(more);
    CHECK(text_of(buffer.view().first(7)) == "secretA");
  }
  SUBCASE("assigned over") {
    SecretBuffer buffer = buffer_of("secret");
    watch_block(buffer);
    buffer = buffer_of("other");
    CHECK(text_of(buffer.view()) == "other");
  }
  SUBCASE("a Secret destroyed") {
    SecretBuffer buffer = buffer_of("secret");
    watch_block(buffer);
    {
      const Secret secret(std::move(buffer));
    }
  }
  SUBCASE("a Secret assigned over") {
    SecretBuffer buffer = buffer_of("secret");
    watch_block(buffer);
    Secret secret(std::move(buffer));
    secret = Secret(Text("other"));
    CHECK(secret.reveal_text() == "other");
  }
  CHECK(watch.freed);
  CHECK(watch.zero);
}

TEST_CASE("SecretBuffer: moving leaves nothing behind") {
  SecretBuffer from = buffer_of("secret");
  const std::byte* block = from.data();
  SecretBuffer to = std::move(from);
  CHECK(to.data() == block);
  // NOLINTBEGIN(bugprone-use-after-move,clang-analyzer-cplusplus.Move): this is what is tested
  CHECK(from.data() == nullptr);
  CHECK(from.size() == 0);
  CHECK(from.capacity() == 0);
  from.append("again");
  CHECK(text_of(from.view()) == "again");
  // NOLINTEND(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
  SecretBuffer& same = to;
  to = std::move(same);
  CHECK(text_of(to.view()) == "secret");
}

TEST_CASE("SecretBuffer: a size that no memory has is refused, not wrapped around") {
  SecretBuffer buffer = buffer_of("secret");
  CHECK_THROWS_AS(buffer.append(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
  CHECK(text_of(buffer.view()) == "secret");
}

TEST_CASE("Secret: compared by content, copied by duplicate only") {
  const Secret secret(Text("0123"));
  const Secret copy = secret.duplicate();
  CHECK(copy == secret);
  CHECK(copy.reveal().data() != secret.reveal().data());
  CHECK_FALSE(secret == Secret(Text("0124")));
  CHECK_FALSE(secret == Secret(Text("1123")));
  CHECK_FALSE(secret == Secret(Text("012")));
  CHECK_FALSE(secret == Secret());
  CHECK(Secret() == Secret(Text("")));
  CHECK(equal_in_constant_time({}, {}));
  static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
  static_assert(!std::is_copy_constructible_v<SecretBuffer> && !std::is_copy_assignable_v<SecretBuffer>);
  static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);
}
