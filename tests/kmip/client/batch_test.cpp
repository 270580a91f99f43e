#include <doctest/doctest.h>

#include <tests/kmip/client/support.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;

namespace {

std::vector<GetAttributeListRequest> lists_of(const std::vector<Text>& ids) {
  std::vector<GetAttributeListRequest> requests;
  for (const Text id : ids) requests.push_back(attribute_list_of(id));
  return requests;
}

template <class Reply>
Seen ids_of(const std::vector<Result<Reply>>& replies) {
  Seen ids;
  for (const auto& reply : replies)
    ids.push_back(reply ? std::string((*reply)->unique_identifier) : describe(reply.error()));
  return ids;
}

Step refuse_batch(ResultReason reason) {
  return answer(response({refusal(std::nullopt, reason, "no batches here")}));
}

}  // namespace

TEST_CASE("a batch travels as one message and is cut at the limit") {
  const ScriptedPeer peer(
      server_tls(),
      {Connection{{answer(listed({"a", "b"})), answer(listed({"c", "d"})), answer(listed({"e"}))}}});
  ClientSettings settings = settings_for(peer);
  settings.batch_limit = 2;
  BlockingClient client(settings);
  CHECK(ids_of(client.call_each(lists_of({"a", "b", "c", "d", "e"}))) == Seen{"a", "b", "c", "d", "e"});
  CHECK(peer.seen() ==
        Seen{"GetAttributeList,GetAttributeList GetAttributeList,GetAttributeList GetAttributeList"});
}

TEST_CASE("an empty batch is answered without a server") {
  const ScriptedPeer peer(server_tls(), {});
  BlockingClient client(settings_for(peer));
  CHECK(client.call_each(std::vector<GetAttributeListRequest>{}).empty());
  CHECK(peer.seen().empty());
}

TEST_CASE("a server that refuses batches is asked one by one, from then on and in order") {
  for (const ResultReason reason :
       {ResultReason::InvalidMessage, ResultReason::FeatureNotSupported, ResultReason::ResponseTooLarge}) {
    CAPTURE(name(reason));
    const ScriptedPeer peer(
        server_tls(), {Connection{{refuse_batch(reason), answer(listed({"a"})), answer(listed({"b"})),
                                   answer(listed({"c"})), answer(listed({"d"})), answer(listed({"e"}))}}});
    BlockingClient client(settings_for(peer));
    CHECK(ids_of(client.call_each(lists_of({"a", "b", "c"}))) == Seen{"a", "b", "c"});
    CHECK(ids_of(client.call_each(lists_of({"d", "e"}))) == Seen{"d", "e"});
    CHECK(peer.seen() == Seen{"GetAttributeList,GetAttributeList,GetAttributeList GetAttributeList "
                              "GetAttributeList GetAttributeList GetAttributeList GetAttributeList"});
  }
}

TEST_CASE("a server that takes short batches is asked in short batches, from then on") {
  const ScriptedPeer peer(server_tls(),
                          {Connection{{refuse_batch(ResultReason::GeneralFailure), answer(listed({"a", "b"})),
                                       answer(listed({"c", "d"})), answer(listed({"e", "f"}))}}});
  BlockingClient client(settings_for(peer));
  CHECK(ids_of(client.call_each(lists_of({"a", "b", "c", "d"}))) == Seen{"a", "b", "c", "d"});
  CHECK(ids_of(client.call_each(lists_of({"e", "f"}))) == Seen{"e", "f"});
  const std::string pair = "GetAttributeList,GetAttributeList";
  CHECK(peer.seen() == Seen{fmt::format("{},{} {} {} {}", pair, pair, pair, pair, pair)});
}

TEST_CASE("a server that refuses batches and single requests alike is not taken to refuse batches") {
  const Step no = refuse_batch(ResultReason::InvalidMessage);
  const ScriptedPeer peer(server_tls(), {Connection{{no, no, no, answer(listed({"a", "b"}))}}});
  BlockingClient client(settings_for(peer));
  for (const auto& reply : client.call_each(lists_of({"a", "b"}))) CHECK_FALSE(reply);
  CHECK(ids_of(client.call_each(lists_of({"a", "b"}))) == Seen{"a", "b"});
}

TEST_CASE("a server that answers the first of a batch only is asked one by one") {
  const ScriptedPeer peer(
      server_tls(), {Connection{{answer(listed({"a"})), answer(listed({"a"})), answer(listed({"b"}))}}});
  BlockingClient client(settings_for(peer));
  CHECK(ids_of(client.call_each(lists_of({"a", "b"}))) == Seen{"a", "b"});
  CHECK(peer.seen() == Seen{"GetAttributeList,GetAttributeList GetAttributeList GetAttributeList"});
}

TEST_CASE("one refusal in a batch fails alone, and the batch is not sent again") {
  GetAttributeListResponse a, c;
  a.names.ids = c.names.ids = {Tag::State};
  a.unique_identifier = "a";
  c.unique_identifier = "c";
  const OwnedBytes mixed = response({success(Operation::GetAttributeList, payload_of(a)),
                                     refusal(Operation::GetAttributeList, ResultReason::ItemNotFound),
                                     success(Operation::GetAttributeList, payload_of(c))});
  const ScriptedPeer peer(server_tls(), {Connection{{answer(mixed)}}});
  BlockingClient client(settings_for(peer));
  const auto replies = client.call_each(lists_of({"a", "b", "c"}));
  REQUIRE(replies.size() == 3);
  CHECK((*replies[0])->unique_identifier == "a");
  REQUIRE_FALSE(replies[1]);
  CHECK(replies[1].error().kind == ErrorKind::not_found);
  CHECK((*replies[2])->unique_identifier == "c");
  CHECK(peer.seen() == Seen{"GetAttributeList,GetAttributeList,GetAttributeList"});
}

TEST_CASE("a connection that fails under the second part of a batch leaves the first part's answers") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(listed({"a", "b"})), cut(listed({"c"}), 20)}}});
  ClientSettings settings = settings_for(peer);
  settings.batch_limit = 2;
  BlockingClient client(settings);
  const auto replies = client.call_each(lists_of({"a", "b", "c"}));
  REQUIRE(replies.size() == 3);
  CHECK(replies[0]);
  CHECK(replies[1]);
  CHECK(contains(text_of_error(replies[2]), "in the middle of its answer, after 20 of"));
}

TEST_CASE("calls of several threads are each answered with their own answer") {
  constexpr int calls = 40;
  // The peer echoes the identifier of each request: the only text in it is where the test put it.
  const Step echo{Step::Act::answer, [](Bytes request) {
                    const auto message = decode_message<RequestMessage>(
                        request, Tag::RequestMessage, {Version::V1_4, Mode::lenient, Limits{}});
                    const auto payload = decode_item<GetAttributeListRequest>(
                        message->items[0].payload, {Version::V1_4, Mode::lenient, Limits{}});
                    return listed({*payload->unique_identifier->text()});
                  }};
  const ScriptedPeer peer(server_tls(), {Connection{std::vector<Step>(calls * 2, echo)}});
  BlockingClient client(settings_for(peer));
  std::atomic<int> wrong = 0;
  const auto run = [&](char who) {
    for (int i = 0; i < calls; ++i) {
      const std::string id = fmt::format("{}{}", who, i);
      const auto reply = client.call(attribute_list_of(id));
      if (!reply || (*reply)->unique_identifier != id) ++wrong;
    }
  };
  std::thread other([&] { run('x'); });
  run('y');
  other.join();
  CHECK(wrong == 0);
  CHECK(peer.seen().size() == 1);
}
