#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>

#include <vault/http/parser.h>
#include <vault/http/response.h>

namespace keyway::vault::http {

namespace {

// A length is only a promise: more memory than this is taken when the bytes are there.
constexpr std::size_t most_reserved = 1 << 20;
// What chunks may cost on top of what they carry: a server that sends single bytes is still understood.
constexpr std::size_t chunk_cost = 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 9110 §5.6.2. The old library takes blanks in names for good.
bool is_token(Text name) {
  constexpr Text signs = "!#$%&'*+-.^_`|~";
  const auto is_token_character = [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || signs.find(c) != Text::npos;
  };
  return !name.empty() && std::ranges::all_of(name, is_token_character);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(Text a, Text b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

Text trimmed(Text value) {
  const std::size_t first = std::min(value.find_first_not_of(" \t"), value.size());
  value.remove_prefix(first);
  return value.substr(0, value.find_last_not_of(" \t") + 1);
}

std::optional<std::uint64_t> whole_number(Text text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Seconds as a number. A date, the other form (RFC 9110 §10.2.3), would need a clock that agrees.
std::optional<std::chrono::seconds> delay_of(Text value) {
  constexpr std::uint64_t longest = std::uint64_t{365} * 24 * 3600;
  const auto seconds = whole_number(value);
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(std::min(*seconds, longest));
}

}  // namespace

// How the end of the body is known (RFC 9112 §6.3).
enum class Framing : std::uint8_t { none, length, chunks, until_close };

class ResponseReader::State final : public ParserEvents {
 public:
  State(Method asked, const Limits& limits)
      : asked_(asked), limits_(limits), parser_(std::make_unique<Parser>(*this)) {}

  Result<std::size_t> feed(Bytes bytes);
  Result<void> end();
  bool done() const { return phase_ == Phase::done && !error_; }
  bool started() const { return total_ > 0; }
  Response take() { return std::move(response_); }

  bool on_reason(Text part) override;
  bool on_name(Text part) override;
  bool on_value(Text part) override;
  Body on_head(const Head& head) override;
  void on_chunk(std::uint64_t size) override { chunk_left_ = size; }
  bool on_body(Bytes part) override;
  void on_end(bool keep_alive) override;

 private:
  enum class Phase : std::uint8_t { head, body, done };

  bool is_between_chunks() const { return framing_ == Framing::chunks && chunk_left_ == 0; }
  std::size_t feed_line(std::byte byte);
  std::size_t feed_body(Bytes bytes);
  std::size_t run_parser(Bytes bytes);
  bool check_line_byte(char c);
  bool check_cost();
  bool end_field();
  bool use_field(Text value);
  bool choose_framing(const Head& head);

  // wrong keeps the error for feed to give out; false is what the parser's events say to stop it.
  template <class... Args>
  bool wrong(fmt::format_string<Args...> format, Args&&... args) {
    if (!error_) error_ = fail(ErrorKind::corrupt, format, std::forward<Args>(args)...).error();
    return false;
  }

  Method asked_;
  Limits limits_;
  std::unique_ptr<Parser> parser_;
  Phase phase_ = Phase::head;
  std::optional<Error> error_;
  Response response_;
  Framing framing_ = Framing::none;

  bool interim_ = false;  // the head was one of an interim answer
  std::string name_, value_;
  bool in_value_ = false;
  std::size_t fields_ = 0;
  std::size_t codings_ = 0;  // fields named Transfer-Encoding
  std::optional<std::uint64_t> length_;

  char before_ = 0;  // the byte before this one, in lines
  std::uint64_t chunk_left_ = 0;
  bool chunk_ended_ = false;      // its line end comes next
  std::uint64_t line_bytes_ = 0;  // since the answer began; after the head, since the last byte of the body
  std::uint64_t cost_ = 0;        // all bytes after the head that are not the body's
  std::uint64_t total_ = 0;
};

// ---- bytes

Result<std::size_t> ResponseReader::State::feed(Bytes bytes) {
  std::size_t taken = 0;
  while (!error_ && !done() && taken < bytes.size()) {
    const bool line = phase_ == Phase::head || is_between_chunks();
    taken += line ? feed_line(bytes[taken]) : feed_body(bytes.subspan(taken));
  }
  if (error_) return std::unexpected(*error_);
  return taken;
}

// Lines go byte by byte, so that where they end is known whatever came with them, and are checked before: the
// old library takes any two bytes for the end of a line, and bytes that are no ASCII for digits of a size.
std::size_t ResponseReader::State::feed_line(std::byte byte) {
  const char c = static_cast<char>(byte);
  if (!check_line_byte(c) || !check_cost()) return 0;
  before_ = c;
  chunk_ended_ = false;
  run_parser({&byte, 1});
  if (interim_ && !error_) {
    parser_ = std::make_unique<Parser>(*this);
    interim_ = false;
  }
  return 1;
}

bool ResponseReader::State::check_line_byte(char c) {
  if ((before_ == '\r') != (c == '\n')) return wrong("the answer has a broken line end at byte {}", total_);
  // Folded lines (RFC 9112 §5.2) are read by different programs in different ways.
  if (before_ == '\n' && (c == ' ' || c == '\t'))
    return wrong("the answer has a folded line at byte {}", total_);
  if (phase_ == Phase::head) return true;
  if (chunk_ended_ && c != '\r')
    return wrong("the answer has a chunk longer than its size at byte {}", total_);
  if (static_cast<unsigned char>(c) > '\x7f')
    return wrong("the answer has a byte between its chunks that is not ASCII at byte {}", total_);
  return true;
}

// Neither a head nor what stands around chunks goes on for ever.
bool ResponseReader::State::check_cost() {
  ++line_bytes_;
  if (phase_ == Phase::head)
    return line_bytes_ <= limits_.head || wrong("the answer's head is longer than {} bytes", limits_.head);
  ++cost_;
  const bool fair = line_bytes_ <= limits_.head && cost_ <= limits_.head + chunk_cost * response_.body.size();
  return fair || wrong("the answer's chunks have more around them than {} bytes", limits_.head);
}

std::size_t ResponseReader::State::feed_body(Bytes bytes) {
  if (framing_ != Framing::chunks) return run_parser(bytes);
  const Bytes data =
      bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), chunk_left_)));
  const std::size_t taken = run_parser(data);
  chunk_left_ -= taken;
  chunk_ended_ = chunk_left_ == 0;
  before_ = 0;
  line_bytes_ = 0;
  return taken;
}

