// The certificates of the development server: a CA of its own, one server and one client certificate.
#pragma once

#include <filesystem>

#include <core/clock.h>
#include <core/error.h>

namespace keyway::kmip::server {

// Where the PEM files are. A client needs ca, client_certificate and client_key.
struct DevIdentity {
  std::filesystem::path ca, server_certificate, server_key, client_certificate, client_key;
  bool is_new = false;  // made by this call
};

// prepare_dev_identity gives the identity kept in `folder`. When the folder is missing (it is created, mode
// 0700; its parent must exist) or holds none of the files, they are made: valid for 90 days, the server for
// localhost, 127.0.0.1 and ::1, the client as "keyway client"; keys have mode 0600 and the CA's key is not
// kept. Otherwise all of them must be there, valid now, and belong together. Errors: invalid_input, saying
// which file is at fault and what to do; not_found for a folder that cannot be; internal.
Result<DevIdentity> prepare_dev_identity(const std::filesystem::path& folder, const Clock& clock);

}  // namespace keyway::kmip::server
