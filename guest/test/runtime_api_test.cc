// The Runtime API over real connections: its states, its bounds, and noise.
#include "runtime_api.h"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "check.h"

namespace ballast {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

const std::string kBase = "/2018-06-01/runtime/";

// An API, what it told, and a client whose blocking calls let the API run.
class Bench {
 public:
  Bench()
      : api_(context_, 0,
             {[this] { ++idle; }, [this](Posted post) { posted = std::move(post); },
              [this](RuntimeCall call) { held = call; }}) {}

  int idle = 0;
  std::optional<Posted> posted;
  std::optional<RuntimeCall> held;

  RuntimeApi& api() { return api_; }

  tcp::socket Connect() {
    tcp::socket socket(context_);
    socket.connect({asio::ip::address_v4::loopback(), api_.port()});
    return socket;
  }

  void Settle() {
    for (int quiet = 0; quiet < 3;) {
      quiet = context_.run_for(std::chrono::milliseconds(5)) == 0 ? quiet + 1 : 0;
      context_.restart();
    }
  }

  // Writes without waiting, reads whatever comes back until it is quiet.
  std::string Ask(tcp::socket& socket, const std::string& bytes) {
    socket.non_blocking(true);
    std::size_t at = 0;
    std::string answer;
    boost::system::error_code error;
    for (int quiet = 0; quiet < 3;) {
      if (at < bytes.size() && (!error || error == asio::error::would_block)) {
        at += socket.write_some(asio::buffer(bytes.data() + at, bytes.size() - at), error);
        quiet = 0;
      }
      Settle();
      std::array<char, 65536> chunk{};
      boost::system::error_code read_error;
      const std::size_t got = socket.read_some(asio::buffer(chunk), read_error);
      answer.append(chunk.data(), got);
      if (read_error == asio::error::eof || read_error == asio::error::connection_reset) {
        return answer;
      }
      quiet = got > 0 ? 0 : quiet + 1;
    }
    return answer;
  }

