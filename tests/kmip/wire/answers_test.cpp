#include <algorithm>

#include <doctest/doctest.h>

#include <kmip/model/encrypt.h>
#include <kmip/model/get.h>
#include <kmip/wire/exchange.h>
#include <tests/kmip/hex.h>
#include <tests/kmip/wire/response.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;

namespace {

const Settings settings{Version::V1_4, Mode::lenient, {}};

// Questions whose payloads are not looked at: reading answers needs their operations only.
std::vector<Question> asking(std::initializer_list<Operation> operations) {
  std::vector<Question> questions;
  for (const Operation operation : operations) questions.push_back({operation, nullptr, nullptr});
  return questions;
}

const std::vector<Question> one_get = asking({Operation::Get});
const std::vector<Question> three_encrypts =
    asking({Operation::Encrypt, Operation::Encrypt, Operation::Encrypt});

// An answer to Encrypt about the object `id`.
Item encrypted(Text id, std::optional<std::uint32_t> item_id = {}) {
  EncryptResponse answer;
  answer.unique_identifier = id;
  Item item = success(Operation::Encrypt, payload_of(answer));
  item.id = item_id;
  return item;
}

// Answers and the message they view.
struct Held {
  OwnedBytes message;
  Answers answers;
  const Result<Raw>& operator[](std::size_t i) const { return answers[i]; }
};

Held read(OwnedBytes message, std::span<const Question> questions) {
  auto answers = read_answers(message, questions, settings);
  if (!answers) FAIL(answers.error().what);
  return {std::move(message), std::move(*answers)};
}

Error corrupt(const OwnedBytes& message, std::span<const Question> questions) {
  const auto answers = read_answers(message, questions, settings);
  REQUIRE_FALSE(answers);
  CHECK(answers.error().kind == ErrorKind::corrupt);
  return answers.error();
}

std::string object_of(const Result<Raw>& answer) {
  if (!answer) return "error: " + answer.error().what;
  const auto value = decode_item<EncryptResponse>(*answer, settings);
  return value ? std::string(value->unique_identifier) : describe(value.error());
}

std::vector<std::string> objects_of(const Held& held) {
  std::vector<std::string> objects;
  for (const auto& answer : held.answers) objects.push_back(object_of(answer));
  return objects;
}

using Objects = std::vector<std::string>;

}  // namespace

TEST_CASE("answers with ids are matched by id, in any order") {
  std::vector<Item> items{encrypted("a", 1), encrypted("b", 2), encrypted("c", 3)};
  std::ranges::sort(items, {}, [](const Item& item) { return *item.id; });
  do {
    const OwnedBytes message = response(items);
    CHECK(objects_of(read(message, three_encrypts)) == Objects{"a", "b", "c"});
  } while (std::ranges::next_permutation(items, {}, [](const Item& item) { return *item.id; }).found);
}

TEST_CASE("answers without ids, or without Operation, are matched by position") {
  std::vector<Item> items{encrypted("a"), encrypted("b"), encrypted("c")};
  CHECK(objects_of(read(response(items), three_encrypts)) == Objects{"a", "b", "c"});
  for (Item& item : items) item.operation.reset();
  CHECK(objects_of(read(response(items), three_encrypts)) == Objects{"a", "b", "c"});
  items[1].id = 2;  // one id among items without any, where it belongs
  CHECK(objects_of(read(response(items), three_encrypts)) == Objects{"a", "b", "c"});
}

TEST_CASE("the id of a single answer does not matter: none was sent") {
  Item item = encrypted("a");
  item.id = 77;
  const auto questions = asking({Operation::Encrypt});
  CHECK(objects_of(read(response({item}), questions)) == Objects{"a"});
}

TEST_CASE("fewer items than asked leave errors for the rest") {
  constexpr Text missing = "error: Encrypt: the server did not answer this item of the batch";
  CHECK(objects_of(read(response({encrypted("a")}), three_encrypts)) ==
        Objects{"a", std::string(missing), std::string(missing)});
  CHECK(objects_of(read(response({encrypted("c", 3), encrypted("a", 1)}), three_encrypts)) ==
        Objects{"a", std::string(missing), "c"});
  const auto answers = read(response({encrypted("a")}), three_encrypts);
  CHECK(answers[1].error().kind == ErrorKind::refused);
  CHECK_FALSE(answers[1].error().refusal);
}

TEST_CASE("answers that do not fit the questions are corrupt") {
  struct Case {
    std::vector<Item> items;
    const std::vector<Question>& questions;
    Text says;
  };
  const Case cases[] = {
      {{}, one_get, "the server's answer holds no batch item"},
      {{success(Operation::Get), success(Operation::Get)},
       one_get,
       "the server's answer holds 2 batch items where 1 were asked"},
      {{encrypted("a", 1), encrypted("b", 2), encrypted("c", 3), encrypted("d", 4)},
       three_encrypts,
       "the server's answer holds 4 batch items where 3 were asked"},
      {{success(Operation::Create)}, one_get, "the server answered Create where Get was asked"},
      {{encrypted("a", 1), encrypted("b", 9), encrypted("c", 3)},
       three_encrypts,
       "item 2 of the server's answer has a batch item id that was not sent"},
      {{encrypted("a", 1), encrypted("b", 2), encrypted("c", 2)},
       three_encrypts,
       "the server answered item 2 of the batch twice"},
      {{encrypted("a", 3), encrypted("b"), encrypted("c")},
       three_encrypts,
       "the server answered item 3 of the batch twice"},
  };
  for (const Case& one : cases) {
    const Error error = corrupt(response(one.items), one.questions);
    INFO(error.what);
    CHECK(error.what.starts_with(one.says));
  }
}

