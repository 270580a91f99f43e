// The embedded KMIP server without its sockets: one request message in, one response message out. For
// development, tests and labs: keys live in this process's memory and end with it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <core/bytes.h>
#include <core/clock.h>
#include <core/random.h>
#include <core/secret.h>
#include <kmip/spec/spec.h>
#include <kmip/ttlv/limits.h>

namespace keyway::kmip::server {

// Ways in which real servers differ from the standard or from each other, to try clients against. All off.
struct Quirks {
  bool no_discover_versions = false;        // Operation Not Supported, as a 1.0 server
  bool discover_answers_nothing = false;    // an empty list
  bool omit_operation_in_response = false;  // no Operation in any response item
  bool omit_batch_id = false;               // no Unique Batch Item ID in any response item
  std::uint32_t max_batch_items = 0;        // a longer batch is refused as a whole; 0: any length
  bool no_encrypt = false;                  // neither Encrypt nor Decrypt
  bool no_gcm = false;                      // GCM is refused, CBC works
  bool drop_gcm_tag = false;                // before 1.4 the tag is lost, as PyKMIP loses it
  bool answer_other_identifier = false;     // a Unique Identifier that was not asked for
  bool answer_other_operation = false;      // an Operation that was not asked for
  bool too_many_items = false;              // one response item more than there were requests
  bool locate_ignores_filter = false;       // every object matches
  bool locate_omits_located_items = false;  // as before 1.3
  bool extra_unknown_field = false;         // a field of an unknown tag at the end of each payload
};

// Event tells what became of one batch item, or of a whole message when it was refused. Views last as long
// as the call that receives it. Holds no secret.
struct Event {
  Text client;
  Version version{};
  std::optional<Operation> operation;
  std::optional<ResultReason> reason;  // none: it succeeded
  Text message;                        // why it was refused, or what a Log request said
};

struct EngineSettings {
  const Clock* clock = &system_clock();  // must outlive the engine, as must `random`
  Random* random = &system_random();
  Version oldest = oldest_version;
  Version newest = newest_version;
  std::string vendor_identification = "Keyway development server - not for production";
  // When `username` is set, every message must carry it and `password` as a Credential; otherwise
  // credentials are accepted and ignored.
  std::string username;
  Secret password;
  Limits limits{.message = largest_request};  // of requests
  std::size_t largest_response = 8u << 20;    // bytes; a client may ask for less
  std::size_t most_objects = 100'000;         // destroyed ones count
  Quirks quirks;
  std::function<void(const Event&)> observer;  // called under the engine's lock; must not call it back
};

// Engine is thread-safe: messages are handled one after the other.
class Engine {
 public:
  explicit Engine(EngineSettings settings);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // handle answers one complete request message of any bytes. `client` names the peer for the observer.
  // The response is a whole message at a version the server speaks; only when memory runs out it is empty,
  // which means: close the connection.
  SecretBuffer handle(Bytes request, Text client) noexcept;

  // limits are those of the requests it takes: a longer one need not be read.
  const Limits& limits() const;
  // refuse_unreadable is the answer to a message that was too long to be read.
  SecretBuffer refuse_unreadable(Text why, Text client) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace keyway::kmip::server