std::size_t ResponseReader::State::run_parser(Bytes bytes) {
  const Parser::Step step = parser_->feed(bytes);
  total_ += step.taken;
  if (step.problem != nullptr && total_ <= 1) wrong("the answer is not HTTP/1.1");
  if (step.problem != nullptr) wrong("the answer is not HTTP/1.1 at byte {}: {}", total_, step.problem);
  // Neither library stops anywhere else; if one did, we would ask it for ever.
  if (step.taken < bytes.size() && !done()) wrong("the answer cannot be read beyond byte {}", total_);
  return step.taken;
}

Result<void> ResponseReader::State::end() {
  if (error_) return std::unexpected(*error_);
  if (phase_ == Phase::body && framing_ == Framing::until_close) phase_ = Phase::done;
  if (done()) return {};
  if (!started())
    error_ = fail(ErrorKind::unreachable, "the server closed the connection without an answer").error();
  else if (phase_ == Phase::head)
    error_ = fail(ErrorKind::unreachable,
                  "the answer was cut short: the connection ended after {} bytes of its head", total_)
                 .error();
  else
    error_ = fail(ErrorKind::unreachable,
                  "the answer was cut short: the connection ended after {} bytes{} of its body",
                  response_.body.size(), length_ ? fmt::format(" of {}", *length_) : "")
                 .error();
  return std::unexpected(*error_);
}

// ---- what the parser hears

bool ResponseReader::State::on_reason(Text part) {
  response_.reason += part;
  return true;
}

