#include <algorithm>
#include <utility>

#include <asio/post.hpp>
#include <asio/strand.hpp>

#include <vault/client/client.h>
#include <vault/client/sender.h>
#include <vault/verdict.h>

namespace keyway::vault {

namespace {

using asio::awaitable;
using net::Deadline;

// What a batch of items asks, and how its answer is read.
template <class T, class Item>
struct BatchKind {
  Result<Question> (*ask)(const TransitKey& key, std::span<const Item> items, std::int64_t key_version);
  Result<Each<T>> (*read)(Bytes body, std::size_t count, bool is_batch);
  bool may_lag;  // a standby that lags behind can be the reason of a failure
};

constexpr BatchKind<Ciphertext, PlainItem> encrypting{ask_encrypt, read_ciphertexts, false};
constexpr BatchKind<Secret, CipherItem> decrypting{
    [](const TransitKey& key, std::span<const CipherItem> items, std::int64_t) {
      return ask_decrypt(key, items);
    },
    read_plaintexts, true};
constexpr BatchKind<Ciphertext, CipherItem> rewrapping{ask_rewrap, read_ciphertexts, true};

}  // namespace

// Impl lives on a strand; every coroutine of it holds on to it.
class Client::Impl : public std::enable_shared_from_this<Impl> {
 public:
  using Self = std::shared_ptr<Impl>;

  Impl(const asio::any_io_executor& executor, ClientSettings settings)
      : executor_(executor), strand_(asio::make_strand(executor)), sender_(strand_, std::move(settings)) {}

  void start() { sender_.owned_by(weak_from_this()); }

  void end() {
    sender_.refuse_all();
    asio::post(strand_, [self = shared_from_this()] { self->sender_.stop(); });
  }

  const asio::any_io_executor& executor() const { return executor_; }
  const asio::any_io_executor& strand() const { return strand_; }
  const ClientSettings& settings() const { return sender_.settings(); }

  // --- the calls, on the strand ---

  static awaitable<Result<http::Response>> send_one(Self self, std::shared_ptr<const Question> question) {
    auto sending = self->sender_.send(*question);
    Sent sent = co_await std::move(sending);
    co_return std::move(sent.response);
  }

  static awaitable<Result<void>> log_in(Self self) {
    auto logging_in = self->sender_.session().token(self->sender_.deadline());
    const auto token = co_await std::move(logging_in);
    if (!token) co_return std::unexpected(token.error());
    co_return Result<void>();
  }

  static awaitable<Result<KeyInfo>> read_key(Self self, TransitKey key) {
    auto question = ask_key(key);
    if (!question) co_return std::unexpected(std::move(question.error()));
    auto sending = self->sender_.send(*question);
    const Sent sent = co_await std::move(sending);
    if (sent.response) co_return self->sender_.placed(*question, read_key_info(sent.response->body.view()));
    Error error = sent.response.error();
    if (error.kind == ErrorKind::not_found)
      error.what = fmt::format("transit key '{}' at mount '{}': {}", printable(key.name, 128),
                               printable(key.mount, 128), error.what);
    co_return std::unexpected(std::move(error));
  }

  static awaitable<Each<Ciphertext>> encrypt(Self self, TransitKey key, std::vector<PlainItem> items,
                                             BatchOptions options) {
    if (items.empty()) co_return Each<Ciphertext>();
    // A server makes a key that it does not have when the policy lets it.
    if (!options.key_was_read) {
      auto reading = read_key(self, key);
      const auto info = co_await std::move(reading);
      if (!info) co_return all_fail<Ciphertext>(items.size(), info.error());
    }
    auto asking = self->ask_all(encrypting, std::move(key), std::move(items), options);
    co_return co_await std::move(asking);
  }

  static awaitable<Each<Secret>> decrypt(Self self, TransitKey key, std::vector<CipherItem> items,
                                         BatchOptions options) {
    auto asking = self->ask_all(decrypting, std::move(key), std::move(items), options);
    co_return co_await std::move(asking);
  }

  static awaitable<Each<Ciphertext>> rewrap(Self self, TransitKey key, std::vector<CipherItem> items,
                                            BatchOptions options) {
    auto asking = self->ask_all(rewrapping, std::move(key), std::move(items), options);
    co_return co_await std::move(asking);
  }

