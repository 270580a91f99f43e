#include <limits>

#ifdef KEYWAY_LLHTTP
#include <llhttp.h>
#else
#include <http_parser.h>
#endif

#include <vault/http/parser.h>

namespace keyway::vault::http {

// The two libraries are the old and the new form of one: the names differ, and how they are stopped.
#ifdef KEYWAY_LLHTTP
namespace {

using Machine = llhttp_t;
using Settings = llhttp_settings_t;

constexpr int failed = HPE_USER;

void start(Machine& machine, const Settings& settings) { llhttp_init(&machine, HTTP_RESPONSE, &settings); }
bool keeps_alive(const Machine& machine) { return llhttp_should_keep_alive(&machine) != 0; }
int stop_at_end(Machine&) { return HPE_PAUSED; }
bool has_length(const Machine& machine) { return (machine.flags & F_CONTENT_LENGTH) != 0; }

Parser::Step run(Machine& machine, const Settings&, const char* data, std::size_t size) {
  const llhttp_errno_t result = llhttp_execute(&machine, data, size);
  if (result == HPE_OK) return {size, nullptr};
  const auto taken = static_cast<std::size_t>(llhttp_get_error_pos(&machine) - data);
  if (result == HPE_PAUSED) return {taken, nullptr};
  const char* words = llhttp_get_error_reason(&machine);
  return {taken, words != nullptr && *words != '\0' ? words : llhttp_errno_name(result)};
}

}  // namespace
#else
namespace {

using Machine = http_parser;
using Settings = http_parser_settings;

constexpr int failed = -1;

void start(Machine& machine, const Settings&) { http_parser_init(&machine, HTTP_RESPONSE); }
bool keeps_alive(const Machine& machine) { return http_should_keep_alive(&machine) != 0; }
int stop_at_end(Machine& machine) {
  http_parser_pause(&machine, 1);
  return 0;
}
bool has_length(const Machine& machine) { return (machine.flags & F_CONTENTLENGTH) != 0; }

Parser::Step run(Machine& machine, const Settings& settings, const char* data, std::size_t size) {
  const std::size_t taken = http_parser_execute(&machine, &settings, data, size);
  const http_errno result = HTTP_PARSER_ERRNO(&machine);
  if (result == HPE_OK || result == HPE_PAUSED) return {taken, nullptr};
  return {taken, http_errno_description(result)};
}

}  // namespace
#endif

struct Parser::Library {
  Machine machine{};
};

namespace {

ParserEvents& events_of(Machine* machine) { return *static_cast<ParserEvents*>(machine->data); }

template <bool (ParserEvents::*Event)(Text)>
int tell(Machine* machine, const char* at, std::size_t size) {
  return (events_of(machine).*Event)(Text(at, size)) ? 0 : failed;
}

int tell_body(Machine* machine, const char* at, std::size_t size) {
  return events_of(machine).on_body(bytes_of(Text(at, size))) ? 0 : failed;
}

int tell_chunk(Machine* machine) {
  events_of(machine).on_chunk(machine->content_length);
  return 0;
}

// The libraries' answers: 0 go on, 1 there is no body, -1 stop.
int tell_head(Machine* machine) {
  Head head;
  head.major = machine->http_major;
  head.minor = machine->http_minor;
  head.status = machine->status_code;
  head.chunked = (machine->flags & F_CHUNKED) != 0;
  if (has_length(*machine)) head.length = machine->content_length;
  switch (events_of(machine).on_head(head)) {
    case ParserEvents::Body::expected: return 0;
    case ParserEvents::Body::none: return 1;
    case ParserEvents::Body::stop: break;
  }
  return -1;
}

int tell_end(Machine* machine) {
  events_of(machine).on_end(keeps_alive(*machine));
  return stop_at_end(*machine);
}

#ifdef KEYWAY_LLHTTP
// So that an empty value is heard of, too.
int tell_value_ended(Machine* machine) { return events_of(machine).on_value({}) ? 0 : failed; }
#endif

const Settings& settings() {
  static const Settings made = [] {
    Settings all{};
    all.on_status = tell<&ParserEvents::on_reason>;
    all.on_header_field = tell<&ParserEvents::on_name>;
    all.on_header_value = tell<&ParserEvents::on_value>;
#ifdef KEYWAY_LLHTTP
    all.on_header_value_complete = tell_value_ended;
#endif
    all.on_headers_complete = tell_head;
    all.on_chunk_header = tell_chunk;
    all.on_body = tell_body;
    all.on_message_complete = tell_end;
    return all;
  }();
  return made;
}

}  // namespace

Parser::Parser(ParserEvents& events) : library_(std::make_unique<Library>()) {
  start(library_->machine, settings());
  library_->machine.data = &events;
}

Parser::~Parser() = default;

Parser::Step Parser::feed(Bytes bytes) {
  if (bytes.empty()) return {};  // for the libraries, no bytes are the end of the connection
  const Text text = text_of(bytes);
  return run(library_->machine, settings(), text.data(), text.size());
}

}  // namespace keyway::vault::http
