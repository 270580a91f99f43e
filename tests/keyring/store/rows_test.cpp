// What the interface says of rows: written, read, counted, refused.
#include <algorithm>

#include <doctest/doctest.h>

#include <tests/keyring/store/support.h>

namespace keyway::keyring::test {

namespace {

struct Fixture {
  Folder folder;
  StoreSettings settings = quick(folder / "keyring.db");
  Store store = must(Store::create(settings));

  Store again() { return must(Store::open(settings)); }
};

// kind_of is the kind of an error; a success is none.
template <class T>
std::string kind_of(const Result<T>& result) {
  return result ? "none" : std::string(name(result.error().kind));
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a new keyring has an identity of its own and nothing else") {
  const std::string identity = must(store.identity());
  CHECK(identity.size() == 32);
  CHECK(must(store.state_key_id()).empty());
  CHECK(must(store.all_kms()).empty());
  CHECK(must(store.count()) == 0);
  CHECK(must(store.key_counts()).empty());
  must(store.check());
  must(store.set_state_key_id("one"));
  Store other = again();
  CHECK(must(other.identity()) == identity);
  CHECK(must(other.state_key_id()) == "one");
  const Folder elsewhere;
  CHECK(must(must(Store::create(quick(elsewhere / "x.db"))).identity()) != identity);
}

TEST_CASE_FIXTURE(Fixture, "all rows are read as they were written") {
  fill(store, 20);
  const auto before = must(lines(store));
  CHECK(before.size() > 50);
  Store other = again();
  CHECK(must(lines(other)) == before);
  must(other.check());
}

TEST_CASE_FIXTURE(Fixture, "a KMS row changes only where it was read") {
  const RowId id = add_sample_kms(store);
  KmsRow row = must(store.all_kms()).front();
  row.settings = "{}";
  row.sealed.clear();
  must(store.replace_kms(row));
  KmsRow now = must(store.all_kms()).front();
  CHECK(now.revision == 2);
  CHECK(now.settings == "{}");
  CHECK(now.sealed.empty());
  CHECK(must(store.revision_of(id)) == 2);
  CHECK(kind_of(store.replace_kms(row)) == "not found");  // read before the change
  CHECK(must(store.revision_of(id)) == 2);
  CHECK_FALSE(must(store.revision_of(99)));
  now.id = 99;
  CHECK(kind_of(store.replace_kms(now)) == "not found");
}

TEST_CASE_FIXTURE(Fixture, "one KMS is current, it comes first, then the latest") {
  const RowId first = add_sample_kms(store);
  CHECK(kind_of(store.add_kms(sample_kms(first + 1, true))) == "invalid input");
  const RowId second = add_sample_kms(store, false), third = add_sample_kms(store, false);
  std::vector<RowId> ids;
  for (const auto& row : must(store.all_kms())) ids.push_back(row.id);
  CHECK(ids == std::vector{first, third, second});
}

TEST_CASE_FIXTURE(Fixture, "no number of a KMS or a login is used twice") {
  const RowId id = add_sample_kms(store, false);
  must(store.remove_kms(id));
  CHECK(must(store.next_kms_id()) == id + 1);
  CHECK(kind_of(store.add_kms(sample_kms(id, false))) == "invalid input");
  CHECK(kind_of(store.remove_kms(id)) == "not found");
  const RowId kms = add_sample_kms(store);
  const RowId login = add_sample_login(store, kms);
  CHECK(must(store.drop_unused()) == 0);
  CHECK_FALSE(must(store.login(login)));
  CHECK(must(store.next_login_id()) == login + 1);
  CHECK(kind_of(store.put_login(sample_login(login, kms))) == "invalid input");
}

TEST_CASE_FIXTURE(Fixture, "a login is found by its number and by KMS, namespace and role") {
  const RowId kms = add_sample_kms(store), retired = add_sample_kms(store, false);
  LoginRow row = sample_login(add_sample_login(store, kms), kms);
  CHECK(must(store.login(row.id))->role_id == row.role_id);
  CHECK(must(store.login(kms, "team", row.role_id))->id == row.id);
  CHECK_FALSE(must(store.login(kms, "other", row.role_id)));
  CHECK_FALSE(must(store.login(retired, "team", row.role_id)));
  CHECK_FALSE(must(store.login(77)));
  row.source = "file:/secret";
  row.sealed.clear();
  must(store.put_login(row));
  CHECK(must(store.login(row.id))->source == "file:/secret");
  CHECK(must(store.login(row.id))->sealed.empty());
  row.id = must(store.next_login_id());
  CHECK(kind_of(store.put_login(row)) == "invalid input");  // the three have another number
  row.kms = retired + 1;
  CHECK(kind_of(store.put_login(row)) == "invalid input");  // there is no such KMS
  row.kms = retired;
  must(store.put_login(row));
  CHECK(must(store.login(retired, "team", row.role_id))->id == row.id);
  CHECK(must(store.login(kms, "team", row.role_id))->id == row.id - 1);
}

TEST_CASE_FIXTURE(Fixture, "filesystems are listed in the order of creation, in portions") {
  fill(store, 12);
  std::vector<std::string> names;
  for (RowId after = 0;;) {
    const auto some = must(store.filesystems_after(after, 5));
    if (some.empty()) break;
    CHECK(some.size() <= 5);
    for (const auto& row : some) names.push_back(row.name);
    after = some.back().number;
  }
  CHECK(names.size() == 12);
  CHECK(names.front() == "fs-0");
  CHECK(names.back() == "fs-11");
  const auto with_key = must(store.filesystems_after(0, 100, true));
  CHECK(std::ranges::all_of(with_key, &FilesystemRow::is_encrypted));
  CHECK(must(store.count(true)) == std::ssize(with_key));
  CHECK(must(store.count()) == 12);
}

TEST_CASE_FIXTURE(Fixture, "what cannot be a filesystem is refused") {
  const RowId kms = add_sample_kms(store);
  must(store.add(sample_filesystem(0)));
  struct {
    std::string mistake;
    FilesystemRow row = sample_filesystem(1);
    std::string kind = "invalid input";
  } cases[11];
  cases[0].mistake = "the name is taken", cases[0].row.name = "fs-0";
  cases[1].mistake = "the id is taken", cases[1].row.id = sample_filesystem(0).id;
  cases[2].mistake = "the id is short", cases[2].row.id = "1";
  cases[3].mistake = "a key without its KMS", cases[3].row.key = sample_key(1);
  cases[4].mistake = "a KMS without a key", cases[4].row.kms = kms;
  cases[5].mistake = "a KMS that is not there", cases[5].row = encrypted(1, 77, sample_key(1));
  cases[6].mistake = "a namespace without a key of its own", cases[6].row.own_namespace = "team";
  cases[7].mistake = "a key that could not be read back", cases[7].row = encrypted(1, kms, sample_key(1));
  cases[7].row.key->ciphertext.clear();
  cases[7].kind = "corrupt";
  cases[8].mistake = "a login of another KMS", cases[8].row = encrypted(1, kms, sample_key(1));
  cases[8].row.login = add_sample_login(store, add_sample_kms(store, false));
  cases[9].mistake = "a login that it wants but does not have", cases[9].row.own_key = "own";
  cases[9].row.own_login = add_sample_login(store, kms);
  cases[10].mistake = "a login that is not the one it wants", cases[10].row = cases[9].row;
  cases[10].row.kms = kms, cases[10].row.key = sample_key(1),
  cases[10].row.login = add_sample_login(store, kms);
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    CHECK(kind_of(store.add(c.row)) == c.kind);
    CHECK(must(store.count()) == 1);
  }
  CHECK(kind_of(store.add(cases[0].row)) == "invalid input");
  CHECK(store.add(cases[0].row).error().what.find("fs-0") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a filesystem is replaced only while it is the one that was read") {
  const RowId kms = add_sample_kms(store);
  must(store.add(encrypted(0, kms, sample_key(0))));
  must(store.add(sample_filesystem(1)));
  const FilesystemRow read = *must(store.filesystem("fs-0"));

  FilesystemRow next = read;
  next.name = "renamed";
  next.created += std::chrono::seconds(5);  // is not written
  next.key = sample_key(7, "other", "9");
  must(store.replace(next, read));
  CHECK_FALSE(must(store.filesystem("fs-0")));
  const FilesystemRow now = *must(store.filesystem("renamed"));
  CHECK(now.created == read.created);
  CHECK(now.key->key_id == "other");

  CHECK(kind_of(store.replace(next, read)) == "not found");
  CHECK(kind_of(store.replace(next, next)) == "not found");
  // The same key, and everything else as it was but one column.
  FilesystemRow other_name = now, other_wish = now;
  other_name.name = "fs-0";
  other_wish.own_key = "wanted";
  for (const FilesystemRow& former : {other_name, other_wish})
    CHECK(kind_of(store.replace(now, former)) == "not found");
  next = now;
  next.name = "fs-1";
  CHECK(kind_of(store.replace(next, now)) == "invalid input");
  next = now;
  next.id = sample_filesystem(5).id;
  CHECK(kind_of(store.replace(next, now)) == "not found");
  next = now;
  next.login = add_sample_login(store, add_sample_kms(store, false));
  CHECK(kind_of(store.replace(next, now)) == "invalid input");  // a login of another KMS
  must(store.remove(now));
  CHECK(kind_of(store.replace(now, now)) == "not found");
  CHECK(kind_of(store.remove(now)) == "not found");
  must(store.check());
}

TEST_CASE_FIXTURE(Fixture, "keys are counted by KMS, login, key, version and what is wanted") {
  const RowId kms = add_sample_kms(store), retired = add_sample_kms(store, false);
  const RowId login = add_sample_login(store, kms);
  int n = 0;
  const auto add = [&](RowId under, const std::string& key, const std::string& version, bool is_own) {
    FilesystemRow row = encrypted(n, under, sample_key(n, key, version));
    ++n;
    if (is_own) row.own_key = key, row.own_namespace = "team", row.own_login = login, row.login = login;
    must(store.add(row));
  };
  add(kms, "cluster", "1", false);
  add(kms, "cluster", "1", false);
  add(kms, "cluster", "2", false);
  add(retired, "cluster", "1", false);
  add(kms, "own", "1", true);
  add(kms, "own", "1", true);
  must(store.add(sample_filesystem(n)));

  std::vector<std::string> counts;
  for (const auto& count : must(store.key_counts())) counts.push_back(line(count));
  CHECK(counts == std::vector<std::string>{"count 1 0 cluster 1 [] [] 0: 2", "count 1 0 cluster 2 [] [] 0: 1",
                                           "count 1 1 own 1 [own] [team] 1: 2",
                                           "count 2 0 cluster 1 [] [] 0: 1"});
  std::vector<std::string> each;
  for (const auto& row : must(store.one_of_each_key())) each.push_back(row.name);
  CHECK(each == std::vector<std::string>{"fs-0", "fs-2", "fs-3", "fs-4"});
}

TEST_CASE_FIXTURE(Fixture, "only what no filesystem needs is dropped") {
  const RowId current = add_sample_kms(store), used = add_sample_kms(store, false);
  const RowId unused = add_sample_kms(store, false);
  const RowId reached = add_sample_login(store, used), idle = add_sample_login(store, current);
  const RowId idle_too = add_sample_login(store, unused);
  FilesystemRow row = encrypted(0, used, sample_key(0));
  row.own_key = "own", row.own_login = row.login = reached;
  must(store.add(row));

  CHECK(kind_of(store.remove_kms(used)) == "invalid input");
  CHECK(must(store.drop_unused()) == 1);
  CHECK_FALSE(must(store.revision_of(unused)));
  CHECK(must(store.revision_of(used)));
  CHECK(must(store.revision_of(current)));
  CHECK(must(store.login(reached)));
  CHECK_FALSE(must(store.login(idle)));
  CHECK_FALSE(must(store.login(idle_too)));

  must(store.remove(*must(store.filesystem("fs-0"))));
  CHECK(must(store.drop_unused()) == 1);
  CHECK_FALSE(must(store.revision_of(used)));
  CHECK_FALSE(must(store.login(reached)));
  CHECK(must(store.revision_of(current)));
  CHECK(must(store.drop_unused()) == 0);
}

TEST_CASE_FIXTURE(Fixture, "a KMS is removed with its logins, unless one is in use") {
  const RowId kms = add_sample_kms(store), other = add_sample_kms(store, false);
  const RowId used = add_sample_login(store, kms), idle = add_sample_login(store, kms);
  const RowId others = add_sample_login(store, other);
  FilesystemRow row = encrypted(0, kms, sample_key(0));
  row.login = used;
  must(store.add(row));
  CHECK(kind_of(store.remove_kms(kms)) == "invalid input");
  CHECK(must(store.login(idle)));  // nothing was changed
  must(store.remove(*must(store.filesystem("fs-0"))));
  must(store.remove_kms(kms));
  CHECK_FALSE(must(store.login(used)));
  CHECK_FALSE(must(store.login(idle)));
  CHECK(must(store.login(others)));
  must(store.check());
}

TEST_CASE_FIXTURE(Fixture, "every filesystem can be made to want the cluster's key") {
  fill(store, 1'100);  // more than is converted at once
  const auto keys_before = must(store.filesystems_after(0, 10'000));
  CHECK(must(store.convert_all_to_cluster_key()) == 367);
  CHECK(must(store.convert_all_to_cluster_key()) == 0);
  const auto after = must(store.filesystems_after(0, 10'000));
  REQUIRE(after.size() == keys_before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    REQUIRE(after[i].own_key.empty());
    REQUIRE(after[i].own_login == 0);
    REQUIRE(after[i].login == keys_before[i].login);  // as whom the key it has is reached
    REQUIRE(after[i].key.has_value() == keys_before[i].key.has_value());
  }
  must(store.check());
}

TEST_CASE_FIXTURE(Fixture, "events are numbered, read from a number on or from the end, and limited") {
  for (int n = 0; n < 5; ++n) must(store.add_event(sample_event(n)));
  CHECK(must(store.events_after(3, 10)).front().number == 4);
  CHECK(must(store.events_after(0, 2)).size() == 2);
  const auto last = must(store.last_events(2));
  CHECK(last.front().number == 4);
  CHECK(last.back().filesystem == "fs-4");
  CHECK(kind_of(store.add_event({})) == "invalid input");

  {
    const Store closed = std::move(store);
  }
  execute(settings.path, "UPDATE sqlite_sequence SET seq = 100002 WHERE name = 'event'");
  store = again();
  must(store.add_event(sample_event(6)));
  const auto kept = must(store.events_after(0, 10));
  CHECK(kept.size() == 3);
  CHECK(kept.front().number == 4);
  CHECK(kept.back().number == kept_events + 3);
}

}  // namespace keyway::keyring::test