  static awaitable<Result<DataKey>> data_key(Self self, TransitKey key, unsigned bits, OwnedBytes context,
                                             bool with_plaintext) {
    auto question = ask_data_key(key, bits, context, with_plaintext);
    if (!question) co_return std::unexpected(std::move(question.error()));
    auto reading = read_key(self, key);
    const auto info = co_await std::move(reading);
    if (!info) co_return std::unexpected(info.error());
    auto sending = self->sender_.send(*question);
    const Sent sent = co_await std::move(sending);
    if (!sent.response) co_return std::unexpected(sent.response.error());
    co_return self->sender_.placed(*question, read_data_key(sent.response->body.view(), with_plaintext));
  }

  // Health is asked of each address until one answers, and says what that node is.
  static awaitable<Result<Health>> health(Self self) {
    const Question question = ask_health();
    auto sending = self->sender_.send(question);
    const Sent sent = co_await std::move(sending);
    if (!sent.response) co_return std::unexpected(sent.response.error());
    co_return self->sender_.placed(question, read_health(sent.response->body.view(), sent.response->status));
  }

 private:
  // --- many items ---

  // Every item's answer; several requests under way at once.
  template <class T, class Item>
  struct Run {
    const BatchKind<T, Item>* kind = nullptr;
    TransitKey key;
    std::vector<Item> items;
    BatchOptions options;
    Each<T> answers;
    std::size_t next = 0;  // the first item that nobody asks for yet
  };

  template <class T, class Item>
  awaitable<Each<T>> ask_all(const BatchKind<T, Item>& kind, TransitKey key, std::vector<Item> items,
                             BatchOptions options) {
    auto run = std::make_shared<Run<T, Item>>();
    run->kind = &kind;
    run->key = std::move(key);
    run->answers = all_fail<T>(items.size(), call_cancelled());
    run->items = std::move(items);
    run->options = options;
    run->options.batch_limit = std::max<std::size_t>(options.batch_limit, 1);
    auto asking = ask_in_parallel<T, Item>(run);
    co_await std::move(asking);
    if (kind.may_lag) {
      auto again = ask_laggards<T, Item>(run);
      co_await std::move(again);
    }
    co_return std::move(run->answers);
  }

  template <class T, class Item>
  awaitable<void> ask_in_parallel(std::shared_ptr<Run<T, Item>> run) {
    const std::size_t requests =
        (run->items.size() + run->options.batch_limit - 1) / run->options.batch_limit;
    const std::size_t workers = std::min(requests, std::max<std::size_t>(settings().connections, 1));
    auto working = in_parallel(sender_.waits(), workers,
                               [self = shared_from_this(), run] { return work<T, Item>(self, run); });
    co_await std::move(working);
  }

  template <class T, class Item>
  static awaitable<void> work(Self self, std::shared_ptr<Run<T, Item>> run) {
    while (run->next < run->items.size()) {
      const std::span<const Item> left = std::span<const Item>(run->items).subspan(run->next);
      const std::size_t count = fitting(left, run->options.batch_limit);
      const std::size_t first = std::exchange(run->next, run->next + count);
      auto asking =
          self->ask_some<T, Item>(run, first, count, self->sender_.deadline(), self->settings().attempts);
      co_await std::move(asking);
    }
  }

  // One request; when it fails as a whole for what may be one item's fault, its halves.
  template <class T, class Item>
  awaitable<void> ask_some(std::shared_ptr<Run<T, Item>> run, std::size_t first, std::size_t count,
                           Deadline deadline, unsigned attempts) {
    const auto items = std::span<const Item>(run->items).subspan(first, count);
    const auto question = run->kind->ask(run->key, items, run->options.key_version);
    Sent sent{std::unexpected(Error{}), true};
    if (question) {
      auto sending = sender_.send(*question, deadline, attempts);
      sent = co_await std::move(sending);
    } else {
      sent.response = std::unexpected(question.error());  // one item may be the reason
    }
    if (!sent.response && sent.may_split && count > 1) {
      for (const bool is_second : {false, true}) {
        const std::size_t half = count / 2;
        auto asking = ask_some<T, Item>(run, is_second ? first + half : first,
                                        is_second ? count - half : half, deadline, 1);
        co_await std::move(asking);
      }
      co_return;
    }
    Result<Each<T>> answers = std::unexpected(Error{});
    if (sent.response)
      answers = sender_.placed(*question, run->kind->read(sent.response->body.view(), count, count > 1));
    else
      answers = std::unexpected(sent.response.error());
    for (std::size_t i = 0; i < count; ++i) {
      if (answers)
        run->answers[first + i] = std::move((*answers)[i]);
      else
        run->answers[first + i] = std::unexpected(answers.error());
    }
  }

