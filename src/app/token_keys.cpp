#include "app/token_keys.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/random.hpp"

namespace app {
namespace {

constexpr std::size_t secret_bytes = 32;

std::string random_hex() {
  std::array<std::uint8_t, secret_bytes> bytes{};
  base::fill_random(bytes);
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (const auto byte : bytes) {
    hex += digits[byte >> 4];
    hex += digits[byte & 0xf];
  }
  return hex;
}

base::Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.good() && !in.eof()) return base::fail(base::Errc::internal, "cannot read '" + path + "'");
  return text;
}

// Creates the file with this content unless it is there; a complete file or none, whoever else tries at the same time.
base::Result<void> create_secret_file(const std::string& path, const std::string& content) {
  const auto draft = path + "." + random_hex().substr(0, 8);
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return base::fail(base::Errc::internal, "cannot create '" + draft + "': " + std::strerror(errno));
  const bool written =
      ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) && ::fsync(file) == 0;
  ::close(file);
  const bool linked = written && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const int reason = errno;
  ::unlink(draft.c_str());
  if (!linked) return base::fail(base::Errc::internal, "cannot write '" + path + "': " + std::strerror(reason));
  return {};
}

}  // namespace

base::Result<std::string> development_secret(const std::string& data_folder) {
  const std::filesystem::path folder(data_folder);
  const auto path = (folder / "jwt.secret").string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    if (!folder.empty()) std::filesystem::create_directories(folder, error);
    if (auto made = create_secret_file(path, random_hex() + "\n"); !made) return base::forward(made);
  }
  auto text = read_file(path);
  if (!text) return text;
  while (text->ends_with('\n')) text->pop_back();
  return text;
}

base::Result<std::shared_ptr<const auth::KeySet>> load_jwks(const std::string& path) {
  const auto json = read_file(path);
  if (!json) return std::unexpected(json.error());
  return auth::KeySet::from_jwks(*json);
}

base::Result<std::shared_ptr<const auth::KeySet>> load_token_keys(const Config& config) {
  struct Loader {
    const Config& config;
    base::Result<std::shared_ptr<const auth::KeySet>> operator()(const GeneratedSecret&) const {
      const auto secret = development_secret(config.data_folder);
      if (!secret) return std::unexpected(secret.error());
      return auth::KeySet::from_secret(*secret);
    }
    base::Result<std::shared_ptr<const auth::KeySet>> operator()(const SharedSecret& key) const {
      return auth::KeySet::from_secret(key.secret);
    }
    base::Result<std::shared_ptr<const auth::KeySet>> operator()(const PublicKeyFile& key) const {
      const auto pem = read_file(key.path);
      if (!pem) return std::unexpected(pem.error());
      return auth::KeySet::from_pem(*pem);
    }
    base::Result<std::shared_ptr<const auth::KeySet>> operator()(const JwksFile& key) const {
      return load_jwks(key.path);
    }
  };
  return std::visit(Loader{config}, config.token_keys);
}

}  // namespace app
