// Operations on managed objects: making, reading, changing their life and giving them back. See perform.h for
// what all of them have in common.
#pragma once

#include <kmip/client/perform.h>
#include <kmip/model/activate.h>
#include <kmip/model/archive.h>
#include <kmip/model/certify.h>
#include <kmip/model/check.h>
#include <kmip/model/create.h>
#include <kmip/model/create_key_pair.h>
#include <kmip/model/create_split_key.h>
#include <kmip/model/derive_key.h>
#include <kmip/model/destroy.h>
#include <kmip/model/export.h>
#include <kmip/model/get.h>
#include <kmip/model/get_usage_allocation.h>
#include <kmip/model/import.h>
#include <kmip/model/join_split_key.h>
#include <kmip/model/locate.h>
#include <kmip/model/obtain_lease.h>
#include <kmip/model/re_certify.h>
#include <kmip/model/re_key.h>
#include <kmip/model/re_key_key_pair.h>
#include <kmip/model/recover.h>
#include <kmip/model/register.h>
#include <kmip/model/revoke.h>
#include <kmip/model/validate.h>

namespace keyway::kmip {

// create makes a symmetric key, from 2.0 secret data too, in the KMS.
template <class Client, class... Token>
auto create(Client& client, CreateRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// create_key_pair makes a private and a public key.
template <class Client, class... Token>
auto create_key_pair(Client& client, CreateKeyPairRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// register_object hands an object over to the KMS.
template <class Client, class... Token>
auto register_object(Client& client, RegisterRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// import_object hands over an object with its identifier and attributes (1.4).
template <class Client, class... Token>
auto import_object(Client& client, ImportRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// export_object fetches an object with all its attributes (1.4).
template <class Client, class... Token>
auto export_object(Client& client, ExportRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// get fetches an object.
template <class Client, class... Token>
auto get(Client& client, GetRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// locate finds objects by their attributes.
template <class Client, class... Token>
auto locate(Client& client, LocateRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// check asks whether a key may be used as the request says; the answer has what does not allow it.
template <class Client, class... Token>
auto check(Client& client, CheckRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// rekey makes a new key in place of a key; the answer names the new one.
template <class Client, class... Token>
auto rekey(Client& client, ReKeyRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// rekey_key_pair is the same for a key pair, by its private key (1.1).
template <class Client, class... Token>
auto rekey_key_pair(Client& client, ReKeyKeyPairRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// derive_key makes a key from others.
template <class Client, class... Token>
auto derive_key(Client& client, DeriveKeyRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// certify makes a certificate for a public key.
template <class Client, class... Token>
auto certify(Client& client, CertifyRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// recertify makes a new certificate in place of one.
template <class Client, class... Token>
auto recertify(Client& client, ReCertifyRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// validate checks a certificate chain.
template <class Client, class... Token>
auto validate(Client& client, ValidateRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// create_split_key makes the parts of a split key (1.2).
template <class Client, class... Token>
auto create_split_key(Client& client, CreateSplitKeyRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// join_split_key makes an object of the parts of a split key (1.2).
template <class Client, class... Token>
auto join_split_key(Client& client, JoinSplitKeyRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// activate makes a key ready for use.
template <class Client, class... Token>
auto activate(Client& client, ActivateRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// revoke ends the use of a key; with KeyCompromise for good.
template <class Client, class... Token>
auto revoke(Client& client, RevokeRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// destroy destroys an object for good.
template <class Client, class... Token>
auto destroy(Client& client, DestroyRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// archive moves an object to slow storage.
template <class Client, class... Token>
auto archive(Client& client, ArchiveRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// recover gets an object back from it.
template <class Client, class... Token>
auto recover(Client& client, RecoverRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// obtain_lease asks for how long a copy of a key may be used.
template <class Client, class... Token>
auto obtain_lease(Client& client, ObtainLeaseRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// get_usage_allocation takes a part of what a key may still be used for.
template <class Client, class... Token>
auto get_usage_allocation(Client& client, GetUsageAllocationRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

}  // namespace keyway::kmip
