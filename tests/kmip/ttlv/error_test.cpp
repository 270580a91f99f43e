#include <set>
#include <string>

#include <doctest/doctest.h>

#include <kmip/ttlv/error.h>

using namespace keyway;
using namespace keyway::kmip;

TEST_CASE("an error says what, where and under which tags") {
  CodecError error{.code = Errc::missing, .tag = Tag::ResultStatus, .offset = 64};
  CHECK(describe(error) == "field missing at byte 64: ResultStatus");
  CHECK_FALSE(error.under(Tag::BatchItem));
  CHECK_FALSE(error.under(Tag::ResponseMessage));
  CHECK(describe(error) == "field missing at byte 64: ResponseMessage/BatchItem/ResultStatus");
  const Error outer = to_error(error, "the server's answer");
  CHECK(outer.kind == ErrorKind::corrupt);
  CHECK(outer.what ==
        "the server's answer is not valid KMIP: field missing at byte 64: "
        "ResponseMessage/BatchItem/ResultStatus");
}

TEST_CASE("an item cut within its header has no tag to name") {
  CodecError error{.code = Errc::truncated, .offset = 8};
  CHECK(describe(error) == "item cut short at byte 8");
  error.under(Tag::KeyValue);
  CHECK(describe(error) == "item cut short at byte 8: KeyValue");
}

TEST_CASE("a path keeps the innermost tags when there are more than it holds") {
  CodecError error{.code = Errc::too_deep, .tag = Tag::BatchCount};
  for (int i = 0; i < 8; ++i) error.under(Tag::BatchItem);
  error.under(Tag::ResponseMessage);
  CHECK(error.depth == 8);
  CHECK(describe(error).find("ResponseMessage") == std::string::npos);
}

TEST_CASE("every kind of mistake has words of its own") {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::too_long); ++code)
    CHECK(names.insert(name(static_cast<Errc>(code))).second);
  CHECK(names.count("unknown error") == 0);
  CHECK(name(static_cast<Errc>(200)) == "unknown error");
}