TEST_CASE("a refusal of the message as a whole answers every question") {
  const OwnedBytes message =
      response({refusal(std::nullopt, ResultReason::InvalidMessage, "too many items")});
  const auto held = read(message, three_encrypts);
  REQUIRE(held.answers.size() == 3);
  for (const auto& answer : held.answers) {
    REQUIRE_FALSE(answer);
    CHECK(answer.error().what ==
          "Encrypt: the server answered Operation Failed, Invalid Message: too many items");
    CHECK(answer.error().refusal->reason == static_cast<std::uint32_t>(ResultReason::InvalidMessage));
  }
}

TEST_CASE("one refusal in a batch fails alone") {
  Item refused = refusal(Operation::Encrypt, ResultReason::PermissionDenied, "not yours");
  refused.id = 2;
  const auto answers = read(response({encrypted("a", 1), refused, encrypted("c", 3)}), three_encrypts);
  CHECK(object_of(answers[0]) == "a");
  REQUIRE_FALSE(answers[1]);
  CHECK(answers[1].error().kind == ErrorKind::refused);
  CHECK(answers[1].error().refusal->message == "not yours");
  CHECK(object_of(answers[2]) == "c");
}

TEST_CASE("refusals keep the server's words and say what to do") {
  struct Case {
    Item item;
    ErrorKind kind;
    Text what;
    Text advice;
  };
  Item no_reason = refusal(Operation::Get, ResultReason::GeneralFailure);
  no_reason.reason.reset();
  const Case cases[] = {
      {refusal(Operation::Get, ResultReason::ItemNotFound, "nothing here"), ErrorKind::not_found,
       "Get: the server answered Operation Failed, Item Not Found: nothing here", "check the identifier"},
      {refusal(Operation::Get, ResultReason::ObjectNotFound), ErrorKind::not_found,
       "Get: the server answered Operation Failed, Object Not Found", "check the identifier"},
      {refusal(Operation::Get, ResultReason::PermissionDenied), ErrorKind::refused,
       "Get: the server answered Operation Failed, Permission Denied", "the key may not be active"},
      {refusal(Operation::Get, ResultReason::AuthenticationNotSuccessful), ErrorKind::refused,
       "Get: the server answered Operation Failed, Authentication Not Successful",
       "check the client certificate"},
      {refusal(Operation::Get, static_cast<ResultReason>(0x80000001), "odd"), ErrorKind::refused,
       "Get: the server answered Operation Failed, 0x80000001: odd", ""},
      {no_reason, ErrorKind::refused, "Get: the server answered Operation Failed, no reason given", ""},
      // What a server says must not drive the terminal.
      {refusal(Operation::Get, ResultReason::GeneralFailure, "a\x1b[2Jb"), ErrorKind::refused,
       "Get: the server answered Operation Failed, General Failure: a?[2Jb", ""},
  };
  for (const Case& one : cases) {
    const auto answers = read(response({one.item}), one_get);
    REQUIRE_FALSE(answers[0]);
    const Error& error = answers[0].error();
    CHECK(error.kind == one.kind);
    CHECK(error.what == one.what);
    CHECK(error.advice.starts_with(one.advice));
    CHECK(error.advice.empty() == one.advice.empty());
    CHECK(error.refusal.has_value());
  }
}

TEST_CASE("an asynchronous answer is unsupported") {
  Item item = success(Operation::Get);
  item.status = ResultStatus::OperationPending;
  const auto answers = read(response({item}), one_get);
  REQUIRE_FALSE(answers[0]);
  CHECK(answers[0].error().kind == ErrorKind::unsupported);
  CHECK(answers[0].error().what == "Get: the server answers asynchronously and is not done yet");
  CHECK(is_pending(answers[0].error()));
  CHECK_FALSE(is_pending(Error{ErrorKind::unsupported, "another", {}, {}}));
}

TEST_CASE("success without a payload is an empty payload") {
  Item item;
  item.operation = Operation::Get;
  const auto answers = read(response({item}), one_get);
  REQUIRE(answers[0]);
  CHECK(answers[0]->value.empty());
  CHECK_FALSE(decode_item<GetResponse>(*answers[0], settings));
}

TEST_CASE("an answer cut anywhere is corrupt") {
  const OwnedBytes message = response({encrypted("a", 1), encrypted("b", 2), encrypted("c", 3)});
  for (std::size_t n = 0; n < message.size(); ++n) {
    // A block of its own, so that reading past its end is found.
    const OwnedBytes cut(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(n));
    corrupt(cut, three_encrypts);
  }
  OwnedBytes longer = message;
  longer.resize(message.size() + 8);
  corrupt(longer, three_encrypts);
}

TEST_CASE("a flipped bit gives an answer for each question or an error") {
  Item refused = refusal(Operation::Encrypt, ResultReason::PermissionDenied, "not yours");
  refused.id = 2;
  const OwnedBytes message = response({encrypted("a", 1), refused, encrypted("c", 3)});
  std::size_t errors = 0;
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    OwnedBytes damaged = message;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    const auto answers = read_answers(damaged, three_encrypts, settings);
    if (!answers) {
      ++errors;
      CHECK(answers.error().kind == ErrorKind::corrupt);
      CHECK_FALSE(answers.error().what.empty());
      continue;
    }
    REQUIRE(answers->size() == three_encrypts.size());
    // What is left of a payload is read as far as it goes.
    for (const auto& answer : *answers) CHECK(object_of(answer).size() < 200);
  }
  CHECK(errors > 100);  // tags, types and lengths of everything that matters
}
