#include <algorithm>

#include <kmip/model/attribute_values.h>
#include <kmip/model/common.h>
#include <kmip/server/object_attributes.h>

namespace keyway::kmip::server {

namespace {

// Kept and given back as they are; the ones with a meaning to the server are in read_field.
constexpr Tag kept_as_given[] = {
    Tag::Name,
    Tag::CryptographicParameters,
    Tag::OperationPolicyName,
    Tag::ObjectGroup,
    Tag::Link,
    Tag::ApplicationSpecificInformation,
    Tag::ContactInformation,
    Tag::AlternativeName,
    Tag::Description,
    Tag::Comment,
    Tag::NISTKeyType,
    Tag::QuantumSafe,
};

constexpr Tag set_by_server[] = {
    Tag::UniqueIdentifier,
    Tag::ObjectType,
    Tag::State,
    Tag::InitialDate,
    Tag::LastChangeDate,
    Tag::Digest,
    Tag::DestroyDate,
    Tag::CompromiseDate,
    Tag::CompromiseOccurrenceDate,
    Tag::RevocationReason,
    Tag::ArchiveDate,
    Tag::LeaseTime,
    Tag::AlwaysSensitive,
    Tag::NeverExtractable,
    Tag::KeyValuePresent,
    Tag::Fresh,
    Tag::CertificateLength,
    Tag::ShortUniqueIdentifier,
};

bool contains(std::span<const Tag> tags, Tag tag) { return std::ranges::find(tags, tag) != tags.end(); }

// take reads a single-valued attribute into `into`; false when the value is not of its type.
template <class T, class Into>
bool take(const Attributes& asked, Tag tag, Into& into) {
  const auto value = asked.get<T>(tag);
  if (value) into = *value;
  return value.has_value();
}

Outcome<> check_settable(const Attributes::View& view, Version version) {
  if (view.tag == Tag::TemplateAttribute)
    return refuse(reason::not_found, "this server has no templates: give the attributes themselves");
  const std::string label = printable(to_string(view.id()), 128);
  if (view.tag == Tag::Attribute) {
    if (view.vendor.empty())
      return refuse(reason::invalid_attribute,
                    "attribute \"{}\" is not known; names of custom attributes begin with x-", label);
    if (view.vendor == "y")
      return refuse(reason::read_only_attribute, "attribute {}: y- attributes are set by servers", label);
  } else if (contains(set_by_server, view.tag)) {
    return refuse(reason::read_only_attribute, "attribute {} is set by the server", label);
  }
  if (!view.value || !travels(view, version))
    return refuse(reason::invalid_attribute_value, "attribute {}: not a value of KMIP {}", label,
                  name(version));
  return {};
}

// The domain parameters this server can keep are those of a curve by its name.
bool take_curve(Object& object, const Attributes& asked) {
  const auto domain = asked.get<CryptographicDomainParameters>(Tag::CryptographicDomainParameters);
  if (!domain || domain->qlength || !domain->recommended_curve) return false;
  object.curve = domain->recommended_curve;
  return true;
}

bool in_order(const std::optional<DateTime>& start, const std::optional<DateTime>& end) {
  return !start || !end || start->seconds <= end->seconds;
}

template <class T>
void put(Attributes& list, Version version, Tag tag, const T& value) {
  const AttributeInfo* info = find_attribute(tag);
  if (info && info->versions.holds(version)) list.add(tag, value);
}
template <class T>
void put(Attributes& list, Version version, Tag tag, const std::optional<T>& value) {
  if (value) put(list, version, tag, *value);
}

void put_dates(Attributes& list, const Object& object, Version version) {
  put(list, version, Tag::InitialDate, object.initial_date);
  put(list, version, Tag::ActivationDate, object.activation_date);
  put(list, version, Tag::ProcessStartDate, object.process_start_date);
  put(list, version, Tag::ProtectStopDate, object.protect_stop_date);
  put(list, version, Tag::DeactivationDate, object.deactivation_date);
  put(list, version, Tag::DestroyDate, object.destroy_date);
  put(list, version, Tag::CompromiseOccurrenceDate, object.compromise_occurrence_date);
  put(list, version, Tag::CompromiseDate, object.compromise_date);
  put(list, version, Tag::LastChangeDate, object.last_change_date);
  put(list, version, Tag::OriginalCreationDate, object.original_creation_date);
  put(list, version, Tag::ArchiveDate, object.archive_date);
  put(list, version, Tag::LeaseTime, object.lease_time);
}

void put_certificate(Attributes& list, const Object& object, Version version) {
  if (!object.certificate) return;
  const CertificateFacts& facts = *object.certificate;
  put(list, version, Tag::CertificateType, CertificateType::X_509);
  put(list, version, Tag::CertificateLength, object.certificate_length);
  put(list, version, Tag::X_509CertificateIdentifier,
      X509CertificateIdentifier{facts.issuer, facts.serial_number});
  put(list, version, Tag::X_509CertificateSubject, X509CertificateSubject{Bytes(facts.subject), {}});
  put(list, version, Tag::X_509CertificateIssuer, X509CertificateIssuer{facts.issuer, {}});
}

// The format of what was hashed is said of keys only, and from 1.1 on (1.4 §3.17).
Digest digest_of(const Object& object, Version version) {
  Digest digest{HashingAlgorithm::SHA_256, Bytes(object.digest), {}};
  const bool is_key = object.type != ObjectType::Certificate && object.type != ObjectType::OpaqueObject;
  const bool encoded = object.type == ObjectType::PrivateKey || object.type == ObjectType::PublicKey;
  if (is_key && version >= Version::V1_1)
    digest.key_format_type = encoded ? object.format : KeyFormatType::Raw;
  return digest;
}

bool has_another(const Attributes& given, std::size_t i) {
  const auto view = given[i];
  for (std::size_t k = 0; k < given.size(); ++k)
    if (const auto other = given[k];
        k != i && other.tag == view.tag && other.vendor == view.vendor && other.name == view.name)
      return true;
  return false;
}

// In 1.x several instances of one attribute are told apart by an index, which an instance keeps when others
// go (1.4 §2.1.1). 0 need not be said when there is one instance only.
void put_given(Attributes& list, const Attributes& given, Version version) {
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto view = given[i];
    if (!travels(view, version)) continue;
    const bool alone = view.index == 0 && !has_another(given, i);
    list.add_raw(view.tag, view.vendor, view.name, alone ? std::nullopt : view.index, &*view.value);
  }
}

}  // namespace

