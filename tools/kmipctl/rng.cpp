#include <core/hex.h>
#include <kmip/client/cryptography.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

namespace {

struct RngOptions {
  std::int32_t length = 0;
  std::string seed, out;
};

Exit retrieve(const RngOptions& options, kmip::BlockingClient& client, const cli::Console& console) {
  auto reply = kmip::rng_retrieve(client, {.data_length = options.length});
  if (!reply) return console.failed(reply.error());
  const Bytes data = (*reply)->data;
  if (data.size() != static_cast<std::size_t>(options.length))
    return console.failed(Error{
        ErrorKind::corrupt,
        fmt::format("the KMS gave {} random bytes where {} were asked for", data.size(), options.length),
        "servers bound how much they give at once: ask for less",
        {}});
  if (!options.out.empty()) return console.ended(write_output(console, options.out, data));
  // Random bytes may become a key: they pass through wiping memory only.
  SecretBuffer line;
  line.append(to_hex_secret(data).reveal());
  line.append(Text("\n"));
  return console.ended(console.data(line.view()));
}

Exit seed(const RngOptions& options, kmip::BlockingClient& client, const cli::Console& console) {
  const auto data = read_input(options.seed, largest_input / 2);
  if (!data) return console.failed(data.error());
  auto reply = kmip::rng_seed(client, {.data = data->reveal()});
  if (!reply) return console.failed(reply.error());
  return console.ended(console.line(fmt::format("{}", (*reply)->data_length)));
}

Exit run(const RngOptions& options, Session& session) {
  const cli::Console& console = session.console();
  if ((options.length > 0) == !options.seed.empty())
    return console.failed(Error{
        ErrorKind::invalid_input, "give either LENGTH, the random bytes wanted, or --seed FILE", {}, {}});
  auto client = session.client();
  if (!client) return console.failed(client.error());
  return options.seed.empty() ? retrieve(options, **client, console) : seed(options, **client, console);
}

}  // namespace

Runner declare_rng(CLI::App& app) {
  const auto options = std::make_shared<RngOptions>();
  app.description("get random bytes from the KMS, or give its generator a seed");
  app.add_option("LENGTH", options->length, "bytes wanted")->check(CLI::Range(1, 1 << 20));
  app.add_option("--out", options->out, "write the bytes to this file; else they are printed in hexadecimal");
  app.add_option("--seed", options->seed, "file with a seed; prints how many of its bytes were taken");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
