// Operations about the server, the session and asynchronous requests. See perform.h for what
// all of them have in common.
#pragma once

#include <optional>

#include <kmip/client/perform.h>
#include <kmip/model/cancel.h>
#include <kmip/model/delegated_login.h>
#include <kmip/model/discover_versions.h>
#include <kmip/model/get_constraints.h>
#include <kmip/model/interop.h>
#include <kmip/model/log.h>
#include <kmip/model/login.h>
#include <kmip/model/logout.h>
#include <kmip/model/ping.h>
#include <kmip/model/poll.h>
#include <kmip/model/process.h>
#include <kmip/model/query.h>
#include <kmip/model/query_asynchronous_requests.h>
#include <kmip/model/re_provision.h>
#include <kmip/model/set_constraints.h>
#include <kmip/model/set_defaults.h>
#include <kmip/model/set_endpoint_role.h>

namespace keyway::kmip {

// discover_versions asks which protocol versions the server has (1.1).
template <class Client, class... Token>
auto discover_versions(Client& client, DiscoverVersionsRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// query asks what the server can do.
template <class Client, class... Token>
auto query(Client& client, QueryRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// ping asks whether the server is there (2.1).
template <class Client, class... Token>
auto ping(Client& client, PingRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// log leaves a line in the log of the server (2.0).
template <class Client, class... Token>
auto log(Client& client, LogRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// interop marks the begin or the end of an interoperability test (2.0).
template <class Client, class... Token>
auto interop(Client& client, InteropRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// login gets a ticket that stands for the credentials (2.0).
template <class Client, class... Token>
auto login(Client& client, LoginRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// delegated_login gets a ticket that hands over some rights (2.0).
template <class Client, class... Token>
auto delegated_login(Client& client, DelegatedLoginRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// logout ends a ticket (2.0).
template <class Client, class... Token>
auto logout(Client& client, LogoutRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// set_endpoint_role turns client and server round (2.0).
template <class Client, class... Token>
auto set_endpoint_role(Client& client, SetEndpointRoleRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// reprovision gets new credentials for this client (2.0).
template <class Client, class... Token>
auto reprovision(Client& client, ReProvisionRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// get_constraints reads the constraints that the server holds new objects to (2.1).
template <class Client, class... Token>
auto get_constraints(Client& client, GetConstraintsRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// set_constraints sets them (2.1).
template <class Client, class... Token>
auto set_constraints(Client& client, SetConstraintsRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// set_defaults sets the default attributes of new objects (2.1).
template <class Client, class... Token>
auto set_defaults(Client& client, SetDefaultsRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// query_asynchronous_requests lists what the server still works on (2.1).
template <class Client, class... Token>
auto query_asynchronous_requests(Client& client, QueryAsynchronousRequestsRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// process has the server work on an asynchronous request now (2.1).
template <class Client, class... Token>
auto process(Client& client, ProcessRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// cancel gives an asynchronous request up.
template <class Client, class... Token>
auto cancel(Client& client, CancelRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// poll<R> asks how far an asynchronous request of type R is: Result<std::optional<Reply<R::Response>>>, none
// while the server still works on it. What the request itself would have been refused with is an error here
// too.
template <OperationRequest R, class Client>
Result<std::optional<Reply<typename R::Response>>> poll(Client& client, Bytes correlation_value) {
  auto reply = perform(client, PollFor<R>{{correlation_value}});
  if (reply) return std::optional(std::move(*reply));
  if (is_pending(reply.error())) return std::nullopt;
  return std::unexpected(std::move(reply.error()));
}

}  // namespace keyway::kmip
