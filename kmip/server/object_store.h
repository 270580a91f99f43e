// The server's objects, in memory. Not thread-safe: the engine's lock guards it.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include <core/asymmetric.h>
#include <core/crypto.h>
#include <core/random.h>
#include <core/secret.h>
#include <kmip/model/attributes.h>

namespace keyway::kmip::server {

struct Object {
  std::string identifier;
  ObjectType type{};
  KeyFormatType format = KeyFormatType::Raw;  // as registered
  std::optional<KeyFormatType> asked_format;  // what the attributes of its making say
  std::optional<SecretDataType> secret_data_type;
  std::optional<CertificateFacts> certificate;
  std::int32_t certificate_length = 0;  // bytes
  OpaqueDataType opaque_data_type{};
  Secret key;  // empty once destroyed
  State state = State::PreActive;
  std::optional<CryptographicAlgorithm> algorithm;
  std::optional<std::int32_t> length;  // bits
  std::optional<RecommendedCurve> curve;
  CryptographicUsageMask usage{};
  bool sensitive = false, always_sensitive = false, extractable = true, never_extractable = false;

  DateTime initial_date, last_change_date;
  std::optional<DateTime> activation_date, process_start_date, protect_stop_date, deactivation_date,
      destroy_date, compromise_date, compromise_occurrence_date, original_creation_date, archive_date;
  std::optional<Interval> lease_time;  // once a lease was obtained
  std::optional<RevocationReasonCode> revocation_reason;
  std::optional<std::string> revocation_message;
  Sha256 digest{};  // of the key
  std::vector<std::string> names;
  Attributes given;  // what the client set and the server gives back as it is; names are among them

  // Opaque objects have no life cycle: they are no cryptographic objects (1.4 §3.22).
  bool has_state() const { return type != ObjectType::OpaqueObject; }
  bool is_destroyed() const { return state == State::Destroyed || state == State::DestroyedCompromised; }
};

class ObjectStore {
 public:
  // add gives `object` a new identifier and keeps it. Its names must be free.
  Object& add(Object object, Random& random);
  // put keeps `object` under the identifier it has, in place of what was there. Its names must be free, or
  // those of what was there.
  Object& put(Object object);
  // find is null when no object has this identifier. Destroyed objects are found.
  Object* find(Text identifier);
  // name_in_use is true while an object that is not destroyed has this name.
  bool name_in_use(const std::string& name) const { return names_.contains(name); }
  // update_names makes `object` known by the names among its given attributes. They must be free or its own.
  void update_names(Object& object);
  // destroy wipes the key and frees the names; what is known about the object stays (1.4 §4.21).
  void destroy(Object& object, DateTime now);

  // objects are in the order of their creation.
  std::deque<Object>& objects() { return objects_; }
  std::size_t size() const { return objects_.size(); }

 private:
  std::deque<Object> objects_;  // a deque, because its elements stay where they are
  std::unordered_map<Text, Object*> by_identifier_;
  std::unordered_set<std::string> names_;
};

// update_state makes the transitions that happen by time: activation and deactivation dates (1.4 §3.22).
void update_state(Object& object, DateTime now);

}  // namespace keyway::kmip::server
