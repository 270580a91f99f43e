// Archive and Recover, Obtain Lease, and Check.
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

std::size_t located(Lab& lab, Version version, std::optional<StorageStatusMask> mask) {
  LocateRequest request;
  request.storage_status_mask = mask;
  return lab.answer(request, version).unique_identifiers.size();
}

}  // namespace

TEST_CASE("an archived object does nothing until it is recovered") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string key = lab.active_key(version, "kept");
    const Identifier id(key);
    lab.clock.pass(std::chrono::seconds(7));
    CHECK(lab.answer(ArchiveRequest{id}, version).unique_identifier == key);

    CHECK(lab.ask(ArchiveRequest{id}, version).reason() == ObjectArchived);
    CHECK(lab.ask(GetRequest{.unique_identifier = id}, version).reason() == ObjectArchived);
    CHECK(lab.ask(GetAttributesRequest{id, {}}, version).reason() == ObjectArchived);
    CHECK(lab.ask(GetAttributeListRequest{id}, version).reason() == ObjectArchived);
    CHECK(lab.ask(DestroyRequest{id}, version).reason() == ObjectArchived);
    CHECK(lab.ask(RevokeRequest{id, {}, {}}, version).reason() == ObjectArchived);
    CHECK(lab.ask(ObtainLeaseRequest{id}, version).reason() == ObjectArchived);
    CHECK(lab.ask(CheckRequest{id, {}, {}, {}}, version).reason() == ObjectArchived);
    CHECK(lab.ask(ReKeyRequest{.unique_identifier = id}, version).reason() == ObjectArchived);
    // Its name stays its own.
    CreateRequest again;
    again.attributes = aes(256, "kept");
    CHECK_FALSE(lab.ask(again, version).succeeded());

    CHECK(located(lab, version, {}) == 0);
    CHECK(located(lab, version, StorageStatusMask::OnLineStorage) == 0);
    CHECK(located(lab, version, StorageStatusMask::ArchivalStorage) == 1);

    CHECK(lab.answer(RecoverRequest{id}, version).unique_identifier == key);
    CHECK(lab.ask(RecoverRequest{id}, version).reason() == PermissionDenied);
    CHECK(lab.ask(GetRequest{.unique_identifier = id}, version).succeeded());
    CHECK(located(lab, version, {}) == 1);
    CHECK(located(lab, version, StorageStatusMask::ArchivalStorage) == 0);
  }
}

TEST_CASE("a destroyed object is not archived and gets no lease") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string key = lab.create(version, aes());
    lab.answer(DestroyRequest{Identifier(key)}, version);
    CHECK(lab.ask(ArchiveRequest{Identifier(key)}, version).reason() == PermissionDenied);
    CHECK(lab.ask(ObtainLeaseRequest{Identifier(key)}, version).reason() == PermissionDenied);
    CHECK(lab.ask(CheckRequest{Identifier(key), {}, {}, {}}, version).reason() == PermissionDenied);
  }
}

TEST_CASE("a lease is an hour, and the object shows it") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string key = lab.create(version, aes());
    const auto lease = lab.answer(ObtainLeaseRequest{Identifier(key)}, version);
    CHECK(lease.lease_time == Interval{3600});
    CHECK(lease.last_change_date.seconds == 1'700'000'000);
    const auto shown = lab.answer(GetAttributesRequest{Identifier(key), {}}, version);
    CHECK(shown.attributes.get<Interval>(Tag::LeaseTime) == Interval{3600});
  }
}

TEST_CASE("Check says whether a use is allowed, and stops a batch when it is not") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string key = lab.create(version, aes());
    CheckRequest check;
    check.unique_identifier = Identifier(key);
    check.cryptographic_usage_mask = CryptographicUsageMask::Decrypt;
    check.lease_time = Interval{3600};
    check.usage_limits_count = 5;
    CHECK(lab.answer(check, version).unique_identifier == key);
    check.lease_time = Interval{3601};
    CHECK(lab.ask(check, version).reason() == PermissionDenied);
    check.lease_time.reset();
    check.usage_limits_count = -1;
    CHECK(lab.ask(check, version).reason() == InvalidField);
    check.usage_limits_count.reset();
    check.cryptographic_usage_mask = CryptographicUsageMask::Decrypt | CryptographicUsageMask::Sign;
    CHECK(lab.ask(check, version).reason() ==
          by_version(version, PermissionDenied, IncompatibleCryptographicUsageMask));

    if (version < V2_0) continue;
    Message message(version);
    message.header.batch_error_continuation_option = BatchErrorContinuationOption::Continue;
    message.add(LocateRequest{}, "1").add(check, "2").add(GetRequest{}, "3");
    const Reply reply = lab.send(message);
    CHECK(reply.succeeded(0));
    CHECK_FALSE(reply.succeeded(1));
    CHECK(reply.reason(2) == ObjectNotFound);
  }
}

}  // namespace keyway::kmip::server::test
