// One batch item on its way through the server: what an operation is given, and how it answers.
#pragma once

#include <string>
#include <vector>

#include <kmip/model/identifier.h>
#include <kmip/server/engine.h>
#include <kmip/server/object_store.h>
#include <kmip/server/refusal.h>

namespace keyway::kmip::server {

// Batch is what the items of one message share: the identifiers that later items may refer to.
struct Batch {
  struct Mention {
    std::optional<UniqueIdentifier> as;  // how a later item can refer to it; none: by its position only
    std::string identifier;
  };
  bool placeholder_allowed = true;  // 1.x: only in ordered batches that stop at an error (1.4 §4)
  std::string placeholder;          // the ID Placeholder; empty: none
  std::vector<Mention> mentions;    // every identifier of the responses so far (2.1 §4.58)
};

class Call {
 public:
  Call(const EngineSettings& settings_, ObjectStore& store_, Batch& batch, Operation operation_,
       Version version_, DateTime now_, std::size_t room)
      : settings(settings_),
        store(store_),
        operation(operation_),
        version(version_),
        now(now_),
        batch_(batch),
        room_(room) {}

  const EngineSettings& settings;
  ObjectStore& store;
  const Operation operation;
  const Version version;
  const DateTime now;

  // object finds what a request names, its state brought up to date. Refuses when there is none, or when it
  // is archived.
  Outcome<Object*> object(const std::optional<Identifier>& named);
  Outcome<Object*> object_or_archived(const std::optional<Identifier>& named);

  // mention is the identifier as the response shows it; later items of the batch may refer to it, by the
  // operation unless `as` says otherwise.
  Text mention(const Object& object);
  Text mention(const Object& object, UniqueIdentifier as);
  // set_placeholder makes `object` what a later item without an identifier means; null: nothing.
  void set_placeholder(const Object* object);

  // answer writes the response payload, or refuses when it does not fit. An operation calls it once: last,
  // or before it changes anything when its answer may be long.
  template <Structured T>
  Outcome<> answer(const T& response) {
    return answered(encode(payload_, Tag::ResponsePayload, response, version));
  }
  SecretBuffer& payload() { return payload_; }

  // note gives the observer a text about a success. Not for secrets.
  void note(Text text) { note_ = printable(text); }
  const std::string& note() const { return note_; }

 private:
  Outcome<Text> resolve(const std::optional<Identifier>& named) const;
  Text shown(const Object& object) const;
  Outcome<> answered(const Decoded<void>& encoded) const;

  Batch& batch_;
  std::size_t room_;  // bytes for the payload
  SecretBuffer payload_;
  std::string note_;
};

}  // namespace keyway::kmip::server
