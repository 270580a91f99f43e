#include <algorithm>
#include <array>

#include <kmip/model/discover_versions.h>
#include <kmip/wire/negotiation.h>

namespace keyway::kmip {

namespace {

using enum Version;

// 1.4 first: every server of the last ten years reads it. The 2.x headers are for servers that dropped 1.x.
constexpr std::array headers{V1_4, V1_3, V1_2, V1_1, V2_1, V2_0};

// Newest first, in the order we prefer them.
DiscoverVersionsRequest our_versions() {
  DiscoverVersionsRequest request;
  for (int v = static_cast<int>(newest_version); v >= static_cast<int>(oldest_version); --v)
    request.protocol_versions.emplace_back(static_cast<Version>(v));
  return request;
}

bool is_about_the_version(ResultReason reason) {
  switch (reason) {
    case ResultReason::InvalidMessage:
    case ResultReason::UnsupportedProtocolVersion:
    case ResultReason::FeatureNotSupported:
    case ResultReason::InvalidField:
    case ResultReason::GeneralFailure: return true;
    default: return false;
  }
}

}  // namespace

Version Negotiation::asking_at() const { return headers[std::min(attempt_, headers.size() - 1)]; }

Result<void> Negotiation::write_question(SecretBuffer& out, const Login* login) const {
  const DiscoverVersionsRequest request = our_versions();
  const Question asked = question(request);
  return write_request(out, {&asked, 1}, {.version = asking_at(), .login = login});
}

Result<void> Negotiation::read_answer(Bytes message, const Limits& limits) {
  const Settings settings{asking_at(), Mode::lenient, limits};
  const Question asked{Operation::DiscoverVersions, nullptr, nullptr};
  const auto answers = read_answers(message, {&asked, 1}, settings);
  if (!answers) return std::unexpected(answers.error());
  const Result<Raw>& answer = answers->front();
  if (!answer) {
    const auto& refusal = answer.error().refusal;
    const auto reason = refusal ? static_cast<ResultReason>(refusal->reason) : ResultReason{};
    if (reason == ResultReason::OperationNotSupported) {
      // It read the header, so it speaks this version; what it answers with may be an older one.
      const auto response = decode_message<ResponseMessage>(message, Tag::ResponseMessage, settings);
      const auto theirs = response ? version_of(response->header.protocol_version.number()) : std::nullopt;
      version_ = std::min(theirs.value_or(asking_at()), asking_at());
      return {};
    }
    if (!is_about_the_version(reason)) return std::unexpected(answer.error());
    if (++attempt_ == headers.size()) version_ = V1_0;
    return {};
  }
  const auto discovered = decode_item<DiscoverVersionsResponse>(*answer, settings);
  if (!discovered) return std::unexpected(to_error(discovered.error(), "the answer to Discover Versions"));
  std::optional<Version> best;
  for (const ProtocolVersion& offered : discovered->protocol_versions)
    if (const auto version = version_of(offered.number())) best = std::max(best.value_or(*version), *version);
  if (!best && !discovered->protocol_versions.empty())
    return fail(ErrorKind::unsupported, "the server speaks none of KMIP {} to {}", name(oldest_version),
                name(newest_version));
  version_ = best.value_or(asking_at());
  return {};
}

}  // namespace keyway::kmip