bool ResponseReader::State::on_name(Text part) {
  if (in_value_ && !end_field()) return false;
  if (name_.empty() && !part.empty() && ++fields_ > limits_.headers)
    return wrong("the answer has more than {} header fields", limits_.headers);
  name_ += part;
  return true;
}

bool ResponseReader::State::on_value(Text part) {
  in_value_ = true;
  value_ += part;
  return true;
}

bool ResponseReader::State::end_field() {
  // Trailers say nothing that we would believe.
  const bool good = phase_ != Phase::head || use_field(trimmed(value_));
  name_.clear();
  value_.clear();
  in_value_ = false;
  return good;
}

bool ResponseReader::State::use_field(Text value) {
  if (!is_token(name_)) return wrong("the answer has a header field without a proper name");
  if (same_word(name_, "Transfer-Encoding")) {
    ++codings_;
    if (!same_word(value, "chunked"))
      return wrong("the answer's transfer coding is not known: {}", printable(value, 40));
  } else if (same_word(name_, "Content-Length")) {
    const auto length = whole_number(value);
    if (!length) return wrong("the answer's length is not a number");
    if (length_ && *length_ != *length)
      return wrong("the answer has two lengths, {} and {}", *length_, *length);
    length_ = length;
  } else if (same_word(name_, "Location") && !response_.location) {
    response_.location = std::string(value);
  } else if (same_word(name_, "Retry-After")) {
    response_.retry_after = delay_of(value);
  }
  return true;
}

ParserEvents::Body ResponseReader::State::on_head(const Head& head) {
  if (in_value_ && !end_field()) return Body::stop;
  const bool good = choose_framing(head);
  fields_ = 0;
  if (!good) return Body::stop;
  if (interim_) {
    response_ = {};
    codings_ = 0;
    length_.reset();
    return Body::none;
  }
  response_.status = head.status;
  response_.reason = printable(response_.reason, 128);
  phase_ = Phase::body;
  line_bytes_ = 0;
  if (length_)
    response_.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length_, most_reserved)));
  return framing_ == Framing::none ? Body::none : Body::expected;
}

bool ResponseReader::State::choose_framing(const Head& head) {
  if (head.major != 1 || head.minor > 1)
    return wrong("the answer is HTTP/{}.{}, not 1.1", head.major, head.minor);
  if (head.status < 100 || head.status > 999) return wrong("the answer's status is {}", head.status);
  if (head.status == 101) return wrong("the server switched to another protocol without being asked");
  interim_ = head.status < 200;
  if (codings_ > 1 || (codings_ == 1 && (length_ || head.minor == 0)))
    return wrong("the answer's body has more than one length");
  // What the parser goes by must be what was checked here.
  if (head.chunked != (codings_ == 1) || head.length != length_)
    return wrong("the answer's length is ambiguous");
  if (interim_ || asked_ == Method::head || head.status == 204 || head.status == 304) {
    framing_ = Framing::none;
    length_.reset();
    return true;
  }
  framing_ = head.chunked ? Framing::chunks : length_ ? Framing::length : Framing::until_close;
  if (length_ && *length_ > limits_.body)
    return wrong("the answer's body of {} bytes is longer than {}", *length_, limits_.body);
  return true;
}

bool ResponseReader::State::on_body(Bytes part) {
  if (part.size() > limits_.body - response_.body.size())
    return wrong("the answer's body is longer than {} bytes", limits_.body);
  response_.body.append(part);
  return true;
}

void ResponseReader::State::on_end(bool keep_alive) {
  if (interim_) return;
  response_.keep_alive = keep_alive;
  phase_ = Phase::done;
}

// ---- the reader

ResponseReader::ResponseReader(Method asked, const Limits& limits)
    : state_(std::make_unique<State>(asked, limits)) {}
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;
ResponseReader::~ResponseReader() = default;

Result<std::size_t> ResponseReader::feed(Bytes bytes) { return state_->feed(bytes); }
Result<void> ResponseReader::end() { return state_->end(); }
bool ResponseReader::done() const { return state_->done(); }
bool ResponseReader::started() const { return state_->started(); }
Response ResponseReader::take() { return state_->take(); }

}  // namespace keyway::vault::http
