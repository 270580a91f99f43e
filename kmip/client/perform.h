// How every operation is called by its name:
//
//   auto reply = kmip::sign(client, {.unique_identifier = id, .data = data});        // a BlockingClient
//   kmip::sign(client, {.unique_identifier = id, .data = data}, completion_token);   // a Client
//
// objects.h, object_attributes.h, cryptography.h and server_operations.h have one function for each operation
// of KMIP 1.0 to 2.1. It takes the request of the model, and gives a Result<Reply<...Response>>: at once from
// a BlockingClient, through any Asio completion token from a Client. Errors: unsupported when the version in
// use does not have the operation or a field that is set, refused and not_found with the words of the server,
// unreachable, corrupt, cancelled. What the request views must stay until the call completes.
#pragma once

#include <utility>

#include <kmip/client/reply.h>

namespace keyway::kmip {

template <class Client, OperationRequest R>
  requires requires(Client& client, R request) { client.call(request); }
auto perform(Client& client, R request) {
  return client.call(request);
}
template <class Client, OperationRequest R, class Token>
auto perform(Client& client, R request, Token&& token) {
  return client.async_call(std::move(request), std::forward<Token>(token));
}

}  // namespace keyway::kmip
