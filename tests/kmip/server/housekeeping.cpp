// Poll, Cancel, Ping and Log.
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

TEST_CASE("no asynchronous operation is ever going on") {
  Lab lab;
  for (const Version version : every_version) {
    CAPTURE(version);
    CHECK(lab.ask(PollRequest{bytes_of("some value")}, version).reason() ==
          by_version(version, ItemNotFound, InvalidAsynchronousCorrelationValue));
    const CancelRequest cancel{bytes_of("some value")};
    if (version >= V2_0) {
      CHECK(lab.ask(cancel, version).reason() == InvalidAsynchronousCorrelationValue);
      continue;
    }
    const auto response = lab.answer(cancel, version);
    CHECK(response.cancellation_result == CancellationResult::Unavailable);
    CHECK(text_of(response.asynchronous_correlation_value) == "some value");
  }
}

TEST_CASE("Ping is answered, and a logged text reaches the observer, made harmless") {
  std::vector<std::string> heard;
  EngineSettings settings;
  settings.observer = [&](const Event& event) {
    CHECK_FALSE(event.reason);
    heard.emplace_back(event.message);
  };
  Lab lab(std::move(settings));
  CHECK(lab.ask(PingRequest{}, V2_1).succeeded());
  for (const Version version : {V2_0, V2_1})
    CHECK(lab.ask(LogRequest{"key rotated\x1b[2J"}, version).succeeded());
  REQUIRE(heard.size() == 3);
  CHECK(heard[0].empty());
  CHECK(heard[1].starts_with("key rotated"));
  CHECK(heard[1].find('\x1b') == std::string::npos);
}

}  // namespace keyway::kmip::server::test