  // A standby may not have heard of a new key or version yet: such items are asked for once more.
  template <class T, class Item>
  awaitable<void> ask_laggards(std::shared_ptr<Run<T, Item>> run) {
    std::vector<std::size_t> late;
    for (std::size_t i = 0; i < run->answers.size(); ++i) {
      if (!run->answers[i] && is_lag(run->answers[i].error())) late.push_back(i);
    }
    if (late.empty() || settings().lag.count() == 0) co_return;
    auto pausing = sender_.waits().pause(settings().lag);
    if (!co_await std::move(pausing)) co_return;
    auto again = std::make_shared<Run<T, Item>>();
    again->kind = run->kind;
    again->key = run->key;
    again->options = run->options;
    for (const std::size_t i : late) again->items.push_back(run->items[i]);
    again->answers = all_fail<T>(late.size(), call_cancelled());
    auto asking = ask_in_parallel<T, Item>(again);
    co_await std::move(asking);
    for (std::size_t k = 0; k < late.size(); ++k) run->answers[late[k]] = std::move(again->answers[k]);
  }

  const asio::any_io_executor executor_;
  const asio::any_io_executor strand_;
  Sender sender_;
};

Client::Client(const asio::any_io_executor& executor, ClientSettings settings)
    : impl_(std::make_shared<Impl>(executor, std::move(settings))) {
  impl_->start();
}
Client::~Client() { stop(); }
void Client::stop() { impl_->end(); }
const asio::any_io_executor& Client::executor() const { return impl_->executor(); }
const ClientSettings& Client::settings() const { return impl_->settings(); }

// Each call runs on the client's strand.

awaitable<Result<KeyInfo>> Client::read_key(TransitKey key) {
  return on_strand(impl_->strand(), Impl::read_key(impl_, std::move(key)));
}
awaitable<Each<Ciphertext>> Client::encrypt(TransitKey key, std::vector<PlainItem> items,
                                            BatchOptions options) {
  return on_strand(impl_->strand(), Impl::encrypt(impl_, std::move(key), std::move(items), options));
}
awaitable<Each<Secret>> Client::decrypt(TransitKey key, std::vector<CipherItem> items, BatchOptions options) {
  return on_strand(impl_->strand(), Impl::decrypt(impl_, std::move(key), std::move(items), options));
}
awaitable<Each<Ciphertext>> Client::rewrap(TransitKey key, std::vector<CipherItem> items,
                                           BatchOptions options) {
  return on_strand(impl_->strand(), Impl::rewrap(impl_, std::move(key), std::move(items), options));
}
awaitable<Result<DataKey>> Client::data_key(TransitKey key, unsigned bits, OwnedBytes context,
                                            bool with_plaintext) {
  return on_strand(impl_->strand(),
                   Impl::data_key(impl_, std::move(key), bits, std::move(context), with_plaintext));
}
awaitable<Result<void>> Client::log_in() { return on_strand(impl_->strand(), Impl::log_in(impl_)); }
awaitable<Result<Health>> Client::health() { return on_strand(impl_->strand(), Impl::health(impl_)); }
awaitable<Result<http::Response>> Client::send(Question question) {
  return on_strand(impl_->strand(),
                   Impl::send_one(impl_, std::make_shared<const Question>(std::move(question))));
}

awaitable<Result<TokenFacts>> Client::token_facts() {
  auto sending = send(ask_lookup());
  const auto response = co_await std::move(sending);
  if (!response) co_return std::unexpected(response.error());
  co_return read_token_facts(response->body.view());
}
awaitable<Result<std::vector<std::vector<std::string>>>> Client::capabilities(
    std::vector<std::string> paths) {
  auto question = ask_capabilities(paths);
  if (!question) co_return std::unexpected(std::move(question.error()));
  auto sending = send(std::move(*question));
  const auto response = co_await std::move(sending);
  if (!response) co_return std::unexpected(response.error());
  co_return read_capabilities(response->body.view(), paths);
}

}  // namespace keyway::vault
