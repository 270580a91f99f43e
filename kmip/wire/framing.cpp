#include <algorithm>
#include <utility>

#include <kmip/wire/framing.h>

namespace keyway::kmip {

namespace {

constexpr std::size_t smallest_step = 4096;

// What a stream that is not KMIP most likely is, from its first bytes.
std::string_view guess(Bytes head) {
  const Text text = text_of(head);
  if (text.starts_with("HTTP/")) return "; it answers in HTTP";
  if (text.starts_with("<")) return "; it answers in XML or HTML";
  if (text.starts_with("SSH-")) return "; it is an SSH server";
  return "";
}

}  // namespace

std::span<std::byte> Frame::inbox() {
  if (complete()) return {};
  const std::size_t known = size_ == 0 ? item_header_size : size_;
  // Doubling what has arrived keeps memory in proportion to what the peer really sent.
  const std::size_t target = std::min(known, std::max(smallest_step, filled_ * 2));
  bytes_.resize(target);
  return bytes_.room().subspan(filled_);
}

Result<void> Frame::received(std::size_t n) {
  filled_ += n;
  if (size_ == 0 && filled_ >= item_header_size) return read_header();
  return {};
}

Result<void> Frame::read_header() {
  const std::byte* at = bytes_.data();
  const auto tag = static_cast<Tag>(load32(at) >> 8);
  const auto type = static_cast<Type>(load32(at) & 0xff);
  const std::uint64_t length = load32(at + 4);
  if (tag != expected_ || type != Type::Structure || length % 8 != 0) {
    return fail_with_advice(
        ErrorKind::corrupt, "check host and port: is this the KMIP port (usually 5696)?",
        "the peer does not speak KMIP: its message starts with tag {} and type {:02x} where {} "
        "is expected{}",
        name(tag), static_cast<unsigned>(type), name(expected_),
        guess(bytes_.view().first(item_header_size)));
  }
  if (length + item_header_size > limit_) {
    return fail(ErrorKind::corrupt, "the peer announces a message of {} bytes; at most {} are accepted",
                length + item_header_size, limit_);
  }
  size_ = static_cast<std::size_t>(length) + item_header_size;
  return {};
}

SecretBuffer Frame::take() {
  filled_ = size_ = 0;
  return std::exchange(bytes_, SecretBuffer{});
}

}  // namespace keyway::kmip
