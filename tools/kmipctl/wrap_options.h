// What wrap, unwrap and rewrap have in common.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include <core/wrapped_key.h>
#include <kmip/client/key_wrapper.h>
#include <tools/cli/files.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

struct WrapOptions {
  std::string key;  // unique identifier, or name:NAME
  std::string context;
  std::string where = "automatic";
  std::string in = "-", out = "-";
};
void declare(CLI::App& app, WrapOptions& options);

// with_wrapper makes the session's KMIP KeyWrapper and runs `work` with it.
template <class Work>
auto with_wrapper(Session& session, const WrapOptions& options, Work work)
    -> decltype(work(std::declval<KeyWrapper&>())) {
  auto client = session.client();
  if (!client) return std::unexpected(std::move(client.error()));
  const kmip::WrapWhere where = options.where == "client"   ? kmip::WrapWhere::client
                                : options.where == "server" ? kmip::WrapWhere::server
                                                            : kmip::WrapWhere::automatic;
  kmip::KmipWrapper wrapper((*client)->async(), {{options.key}, where});
  return work(wrapper);
}

// write_blob writes a wrapped key, or all that is known of it as JSON.
Exit write_blob(Session& session, const WrapOptions& options, const WrappedKey& blob, cli::Existing existing);

}  // namespace keyway::kmipctl