 private:
  asio::io_context context_;
  RuntimeApi api_;
};

std::string Get(const std::string& path) {
  return "GET " + kBase + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string Post(const std::string& path, const std::string& body, const std::string& more = "") {
  return "POST " + kBase + path + " HTTP/1.1\r\nHost: x\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

InvokeRequest Invocation(const std::string& id) {
  InvokeRequest invocation;
  invocation.request_id = id;
  invocation.deadline_ms = 77;
  invocation.function_arn = "arn:f";
  invocation.payload = {'{', '}'};
  invocation.memory_bytes = 130ULL << 20U;
  return invocation;
}

void AnInvocationGoesRound() {
  Bench bench;
  tcp::socket socket = bench.Connect();
  CHECK(bench.Ask(socket, Get("invocation/next")).empty());
  CHECK(bench.idle == 1);
  bench.api().Offer(Invocation("id-1"));
  const std::string next = bench.Ask(socket, "");
  CHECK(Has(next, "200 OK") && Has(next, "Lambda-Runtime-Aws-Request-Id: id-1\r\n"));
  CHECK(Has(next, "Lambda-Runtime-Deadline-Ms: 77\r\n") && Has(next, "arn:f"));
  CHECK(Has(next, "Ballast-Runtime-Memory-Mib: 130\r\n"));
  CHECK(Has(bench.Ask(socket, Post("invocation/other/response", "1")), "400 "));
  CHECK(Has(bench.Ask(socket, Get("invocation/next")), "403 "));
  CHECK(!bench.posted);
  CHECK(Has(bench.Ask(socket, Post("invocation/id-1/response", "\"yes\"")), "202 "));
  CHECK(bench.posted && bench.posted->body == Bytes({'"', 'y', 'e', 's', '"'}));
  CHECK(Has(bench.Ask(socket, Post("invocation/id-1/response", "2")), "403 "));
  CHECK(Has(bench.Ask(socket, Get("elsewhere")), "404 "));
}

void TooLargeIsCountedAndNotKept() {
  Bench bench;
  tcp::socket socket = bench.Connect();
  bench.api().Offer(Invocation("id"));
  CHECK(Has(bench.Ask(socket, Get("invocation/next")), "200 "));
  const std::string body(kMaxResponseBytes + 1, 'x');
  CHECK(Has(bench.Ask(socket, Post("invocation/id/response", body)), "413 "));
  CHECK(bench.posted->TooLarge() && bench.posted->body.empty());
  CHECK(bench.posted->body_bytes == body.size());
}

void ErrorsCarryTheirType() {
  Bench bench;
  tcp::socket socket = bench.Connect();
  const std::string header = "Lambda-Runtime-Function-Error-Type: Runtime.X\r\n";
  CHECK(Has(bench.Ask(socket, Post("init/error", "{}", header)), "202 "));
  CHECK(bench.posted->call == RuntimeCall::kInitError && bench.posted->error_type == "Runtime.X");
}

void ALostAnswerMayBeRepeated() {
  Bench bench;
  bench.api().Offer(Invocation("id"));
  {
    tcp::socket socket = bench.Connect();
    CHECK(Has(bench.Ask(socket, Get("invocation/next")), "200 "));
    const std::string whole = Post("invocation/id/response", "12345");
    bench.Ask(socket, whole.substr(0, whole.size() - 2));
  }
  bench.Settle();
  CHECK(!bench.posted);
  tcp::socket socket = bench.Connect();
  CHECK(Has(bench.Ask(socket, Post("invocation/id/response", "12345")), "202 "));
  CHECK(bench.posted->body.size() == 5);
}

void ARuntimeIsHeldUntilItIsResumed() {
  Bench bench;
  CHECK(!bench.api().Resume("{}"));
  tcp::socket socket = bench.Connect();
  CHECK(bench.Ask(socket, "GET /ballast/start HTTP/1.1\r\nHost: x\r\n\r\n").empty());
  CHECK(bench.held == RuntimeCall::kStart);
  tcp::socket other = bench.Connect();
  CHECK(Has(bench.Ask(other, Get("restore/next")), "403 "));
  CHECK(bench.api().Resume(R"({"directory":"/var/task"})"));
  CHECK(!bench.api().Resume("{}"));
  CHECK(Has(bench.Ask(socket, ""), R"({"directory":"/var/task"})"));
  CHECK(bench.Ask(socket, Get("restore/next")).empty());
  CHECK(bench.held == RuntimeCall::kRestore);
  CHECK(bench.api().Resume("{}"));
  CHECK(Has(bench.Ask(socket, ""), "200 OK"));
  CHECK(Has(bench.Ask(socket, Post("restore/error", "{}")), "202 "));
  CHECK(bench.posted->call == RuntimeCall::kRestoreError);
  CHECK(bench.Ask(socket, Get("invocation/next")).empty());
  CHECK(bench.idle == 1);
  CHECK(Has(bench.Ask(other, Get("restore/next")), "403 "));
}

void OneThatLeftIsNotResumed() {
  Bench bench;
  {
    tcp::socket socket = bench.Connect();
    bench.Ask(socket, Get("restore/next"));
  }
  bench.Settle();
  CHECK(!bench.api().Resume("{}"));
}

void NoiseIsSurvived() {
  Bench bench;
  for (int round = 0; round < 60; ++round) {
    tcp::socket socket = bench.Connect();
    bench.Ask(socket, Mutate(Post("invocation/id/response", "body")));
  }
  bench.api().Reset();
  tcp::socket socket = bench.Connect();
  bench.api().Offer(Invocation("id"));
  CHECK(Has(bench.Ask(socket, Get("invocation/next")), "200 "));
}

}  // namespace
}  // namespace ballast

int main() {
  ballast::AnInvocationGoesRound();
  ballast::TooLargeIsCountedAndNotKept();
  ballast::ErrorsCarryTheirType();
  ballast::ALostAnswerMayBeRepeated();
  ballast::ARuntimeIsHeldUntilItIsResumed();
  ballast::OneThatLeftIsNotResumed();
  ballast::NoiseIsSurvived();
}
