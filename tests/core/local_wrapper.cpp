#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include <sys/stat.h>

#include <core/file.h>
#include <core/local_wrapper.h>
#include <tests/core/support.h>

using namespace keyway;
using test::ScratchFolder;

namespace {

const char* const key_hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const char* const key_id = "630dcd2966c4336691125448bbb25b4f";
const Bytes context = bytes_of("fs-1");

// Made by another implementation: the key above, IV a0 a1 ... ab, data key 40 41 ... 5f, context "fs-1".
const char* const golden =
    "kw1.S1dSUAEBAQAAACA2MzBkY2QyOTY2YzQzMzY2OTExMjU0NDhiYmIyNWI0ZgIAAAAAAwAAACCmWT5uAY5E-"
    "CoszZhLN46RIP0LQ8biFDvE"
    "V3zdI_YrXgQAAAAgAdglLGQzWXKdGrWzlicArOQVZ5l1N_XI_4ANFDElnQAQAAAADKChoqOkpaanqKmqqxEAAAAQd9_"
    "yNNJvcyISUAw2yFj8"
    "WxMpa-7dIFjQ";

LocalKey fixed_key(const ScratchFolder& folder) {
  const std::string content = std::string("keyway-local-key-1:") + key_hex + "\n";
  REQUIRE(write_file(folder / "fixed.key", bytes_of(content), Mode::secret));
  auto key = LocalKey::load(folder / "fixed.key");
  REQUIRE(key);
  return std::move(*key);
}

LocalKey new_key(const ScratchFolder& folder, std::string_view name) {
  auto key = LocalKey::create(folder / name);
  REQUIRE(key);
  return std::move(*key);
}

Secret data_key(std::uint8_t first = 0x40) { return Secret(test::counting(32, first)); }

ErrorKind kind(const auto& result) {
  REQUIRE_FALSE(result);
  return result.error().kind;
}

}  // namespace

TEST_CASE("LocalKey: a key file is made once, for its owner only, and read back") {
  const ScratchFolder folder;
  const auto path = folder / "local.key";
  test::CountingRandom random(0);
  const auto created = LocalKey::create(path, random);
  REQUIRE(created);
  CHECK(created->id() == key_id);
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600);
  const auto content = read_file(path, 1000);
  REQUIRE(content);
  CHECK(content->reveal_text() == std::string("keyway-local-key-1:") + key_hex + "\n");

  CHECK(kind(LocalKey::create(path)) == ErrorKind::invalid_input);
  const auto loaded = LocalKey::load(path);
  REQUIRE(loaded);
  CHECK(loaded->id() == created->id());
  CHECK(loaded->key() == created->key());
  CHECK(new_key(folder, "a").id() != new_key(folder, "b").id());
}