bool travels(const Attributes::View& view, Version version) {
  Attributes one;
  one.add_raw(view.tag, view.vendor, view.name, {}, view.value ? &*view.value : nullptr);
  const Custom& codec = version < Version::V2_0 ? attribute_item_codec : attributes_codec;
  SecretBuffer scratch;
  Encoder encoder(scratch, version);
  return codec.encode(encoder, Tag::Attributes, &one);
}

bool is_set_by_server(const AttributeId& id) {
  return id.is_custom() ? id.vendor == "y" : contains(set_by_server, id.tag);
}

ReadField read_field(Object& object, const Attributes& asked, Tag tag) {
  const auto read = [](bool good) { return good ? ReadField::yes : ReadField::no; };
  switch (tag) {
    case Tag::CryptographicAlgorithm:
      return read(take<CryptographicAlgorithm>(asked, tag, object.algorithm) &&
                  find(Enumeration::CryptographicAlgorithm, static_cast<std::uint32_t>(*object.algorithm)));
    case Tag::CryptographicLength:
      return read(take<std::int32_t>(asked, tag, object.length) && *object.length > 0);
    case Tag::CryptographicUsageMask: return read(take<CryptographicUsageMask>(asked, tag, object.usage));
    case Tag::ActivationDate: return read(take<DateTime>(asked, tag, object.activation_date));
    case Tag::ProcessStartDate: return read(take<DateTime>(asked, tag, object.process_start_date));
    case Tag::ProtectStopDate: return read(take<DateTime>(asked, tag, object.protect_stop_date));
    case Tag::DeactivationDate: return read(take<DateTime>(asked, tag, object.deactivation_date));
    case Tag::OriginalCreationDate: return read(take<DateTime>(asked, tag, object.original_creation_date));
    case Tag::Sensitive: return read(take<bool>(asked, tag, object.sensitive));
    case Tag::Extractable: return read(take<bool>(asked, tag, object.extractable));
    case Tag::KeyFormatType: return read(take<KeyFormatType>(asked, tag, object.asked_format));
    case Tag::CryptographicDomainParameters: return read(take_curve(object, asked));
    default: return ReadField::not_known;
  }
}

