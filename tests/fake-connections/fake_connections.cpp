// A Connections service for tests and demonstrations: answers IsConnected by a script. No part of the service.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>

#include "script.hpp"
#include "service.hpp"

namespace {

constexpr const char* description =
    "A Connections service (connections.v1) for tests, which answers by a script.\n"
    "\n"
    "The script is a JSON file, read again when it changes:\n"
    "  {\"default\": \"no\",\n"
    "   \"pairs\": [{\"users\": [\"alice\",\"bob\"], \"answer\": \"yes\", \"delayMs\": 20},\n"
    "             {\"users\": [\"alice\",\"carol\"], \"answers\": [\"UNAVAILABLE\", \"yes\"], \"repeat\": true}]}\n"
    "An answer is \"yes\", \"no\", \"none\" (it never comes) or the name of a gRPC status; as an object it may have a\n"
    "delay. Of several answers each call gets the next, and then the last one for ever, or with \"repeat\" the first\n"
    "again. Without a script everybody is connected.\n"
    "\n"
    "Each call is a line of JSON on standard output. Ends on SIGTERM and SIGINT.";

constexpr std::string_view everybody_is_connected = R"({"default":"yes"})";

struct Flags {
  std::string host = "127.0.0.1";
  std::uint16_t port = 50052;
  std::string script;
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_client_ca;
};

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::shared_ptr<grpc::ServerCredentials> credentials_of(const Flags& flags) {
  if (flags.tls_certificate.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions ssl(flags.tls_client_ca.empty()
                                            ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                            : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  ssl.pem_key_cert_pairs.push_back(
      {.private_key = text_of(flags.tls_key), .cert_chain = text_of(flags.tls_certificate)});
  if (!flags.tls_client_ca.empty()) ssl.pem_root_certs = text_of(flags.tls_client_ca);
  return grpc::SslServerCredentials(ssl);
}

int serve(const Flags& flags, fake_connections::Script& script, const sigset_t& signals) {
  fake_connections::Service service(script, std::cout);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(flags.host + ':' + std::to_string(flags.port), credentials_of(flags), &port);
  // A second one on the same port would get half of the calls unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (!server || port == 0) {
    std::cerr << "fake-connections: cannot listen on " << flags.host << ':' << flags.port << '\n';
    return 69;  // EX_UNAVAILABLE
  }
  std::cout << "listening on " << flags.host << ':' << port << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown(gpr_now(GPR_CLOCK_MONOTONIC));
  std::cout << "{\"calls\":" << service.calls() << '}' << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(description);
  Flags flags;
  app.add_option("--host", flags.host, "address to listen on (127.0.0.1)");
  app.add_option("--port", flags.port, "port to listen on (50052); 0 takes a free one");
  app.add_option("--script", flags.script, "JSON file with the answers")->check(CLI::ExistingFile);
  auto* const certificate = app.add_option("--tls-cert", flags.tls_certificate, "PEM file; with it, TLS is spoken");
  auto* const key = app.add_option("--tls-key", flags.tls_key, "PEM file with the certificate's key");
  auto* const client_ca =
      app.add_option("--tls-client-ca", flags.tls_client_ca, "PEM file; clients need its certificate");
  for (auto* const option : {certificate, key, client_ca}) option->check(CLI::ExistingFile);
  certificate->needs(key);
  key->needs(certificate);
  client_ca->needs(certificate);
  CLI11_PARSE(app, argc, argv);

  // Blocked before any thread begins, so that only sigwait() gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto script = flags.script.empty() ? fake_connections::Script::from_text(everybody_is_connected)
                                           : fake_connections::Script::open(flags.script);
  if (!script) {
    std::cerr << "fake-connections: " << script.error().detail << '\n';
    return 2;
  }
  return serve(flags, **script, signals);
}
