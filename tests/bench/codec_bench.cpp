// What encoding and decoding cost: nanoseconds and allocations for each message, beside a memcpy of its
// bytes. Columns: allocs (for each run), bytes (of the message), memcpy_ns, ratio (to the memcpy).
#include <cstdlib>
#include <cstring>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <time.h>

#include <kmip/model/encrypt.h>
#include <kmip/model/get.h>
#include <kmip/model/locate.h>
#include <kmip/model/message.h>
#include <kmip/model/query.h>
#include <kmip/wire/exchange.h>
#include <tests/kmip/allocations.h>

using namespace keyway;
using namespace keyway::kmip;

namespace {

constexpr Text identifier = "49a1ca88-6bea-4fb2-b450-7e58802c3038";
constexpr Text data = "thirty-two bytes of some data...";
constexpr Text iv = "twelve bytes";
constexpr Text tag = "sixteen byte tag";
// A client reads answers leniently, a server reads requests strictly.
const Settings strict{Version::V1_4, Mode::strict, {}};
const Settings lenient{Version::V1_4, Mode::lenient, {}};

// Of this thread, so that a busy machine does not count.
double processor_nanoseconds() {
  timespec now{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) std::abort();
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double memcpy_nanoseconds(Bytes message) {
  constexpr int runs = 200'000;
  OwnedBytes to(message.size());
  const double start = processor_nanoseconds();
  for (int i = 0; i < runs; ++i) {
    std::memcpy(to.data(), message.data(), message.size());
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  return (processor_nanoseconds() - start) / runs;
}

template <class Work>
void measure(benchmark::State& state, Bytes message, Work work) {
  work();  // buffers that are used again have their size now
  const auto used = test::allocations_of([&] {
    for (int i = 0; i < 100; ++i) work();
  });
  const double start = processor_nanoseconds();
  for (auto _ : state) work();
  const double each = (processor_nanoseconds() - start) / static_cast<double>(state.iterations());
  const double copy = memcpy_nanoseconds(message);
  state.counters["allocs"] = static_cast<double>(used.count) / 100;
  state.counters["bytes"] = static_cast<double>(message.size());
  state.counters["memcpy_ns"] = copy;
  state.counters["ratio"] = each / copy;
}

void require(bool good, const char* what) {
  if (good) return;
  fmt::print(stderr, "the benchmark's {} is broken\n", what);
  std::abort();
}

// Buffers of one exchange, used again for the next, as a connection does.
struct Buffers {
  SecretBuffer payload, message;
};

// A request as a client writes it: header and payload straight into one buffer.
template <OperationRequest Request>
void encode_request(const Request& request, SecretBuffer& message) {
  message.clear();
  const Question asked = question(request);
  const RequestOptions options{Version::V1_4, nullptr, {}};
  require(write_request(message, {&asked, 1}, options).has_value(), "request");
}

template <OperationRequest Request>
void encode_response(const typename Request::Response& response, Buffers& out) {
  out.payload.clear();
  out.message.clear();
  require(encode(out.payload, Tag::ResponsePayload, response, Version::V1_4).has_value(), "response");
  ResponseMessage message;
  message.header.protocol_version = Version::V1_4;
  message.header.time_stamp = DateTime{1'205'495'800};
  ResponseBatchItem& item = message.items.emplace_back();
  item.operation = Request::operation;
  item.payload = Raw{Tag::ResponsePayload, Type::Structure, out.payload.view().subspan(item_header_size), 0};
  require(encode(out.message, Tag::ResponseMessage, message, Version::V1_4).has_value(), "response message");
}

template <class Payload, class Message>
void decode_both_steps(Bytes bytes, Tag message_tag, const Settings& settings) {
  const auto message = decode_message<Message>(bytes, message_tag, settings);
  require(message.has_value(), "message");
  auto item = [&] {
    if constexpr (std::is_same_v<Message, ResponseMessage>)
      return *message->items[0].payload;
    else
      return message->items[0].payload;
  }();
  const auto payload = decode_item<Payload>(item, settings);
  require(payload.has_value(), "payload");
  benchmark::DoNotOptimize(&*payload);
}

enum class Run : std::uint8_t { encode, decode, decode_strictly };

template <OperationRequest Request>
void bench_response(benchmark::State& state, const typename Request::Response& response, Run run) {
  Buffers buffers;
  encode_response<Request>(response, buffers);
  const Bytes message = buffers.message.view();
  if (run != Run::encode) {
    const Settings& settings = run == Run::decode ? lenient : strict;
    measure(state, message, [&] {
      decode_both_steps<typename Request::Response, ResponseMessage>(message, Tag::ResponseMessage, settings);
    });
  } else {
    const OwnedBytes copy = owned(message);
    measure(state, copy, [&] { encode_response<Request>(response, buffers); });
  }
}

EncryptRequest make_encrypt_request() {
  EncryptRequest request;
  request.unique_identifier = identifier;
  request.data = bytes_of(data.substr(0, 24));
  return request;
}

EncryptResponse make_encrypt_response() {
  return {.unique_identifier = identifier,
          .data = bytes_of(data),
          .iv_counter_nonce = bytes_of(iv),
          .correlation_value = {},
          .authenticated_encryption_tag = bytes_of(tag)};
}

GetResponse make_get_response() {
  GetResponse response;
  response.object_type = ObjectType::SymmetricKey;
  response.unique_identifier = identifier;
  KeyBlock& block = response.object.symmetric_key.emplace().key_block;
  block.key_value.emplace().key_material.emplace(data);
  block.cryptographic_algorithm = CryptographicAlgorithm::AES;
  block.cryptographic_length = 256;
  return response;
}

QueryResponse make_query_response() {
  QueryResponse response;
  for (const ValueInfo& value : values(Enumeration::Operation))
    if (value.versions.holds(Version::V1_4))
      response.operations.push_back(static_cast<Operation>(value.value));
  response.object_types = {ObjectType::Certificate, ObjectType::SymmetricKey, ObjectType::SecretData};
  response.vendor_identification = "a vendor, a product and its version";
  return response;
}

void encrypt_request_encode(benchmark::State& state) {
  const EncryptRequest request = make_encrypt_request();
  SecretBuffer message;
  encode_request(request, message);
  const OwnedBytes copy = owned(message.view());
  measure(state, copy, [&] { encode_request(request, message); });
}

void encrypt_request_decode(benchmark::State& state) {
  SecretBuffer message;
  encode_request(make_encrypt_request(), message);
  const Bytes bytes = message.view();
  measure(state, bytes,
          [&] { decode_both_steps<EncryptRequest, RequestMessage>(bytes, Tag::RequestMessage, strict); });
}

void encrypt_response(benchmark::State& state, Run run) {
  bench_response<EncryptRequest>(state, make_encrypt_response(), run);
}
void get_response(benchmark::State& state, Run run) {
  bench_response<GetRequest>(state, make_get_response(), run);
}
void query_response(benchmark::State& state, Run run) {
  bench_response<QueryRequest>(state, make_query_response(), run);
}
void locate_response(benchmark::State& state, Run run) {
  LocateResponse response;
  response.unique_identifiers.assign(1'000, identifier);
  bench_response<LocateRequest>(state, response, run);
}

BENCHMARK(encrypt_request_encode);
BENCHMARK(encrypt_request_decode);
BENCHMARK_CAPTURE(encrypt_response, encode, Run::encode);
BENCHMARK_CAPTURE(encrypt_response, decode, Run::decode);
BENCHMARK_CAPTURE(encrypt_response, decode_strictly, Run::decode_strictly);
BENCHMARK_CAPTURE(get_response, encode, Run::encode);
BENCHMARK_CAPTURE(get_response, decode, Run::decode);
BENCHMARK_CAPTURE(locate_response, encode_1000, Run::encode);
BENCHMARK_CAPTURE(locate_response, decode_1000, Run::decode);
BENCHMARK_CAPTURE(query_response, encode, Run::encode);
BENCHMARK_CAPTURE(query_response, decode, Run::decode);

}  // namespace

BENCHMARK_MAIN();