bool dates_fit(const Object& object, Tag tag, DateTime value) {
  const auto date = [&](Tag which, const std::optional<DateTime>& held) {
    return which == tag ? std::optional(value) : held;
  };
  return in_order(date(Tag::ActivationDate, object.activation_date),
                  date(Tag::DeactivationDate, object.deactivation_date)) &&
         in_order(date(Tag::ProcessStartDate, object.process_start_date),
                  date(Tag::ProtectStopDate, object.protect_stop_date));
}

Outcome<> check_dates(const Object& object) {
  if (!in_order(object.activation_date, object.deactivation_date) ||
      !in_order(object.process_start_date, object.protect_stop_date))
    return refuse(reason::invalid_attribute_value,
                  "the dates are in the wrong order: an end is before a start");
  return {};
}

std::int32_t next_index(const Object& object, const AttributeId& id) {
  std::int32_t next = 0;
  for (std::size_t i = 0; i < object.given.size(); ++i)
    if (const auto view = object.given[i]; view.id() == id) next = std::max(next, view.index.value_or(0) + 1);
  return next;
}

Outcome<> set_attributes(Object& object, const Attributes& asked, Version version) {
  if (asked.size() > most_attributes)
    return refuse(reason::limit_exceeded, "more than {} attributes", most_attributes);
  std::vector<Tag> seen;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto view = asked[i];
    if (auto settable = check_settable(view, version); !settable) return settable;
    const AttributeInfo* info = view.tag == Tag::Attribute ? nullptr : find_attribute(view.tag);
    if (info && !info->multiple) {
      if (contains(seen, view.tag))
        return refuse(reason::single_valued_attribute, "attribute {} stands twice", info->name);
      seen.push_back(view.tag);
    }
    const ReadField read = read_field(object, asked, view.tag);
    if (read == ReadField::no)
      return refuse(reason::invalid_attribute_value, "attribute {}: this server cannot use the value",
                    info ? info->name : "");
    if (read == ReadField::yes) continue;
    if (view.tag != Tag::Attribute && !contains(kept_as_given, view.tag))
      return refuse(reason::unsupported_attribute, "attribute {} is not supported", info ? info->name : "");
    object.given.add_raw(view.tag, view.vendor, view.name, next_index(object, view.id()), &*view.value);
  }
  for (const Name& name : asked.all<Name>(Tag::Name)) {
    if (name.value.empty()) return refuse(reason::invalid_attribute_value, "an empty Name");
    if (std::ranges::find(object.names, name.value) != object.names.end())
      return refuse(reason::invalid_attribute_value, "the same Name twice");
    object.names.emplace_back(name.value);
  }
  object.always_sensitive = object.sensitive;
  object.never_extractable = !object.extractable;
  return check_dates(object);
}

Attributes attributes_of(const Object& object, Version version) {
  Attributes list;
  put(list, version, Tag::UniqueIdentifier, Text(object.identifier));
  put(list, version, Tag::ObjectType, object.type);
  put(list, version, Tag::CryptographicAlgorithm, object.algorithm);
  put(list, version, Tag::CryptographicLength, object.length);
  if (object.curve)
    put(list, version, Tag::CryptographicDomainParameters, CryptographicDomainParameters{{}, object.curve});
  if (object.has_state()) put(list, version, Tag::CryptographicUsageMask, object.usage);
  put_certificate(list, object, version);
  put(list, version, Tag::Digest, digest_of(object, version));
  if (object.has_state()) put(list, version, Tag::State, object.state);
  put_dates(list, object, version);
  if (object.revocation_reason) {
    RevocationReason revoked{*object.revocation_reason, {}};
    if (object.revocation_message) revoked.message = *object.revocation_message;
    put(list, version, Tag::RevocationReason, revoked);
  }
  put(list, version, Tag::Sensitive, object.sensitive);
  put(list, version, Tag::AlwaysSensitive, object.always_sensitive);
  put(list, version, Tag::Extractable, object.extractable);
  put(list, version, Tag::NeverExtractable, object.never_extractable);
  put(list, version, Tag::KeyFormatType, object.format);
  put_given(list, object.given, version);
  return list;
}

}  // namespace keyway::kmip::server