TEST_CASE("LocalKey: a malformed key file is refused, and its content never told") {
  const ScratchFolder folder;
  const std::string label = "keyway-local-key-1:";
  const std::string digits = key_hex;
  const struct {
    const char* mistake;
    std::string content;
  } cases[] = {
      {"empty", ""},
      {"no label", digits + "\n"},
      {"another label", "keyway-local-key-2:" + digits + "\n"},
      {"no end of line", label + digits},
      {"Windows end of line", label + digits + "\r\n"},
      {"two lines", label + digits + "\n\n"},
      {"63 digits", label + digits.substr(1) + "\n"},
      {"65 digits", label + digits + "0\n"},
      {"no digit", label + "x" + digits.substr(1) + "\n"},
      {"blank before", " " + label + digits + "\n"},
      {"32 raw bytes", std::string(32, 'k')},
      {"very long", label + std::string(1'000'000, '0') + "\n"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    REQUIRE(write_file(folder / "key", bytes_of(c.content), Mode::secret));
    const auto loaded = LocalKey::load(folder / "key");
    CHECK(kind(loaded) == ErrorKind::invalid_input);
    CHECK(describe(loaded.error()).find((folder / "key").string()) != std::string::npos);
    CHECK(describe(loaded.error()).find("0102030405") == std::string::npos);
    CHECK(describe(loaded.error()).find("kkkk") == std::string::npos);
  }
  CHECK(kind(LocalKey::load(folder / "no")) == ErrorKind::not_found);
}

TEST_CASE("LocalKey: a key file that others may use is refused") {
  const ScratchFolder folder;
  (void)fixed_key(folder);
  const auto path = folder / "fixed.key";
  for (const unsigned mode : {0640U, 0604U, 0660U, 0610U}) {
    CAPTURE(mode);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    CHECK(kind(LocalKey::load(path)) == ErrorKind::invalid_input);
  }
  REQUIRE(::chmod(path.c_str(), 0400) == 0);
  CHECK(LocalKey::load(path));
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(kind(LocalKey::load(folder / "fifo")) == ErrorKind::invalid_input);
}

TEST_CASE("LocalWrapper: wraps and unwraps as it always did") {
  const ScratchFolder folder;
  test::CountingRandom random(0xa0);
  LocalWrapper wrapper(fixed_key(folder), random);
  const auto wrapped = wrap_one(wrapper, data_key(), context);
  REQUIRE(wrapped);
  CHECK(to_text(*wrapped) == golden);
  const auto read = wrapped_key_from_text(golden);
  REQUIRE(read);
  const auto opened = unwrap_one(wrapper, *read, context);
  REQUIRE(opened);
  CHECK(*opened == data_key());
}

TEST_CASE("LocalWrapper: keys of every allowed length, with and without context") {
  const ScratchFolder folder;
  LocalWrapper wrapper(new_key(folder, "key"));
  CHECK(wrapper.traits().backend == Backend::local);
  for (const std::size_t size : test::Sizes{16, 17, 64, longest_data_key}) {
    for (const OwnedBytes& about :
         {OwnedBytes{}, test::counting(40, 1), test::repeated(longest_context, 9)}) {
      CAPTURE(size);
      CAPTURE(about.size());
      const Secret key = system_random().secret(size);
      const auto wrapped = wrap_one(wrapper, key.duplicate(), about);
      REQUIRE(wrapped);
      const auto read = wrapped_key_from_text(to_text(*wrapped));
      REQUIRE(read);
      const auto opened = unwrap_one(wrapper, *read, about);
      REQUIRE(opened);
      CHECK(*opened == key);
    }
  }
}

TEST_CASE("LocalWrapper: each wrap has an IV of its own") {
  const ScratchFolder folder;
  LocalWrapper wrapper(new_key(folder, "key"));
  std::vector<WrapJob> jobs;
  for (int i = 0; i < 100; ++i) jobs.push_back({data_key(), {}});
  std::set<OwnedBytes> ivs;
  for (const auto& wrapped : wrap_and_wait(wrapper, std::move(jobs))) {
    REQUIRE(wrapped);
    ivs.insert(std::get<LocalMechanism>(wrapped->mechanism).iv);
  }
  CHECK(ivs.size() == 100);
}

TEST_CASE("LocalWrapper: what does not fit is told apart") {
  const ScratchFolder folder;
  LocalWrapper wrapper(fixed_key(folder));
  const auto wrapped = wrapped_key_from_text(golden);
  REQUIRE(wrapped);
  const struct {
    const char* mistake;
    void (*change)(WrappedKey&);
    ErrorKind kind;
  } cases[] = {
      {"ciphertext", [](WrappedKey& k) { k.ciphertext[5] ^= std::byte{1}; }, ErrorKind::corrupt},
      {"shorter ciphertext", [](WrappedKey& k) { k.ciphertext.pop_back(); }, ErrorKind::corrupt},
      {"check value", [](WrappedKey& k) { k.check_value[0] ^= std::byte{1}; }, ErrorKind::corrupt},
      {"tag", [](WrappedKey& k) { std::get<LocalMechanism>(k.mechanism).tag[15] ^= std::byte{1}; },
       ErrorKind::corrupt},
      {"a shorter tag that fits", [](WrappedKey& k) { std::get<LocalMechanism>(k.mechanism).tag.resize(4); },
       ErrorKind::corrupt},
      {"IV", [](WrappedKey& k) { std::get<LocalMechanism>(k.mechanism).iv[0] ^= std::byte{1}; },
       ErrorKind::corrupt},
      {"no IV", [](WrappedKey& k) { std::get<LocalMechanism>(k.mechanism).iv.clear(); }, ErrorKind::corrupt},
      {"key identifier", [](WrappedKey& k) { k.key_id[0] = '7'; }, ErrorKind::not_mine},
      {"backend", [](WrappedKey& k) { k.mechanism = VaultMechanism{"transit", ""}; }, ErrorKind::not_mine},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    WrappedKey changed = *wrapped;
    c.change(changed);
    CHECK(kind(unwrap_one(wrapper, changed, context)) == c.kind);
    CHECK(kind(rewrap_one(wrapper, changed, context)) == c.kind);
  }
  CHECK(kind(unwrap_one(wrapper, *wrapped, bytes_of("fs-2"))) == ErrorKind::corrupt);
  CHECK(kind(unwrap_one(wrapper, *wrapped)) == ErrorKind::corrupt);
  CHECK(kind(unwrap_one(wrapper, *wrapped, test::repeated(longest_context + 1, 0))) ==
        ErrorKind::invalid_input);
}

TEST_CASE("LocalWrapper: another key's blob is not mine, and both keys are named") {
  const ScratchFolder folder;
  LocalWrapper first(new_key(folder, "first"));
  const LocalKey second_key = new_key(folder, "second");
  const std::string second_id = second_key.id();
  const auto wrapped = wrap_one(first, data_key(), context);
  REQUIRE(wrapped);
  auto again = LocalKey::load(folder / "second");
  REQUIRE(again);
  LocalWrapper second(std::move(*again));
  const auto opened = unwrap_one(second, *wrapped, context);
  CHECK(kind(opened) == ErrorKind::not_mine);
  CHECK(opened.error().what.find(wrapped->key_id) != std::string::npos);
  CHECK(opened.error().what.find(second_id) != std::string::npos);
}

TEST_CASE("LocalWrapper: rewrap makes a new blob of the same key, and the old one stays valid") {
  const ScratchFolder folder;
  LocalWrapper wrapper(new_key(folder, "key"));
  const auto old_blob = wrap_one(wrapper, data_key(), context);
  REQUIRE(old_blob);
  const auto new_blob = rewrap_one(wrapper, *old_blob, context);
  REQUIRE(new_blob);
  CHECK(new_blob->ciphertext != old_blob->ciphertext);
  CHECK(new_blob->check_value == old_blob->check_value);
  for (const WrappedKey& blob : {*old_blob, *new_blob}) {
    const auto opened = unwrap_one(wrapper, blob, context);
    REQUIRE(opened);
    CHECK(*opened == data_key());
  }
}

TEST_CASE("LocalWrapper: a bad job fails alone") {
  const ScratchFolder folder;
  LocalWrapper wrapper(new_key(folder, "key"));
  std::vector<WrapJob> jobs;
  jobs.push_back({data_key(1), {}});
  jobs.push_back({Secret(test::counting(15, 1)), {}});
  jobs.push_back({data_key(2), test::repeated(longest_context + 1, 0)});
  jobs.push_back({data_key(3), {}});
  jobs.push_back({Secret(test::repeated(longest_data_key + 1, 1)), {}});
  const auto wrapped = wrap_and_wait(wrapper, std::move(jobs));
  REQUIRE(wrapped.size() == 5);
  for (const std::size_t bad : test::Sizes{1, 2, 4}) CHECK(kind(wrapped[bad]) == ErrorKind::invalid_input);
  REQUIRE(wrapped[0]);
  REQUIRE(wrapped[3]);

  WrappedKey damaged = *wrapped[0];
  damaged.ciphertext[0] ^= std::byte{1};
  const auto blobs = [&] {
    return std::vector<UnwrapJob>{{*wrapped[0], {}}, {damaged, {}}, {*wrapped[3], {}}};
  };
  const auto opened = unwrap_and_wait(wrapper, blobs());
  REQUIRE(opened.size() == 3);
  REQUIRE(opened[0]);
  CHECK(*opened[0] == data_key(1));
  CHECK(kind(opened[1]) == ErrorKind::corrupt);
  REQUIRE(opened[2]);
  CHECK(*opened[2] == data_key(3));
  const auto rewrapped = rewrap_and_wait(wrapper, blobs());
  REQUIRE(rewrapped.size() == 3);
  CHECK(rewrapped[0].has_value());
  CHECK(kind(rewrapped[1]) == ErrorKind::corrupt);
  CHECK(rewrapped[2].has_value());
}

TEST_CASE("LocalWrapper: done is called once, on another thread, also for an empty batch") {
  const ScratchFolder folder;
  std::atomic<int> calls = 0;
  std::atomic<int> inside = 0;
  const auto caller = std::this_thread::get_id();
  const auto note = [&](const auto& each) {
    ++calls;
    if (std::this_thread::get_id() == caller || each.size() > 1) ++inside;
  };
  {
    LocalWrapper wrapper(new_key(folder, "key"));
    const auto wrapped = wrap_one(wrapper, data_key());
    REQUIRE(wrapped);
    std::vector<WrapJob> one;
    one.push_back({data_key(), {}});
    wrapper.wrap(std::move(one), note);
    wrapper.unwrap({{*wrapped, {}}}, note);
    wrapper.rewrap({{*wrapped, {}}}, note);
    wrapper.wrap({}, note);
    wrapper.unwrap({}, note);
    wrapper.rewrap({}, note);
  }  // waits for the jobs under way
  CHECK(calls == 6);
  CHECK(inside == 0);
}

TEST_CASE("LocalWrapper: may be used from many threads at once, and from inside done") {
  const ScratchFolder folder;
  std::atomic<int> right = 0;
  {
    LocalWrapper wrapper(new_key(folder, "key"));
    std::vector<std::thread> users;
    for (int user = 0; user < 4; ++user) {
      users.emplace_back([&wrapper, &right, user] {
        const auto first = static_cast<std::uint8_t>(user);
        for (int round = 0; round < 10; ++round) {
          const auto wrapped = wrap_one(wrapper, data_key(first), context);
          if (!wrapped) continue;
          const auto opened = unwrap_one(wrapper, *wrapped, context);
          if (opened && *opened == data_key(first)) ++right;
        }
      });
    }
    for (auto& user : users) user.join();
    std::vector<WrapJob> jobs;
    jobs.push_back({data_key(), {}});
    wrapper.wrap(std::move(jobs), [&](Each<WrappedKey> each) {
      wrapper.unwrap({{std::move(*each.front()), {}}}, [&](Each<Secret> opened) {
        if (*opened.front() == data_key()) ++right;
      });
    });
  }
  CHECK(right == 41);
}
