#include "authenticator.h"

#include <array>
#include <cstring>
#include <utility>

#include "util/call_name.h"
#include "util/env_state.h"

namespace ballast {

namespace {

constexpr unsigned kReadOnly = VIR_CONNECT_RO;

// All kinds; those that are not known here are passed on by number.
std::array kCredentialTypes = {
    static_cast<int>(VIR_CRED_USERNAME),     static_cast<int>(VIR_CRED_AUTHNAME),
    static_cast<int>(VIR_CRED_LANGUAGE),     static_cast<int>(VIR_CRED_CNONCE),
    static_cast<int>(VIR_CRED_PASSPHRASE),   static_cast<int>(VIR_CRED_ECHOPROMPT),
    static_cast<int>(VIR_CRED_NOECHOPROMPT), static_cast<int>(VIR_CRED_REALM),
    static_cast<int>(VIR_CRED_EXTERNAL)};

Record CredentialRecord(const virConnectCredential& credential) {
  return {{"type", Number(credential.type)},
          {"prompt", Text(credential.prompt)},
          {"challenge", Text(credential.challenge)},
          {"defaultAnswer", Text(credential.defresult)}};
}

}  // namespace

// Carries the question to the JavaScript thread. Dropped undelivered, because the environment ends,
// it answers with nothing.
class Authenticator::Question final : public Delivery {
 public:
  Question(std::shared_ptr<Authenticator> authenticator, std::vector<Record> requests)
      : authenticator_(std::move(authenticator)), requests_(std::move(requests)) {}
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  Question(Question&&) = delete;
  Question& operator=(Question&&) = delete;
  ~Question() override {
    if (!delivered_) authenticator_->Answer(std::nullopt);
  }

  void Deliver(Napi::Env env) override {
    const auto answer = [authenticator = authenticator_](const Napi::CallbackInfo& info) {
      Args args(info);
      const bool declined = info[0].IsNull();
      authenticator->Answer(declined ? std::nullopt : std::optional(args.Strings("answers")));
    };
    authenticator_->authenticate_.Call({ToJs(env, requests_), Napi::Function::New(env, answer)});
    delivered_ = true;
  }

 private:
  std::shared_ptr<Authenticator> authenticator_;
  std::vector<Record> requests_;
  bool delivered_ = false;
};

// Takes the function back to the JavaScript thread, where alone it can be released. When the
// environment has ended, which released it, nothing is left to do.
class Authenticator::Forget final : public Delivery {
 public:
  explicit Forget(Napi::FunctionReference function) : function_(std::move(function)) {
    function_.SuppressDestruct();
  }
  void Deliver(Napi::Env) override { function_.Reset(); }

 private:
  Napi::FunctionReference function_;
};

Authenticator::~Authenticator() {
  if (asks_) mailbox_->Post(std::make_unique<Forget>(std::move(authenticate_)));
}

std::shared_ptr<Authenticator> Authenticator::Read(Args& args, const char* name) {
  auto authenticator = std::make_shared<Authenticator>(EnvState::Of(args.Env()).mailbox);
  authenticator->asks_ = args.Bool("asks");
  if (authenticator->asks_) {
    authenticator->authenticate_ = Napi::Persistent(args.Function(name));
  } else {
    args.Next();
  }
  return authenticator;
}

virConnectPtr Authenticator::Open(const char* uri, unsigned flags) {
  if (!asks_ && flags == 0) return Checked<virConnectOpen>(uri);
  if (!asks_ && flags == kReadOnly) return Checked<virConnectOpenReadOnly>(uri);
  virConnectAuth auth{.credtype = kCredentialTypes.data(),
                      .ncredtype = asks_ ? static_cast<unsigned>(kCredentialTypes.size()) : 0,
                      .cb = asks_ ? OnRequest : nullptr,
                      .cbdata = this};
  return Checked<virConnectOpenAuth>(uri, &auth, flags);
}

int Authenticator::OnRequest(virConnectCredentialPtr credentials, unsigned count, void* opaque) {
  return static_cast<Authenticator*>(opaque)->Ask(credentials, count) ? 0 : -1;
}

bool Authenticator::Ask(virConnectCredentialPtr credentials, unsigned count) {
  std::vector<Record> requests;
  requests.reserve(count);
  for (unsigned i = 0; i < count; ++i) requests.push_back(CredentialRecord(credentials[i]));
  std::unique_lock lock(mutex_);
  waiting_ = true;
  lock.unlock();
  mailbox_->Post(std::make_unique<Question>(shared_from_this(), std::move(requests)));
  lock.lock();
  answered_.wait(lock, [this] { return !waiting_; });
  if (!answers_ || answers_->size() != count) return false;
  for (unsigned i = 0; i < count; ++i) {
    const std::string& answer = answers_->at(i);
    // libvirt frees it.
    credentials[i].result = strdup(answer.c_str());
    credentials[i].resultlen = static_cast<unsigned>(answer.size());
  }
  return true;
}

void Authenticator::Answer(std::optional<Strings> answers) {
  const std::lock_guard lock(mutex_);
  answers_ = std::move(answers);
  waiting_ = false;
  answered_.notify_one();
}

}  // namespace ballast
