// The one place that knows which C library takes HTTP apart: llhttp where there is one, http_parser
// elsewhere. Inside vault/http.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <core/bytes.h>

namespace keyway::vault::http {

// Head is what the parser made of status line and header fields.
struct Head {
  int major = 0, minor = 0;
  int status = 0;
  bool chunked = false;
  std::optional<std::uint64_t> length;
};

// ParserEvents hears what is in an answer, in its order. Texts and bytes come in parts, as they arrive. False
// stops the parser for good.
class ParserEvents {
 public:
  enum class Body : std::uint8_t { expected, none, stop };

  virtual bool on_reason(Text part) = 0;
  virtual bool on_name(Text part) = 0;   // of a header or trailer field
  virtual bool on_value(Text part) = 0;  // at least once, though maybe empty, after each name
  virtual Body on_head(const Head& head) = 0;
  virtual void on_chunk(std::uint64_t size) = 0;  // its size line ended
  virtual bool on_body(Bytes part) = 0;
  virtual void on_end(bool keep_alive) = 0;

 protected:
  ~ParserEvents() = default;
};

// Parser reads one answer, or one interim answer. Not movable: the library points to it.
class Parser {
 public:
  explicit Parser(ParserEvents& events);
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser();

  struct Step {
    std::size_t taken = 0;          // less than given only at the end of the answer or after a problem
    const char* problem = nullptr;  // the library's words; null when there is none
  };
  Step feed(Bytes bytes);

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace keyway::vault::http
