// Over TLS: only a certificate that is trusted and names the host is good enough.
#include <gmock/gmock.h>

#include <cstdlib>

#include "engine/kms/local/local_kms.hpp"
#include "engine/kms/server/server.hpp"
#include "tests/kms/aws/aws_fixture.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::kms::aws {
namespace {

using test::AwsTest;
using testing::AllOf;
using testing::HasSubstr;

class Tls : public AwsTest {
protected:
    /// The embedded KMS behind a certificate for `name` ("IP:127.0.0.1").
    void serve(const std::string& name) {
        certificate = directory.path() + "/certificate.pem";
        const std::string key = directory.path() + "/key.pem";
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=keydeck -addext "
            "subjectAltName=" +
            name + " -keyout " + key + " -out " + certificate + " 2>/dev/null";
        ASSERT_EQ(std::system(command.c_str()), 0);
        auto made = local.kms->create_access_key(false);
        ASSERT_TRUE(made);
        variables["AWS_ACCESS_KEY_ID"] = made->id;
        variables["AWS_SECRET_ACCESS_KEY"] = std::string(made->secret.text());
        server::ServerOptions options;
        options.tls_certificate = certificate;
        options.tls_key = key;
        auto started = server::Server::start(*local.kms, clock, random, options);
        ASSERT_TRUE(started) << started.error().message;
        served = std::move(*started);
    }
    AwsKms& client() {
        return open({.region = local.kms->region(),
                     .endpoint = "https://127.0.0.1:" + std::to_string(served->port()),
                     .most_attempts = 1});
    }

    kms::test::TemporaryKms local;
    std::unique_ptr<server::Server> served;
    std::string certificate;
};

TEST_F(Tls, TrustsWhatItIsToldToTrust) {
    serve("IP:127.0.0.1");
    const auto untrusted = client().list_keys({});
    ASSERT_FALSE(untrusted);
    EXPECT_EQ(untrusted.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(untrusted.error().message, AllOf(HasSubstr("TLS"), HasSubstr("127.0.0.1:")));
    EXPECT_THAT(untrusted.error().hint, HasSubstr("AWS_CA_BUNDLE"));
    variables["AWS_CA_BUNDLE"] = certificate;
    AwsKms& trusting = client();
    for (int i = 0; i < 3; ++i) {
        const auto key = trusting.create_key({});  // each over a connection of its own
        ASSERT_TRUE(key) << key.error().message;
        const auto sealed = trusting.encrypt(key->key_id, as_bytes("over TLS"), {});
        ASSERT_TRUE(sealed) << sealed.error().message;
        const auto opened = trusting.decrypt("", sealed->ciphertext, {});
        ASSERT_TRUE(opened) << opened.error().message;
        EXPECT_EQ(opened->plaintext.text(), "over TLS");
    }
}

TEST_F(Tls, RefusesACertificateForAnotherHost) {
    serve("DNS:kms.example.com");
    variables["AWS_CA_BUNDLE"] = certificate;
    const auto listed = client().list_keys({});
    ASSERT_FALSE(listed);
    EXPECT_THAT(listed.error().message, HasSubstr("TLS"));
}

TEST_F(Tls, NamesACertificateFileThatIsNotThere) {
    serve("IP:127.0.0.1");
    variables["AWS_CA_BUNDLE"] = "/no/such/file.pem";
    const auto listed = client().list_keys({});
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace keydeck::kms::aws
