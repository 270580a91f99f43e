#include <array>
#include <climits>
#include <ctime>
#include <vector>

#include <arpa/inet.h>

#include <core/error.h>
#include <core/net/openssl.h>

namespace keyway::net {
namespace {

using NamesPtr = std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>>;

constexpr std::size_t longest_shown_name = 256;
constexpr int most_shown_names = 16;

std::string text_of_name(const X509_NAME* name) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  // UTF-8 stays readable; printable() below takes out what could drive a terminal.
  const unsigned long flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!out || name == nullptr || X509_NAME_print_ex(out.get(), name, 0, flags) < 0) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return size > 0 ? printable({data, static_cast<std::size_t>(size)}) : std::string("(empty)");
}

std::string text_of_address(const ASN1_OCTET_STRING* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int size = ASN1_STRING_length(address);
  if (size != 4 && size != 16) return "(invalid)";
  const int family = size == 4 ? AF_INET : AF_INET6;
  inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size());
  return text.data();
}

std::string text_of_string(const ASN1_STRING* string) {
  const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(string));
  return printable({data, static_cast<std::size_t>(ASN1_STRING_length(string))}, longest_shown_name);
}

std::string text_of_general_name(const GENERAL_NAME* name) {
  int type = 0;
  void* value = GENERAL_NAME_get0_value(name, &type);
  if (type == GEN_DNS) return "DNS " + text_of_string(static_cast<const ASN1_STRING*>(value));
  if (type == GEN_IPADD) return "IP " + text_of_address(static_cast<const ASN1_OCTET_STRING*>(value));
  return {};
}

}  // namespace

std::string take_openssl_error() {
  const unsigned long code = ERR_peek_error();
  const char* reason = ERR_reason_error_string(code);
  std::string text = reason != nullptr ? reason : fmt::format("OpenSSL error {:#x}", code);
  ERR_clear_error();
  return text;
}

BioPtr view_as_bio(Bytes bytes) {
  if (bytes.size() > INT_MAX) return nullptr;
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::string subject_of(const X509* certificate) { return text_of_name(X509_get_subject_name(certificate)); }

std::string issuer_of(const X509* certificate) { return text_of_name(X509_get_issuer_name(certificate)); }

std::string names_of(X509* certificate) {
  const NamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string list;
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int i = 0; i < count; ++i) {
    if (i == most_shown_names) return list + ", ...";
    const std::string name = text_of_general_name(sk_GENERAL_NAME_value(names.get(), i));
    if (!name.empty()) list += (list.empty() ? "" : ", ") + name;
  }
  return list.empty() ? "subject " + subject_of(certificate) : list;
}

std::string date_of(const ASN1_TIME* time) {
  std::tm tm{};
  if (ASN1_TIME_to_tm(time, &tm) != 1) return "(invalid date)";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                     tm.tm_hour, tm.tm_min, tm.tm_sec);
}

}  // namespace keyway::net
