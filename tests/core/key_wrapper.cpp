#include <utility>

#include <core/key_wrapper.h>
#include <core/worker.h>
#include <tests/core/support.h>

using namespace keyway;

namespace {

enum class Manners { good, drops_done, answers_too_few, answers_too_many };

// FakeWrapper "wraps" by reversing nothing at all: it shows what reached it.
class FakeWrapper final : public KeyWrapper {
 public:
  explicit FakeWrapper(Manners manners) : manners_(manners) {}

  Traits traits() const override { return {}; }

  void wrap(std::vector<WrapJob> jobs, Done<WrappedKey> done) override {
    Each<WrappedKey> each;
    for (WrapJob& job : jobs) {
      each.push_back(WrappedKey{.key_id = to_hex(job.context),
                                .key_version = {},
                                .mechanism = {},
                                .ciphertext = owned(job.key.reveal()),
                                .check_value = {}});
    }
    answer(std::move(each), std::move(done));
  }
  void unwrap(std::vector<UnwrapJob> jobs, Done<Secret> done) override {
    Each<Secret> each;
    for (UnwrapJob& job : jobs) {
      if (job.key.key_id == to_hex(job.context)) {
        each.push_back(Secret(job.key.ciphertext));
      } else {
        each.push_back(fail(ErrorKind::not_mine, "another context"));
      }
    }
    answer(std::move(each), std::move(done));
  }
  void rewrap(std::vector<UnwrapJob> jobs, Done<WrappedKey> done) override {
    Each<WrappedKey> each;
    for (UnwrapJob& job : jobs) {
      job.key.key_version = to_hex(job.context);
      each.push_back(std::move(job.key));
    }
    answer(std::move(each), std::move(done));
  }

 private:
  template <class T>
  void answer(Each<T> each, Done<T> done) {
    if (manners_ == Manners::answers_too_few) each.pop_back();
    if (manners_ == Manners::answers_too_many) each.push_back(fail(ErrorKind::internal, "one more"));
    const bool drops = manners_ == Manners::drops_done;
    worker_.post([drops, each = std::move(each), done = std::move(done)]() mutable {
      if (!drops) done(std::move(each));
    });
  }

  Manners manners_;
  Worker worker_;
};

const Secret key(Text("0123456789abcdef"));
const OwnedBytes context = test::counting(2, 0x10);

}  // namespace

TEST_CASE("blocking helpers: hand over what they were given, and the answers in order") {
  FakeWrapper wrapper(Manners::good);
  const auto wrapped = wrap_one(wrapper, key.duplicate(), context);
  REQUIRE(wrapped);
  CHECK(wrapped->key_id == "1011");
  const auto unwrapped = unwrap_one(wrapper, *wrapped, context);
  REQUIRE(unwrapped);
  CHECK(*unwrapped == key);
  const auto refused = unwrap_one(wrapper, *wrapped);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::not_mine);
  const auto rewrapped = rewrap_one(wrapper, *wrapped, context);
  REQUIRE(rewrapped);
  CHECK(rewrapped->key_version == "1011");

  std::vector<WrapJob> jobs;
  for (int i = 0; i < 5; ++i) jobs.push_back({key.duplicate(), {std::byte(i)}});
  const auto each = wrap_and_wait(wrapper, std::move(jobs));
  REQUIRE(each.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(each[i]->key_id == to_hex(OwnedBytes{std::byte(i)}));
}

TEST_CASE("blocking helpers: an empty batch has no answers") {
  FakeWrapper wrapper(Manners::good);
  CHECK(wrap_and_wait(wrapper, {}).empty());
  CHECK(unwrap_and_wait(wrapper, {}).empty());
  CHECK(rewrap_and_wait(wrapper, {}).empty());
}

TEST_CASE("blocking helpers: a wrapper that does not keep its promise is an error for every job") {
  const struct {
    Manners manners;
    std::string_view what;
  } cases[] = {
      {Manners::drops_done, "the key wrapper owes 1 answers and gave none"},
      {Manners::answers_too_few, "the key wrapper owes 1 answers and gave 0"},
      {Manners::answers_too_many, "the key wrapper owes 1 answers and gave 2"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.what);
    FakeWrapper wrapper(c.manners);
    const auto wrapped = wrap_one(wrapper, key.duplicate(), context);
    REQUIRE_FALSE(wrapped);
    CHECK(wrapped.error().kind == ErrorKind::internal);
    CHECK(wrapped.error().what == c.what);
    const auto unwrapped = unwrap_one(wrapper, WrappedKey{}, context);
    REQUIRE_FALSE(unwrapped);
    CHECK(unwrapped.error().what == c.what);
  }
}
