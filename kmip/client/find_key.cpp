#include <algorithm>
#include <vector>

#include <asio/use_awaitable.hpp>
#include <fmt/ranges.h>

#include <kmip/client/find_key.h>
#include <kmip/model/get_attributes.h>
#include <kmip/model/locate.h>

namespace keyway::kmip {

namespace {

constexpr std::int32_t page_size = 16;  // every server seen gives that many at once
constexpr int most_pages = 64;

LocateRequest locate_page(std::string_view name, bool paged, std::size_t offset) {
  LocateRequest request;
  if (paged) request.maximum_items = page_size;
  if (offset > 0) request.offset_items = static_cast<std::int32_t>(offset);
  request.attributes.add(Tag::Name, Name{.value = name});
  return request;
}

bool is_gone(std::optional<State> state) {
  return state == State::Destroyed || state == State::DestroyedCompromised;
}

// Whether the object really has this name and still exists.
asio::awaitable<Result<bool>> has_name(Client& client, std::string id, std::string name) {
  GetAttributesRequest request;
  request.unique_identifier = Identifier(id);
  request.names.ids = {Tag::Name, Tag::State};
  auto reply = co_await client.async_call(std::move(request), asio::use_awaitable);
  if (!reply) {
    // Locate may list what this client may not see, or what was destroyed since.
    if (reply.error().kind == ErrorKind::not_found || reply.error().kind == ErrorKind::refused)
      co_return false;
    co_return std::unexpected(std::move(reply.error()));
  }
  const Attributes& attributes = (*reply)->attributes;
  if (is_gone(attributes.get<State>(Tag::State))) co_return false;
  const auto names = attributes.all<Name>(Tag::Name);
  co_return std::ranges::any_of(names, [&](const Name& one) { return one.value == name; });
}

// All identifiers Locate gives for the name, page by page where the version has Offset Items.
asio::awaitable<Result<std::vector<std::string>>> locate_all(Client& client, std::string name) {
  std::vector<std::string> found;
  for (int page = 0; page < most_pages; ++page) {
    LocateRequest request = locate_page(name, true, found.size());
    auto reply = co_await client.async_call(std::move(request), asio::use_awaitable);
    if (!reply && page > 0 && reply.error().kind == ErrorKind::unsupported) {
      // Before 1.3 there is no second page: ask for all at once.
      found.clear();
      LocateRequest everything = locate_page(name, false, 0);
      reply = co_await client.async_call(std::move(everything), asio::use_awaitable);
      page = most_pages;
    }
    if (!reply) co_return std::unexpected(std::move(reply.error()));
    const auto& ids = (*reply)->unique_identifiers;
    for (const Text id : ids) found.emplace_back(id);
    if (ids.size() < static_cast<std::size_t>(page_size)) break;
  }
  co_return found;
}

}  // namespace

asio::awaitable<Result<std::string>> find_key(Client& client, KeyReference key) {
  if (key.text.empty()) co_return fail(ErrorKind::invalid_input, "no key is named");
  if (!key.is_name()) co_return key.text;
  const std::string name(key.name());
  if (name.empty()) co_return fail(ErrorKind::invalid_input, "'name:' is followed by no name");
  auto candidates = co_await locate_all(client, name);
  if (!candidates) co_return std::unexpected(std::move(candidates.error()));
  std::vector<std::string> matches;
  for (const std::string& id : *candidates) {
    auto match = co_await has_name(client, id, name);
    if (!match) co_return std::unexpected(std::move(match.error()));
    if (*match && std::ranges::find(matches, id) == matches.end()) matches.push_back(id);
  }
  if (matches.empty())
    co_return fail_with_advice(
        ErrorKind::not_found,
        "check the name; a key of another group or domain is invisible to this certificate",
        "the server has no object named '{}'", printable(name, 128));
  if (matches.size() > 1)
    co_return fail_with_advice(ErrorKind::invalid_input, "give the unique identifier instead of the name",
                               "{} objects are named '{}': {}", matches.size(), printable(name, 128),
                               printable(fmt::format("{}", fmt::join(matches, ", "))));
  co_return std::move(matches.front());
}

asio::awaitable<Result<KeyFacts>> key_facts(Client& client, std::string id) {
  GetAttributesRequest request;
  request.unique_identifier = Identifier(id);
  request.names.ids = {Tag::State, Tag::CryptographicAlgorithm, Tag::CryptographicLength,
                       Tag::CryptographicUsageMask};
  auto reply = co_await client.async_call(std::move(request), asio::use_awaitable);
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  const Attributes& attributes = (*reply)->attributes;
  co_return KeyFacts{
      .state = attributes.get<State>(Tag::State),
      .algorithm = attributes.get<CryptographicAlgorithm>(Tag::CryptographicAlgorithm),
      .length = attributes.get<std::int32_t>(Tag::CryptographicLength),
      .usage = attributes.get<CryptographicUsageMask>(Tag::CryptographicUsageMask),
  };
}

}  // namespace keyway::kmip
