// LocalKms under the suite that every Kms passes.
#include "tests/contract/kms_contract.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::kms::contract {
namespace {

class LocalSubject final : public Subject {
public:
    Kms& kms() override { return *local_.kms; }
    [[nodiscard]] std::string region() const override { return local_.kms->region(); }
    [[nodiscard]] std::string account() const override { return local_.kms->account(); }
    bool pass(std::chrono::days days) override {
        local_.pass(days);
        return true;
    }
    [[nodiscard]] Timestamp now() const override { return local_.clock.now(); }

private:
    test::TemporaryKms local_;
};

const Implementation kLocal{"LocalKms", [] { return std::make_unique<LocalSubject>(); }};

INSTANTIATE_TEST_SUITE_P(LocalKms, KmsContract, testing::Values(kLocal), name_of<Implementation>);
INSTANTIATE_TEST_SUITE_P(LocalKms, KmsStateTable, testing::ValuesIn(state_cells(kLocal)), name_of<StateCell>);
INSTANTIATE_TEST_SUITE_P(LocalKms, KmsNamingTable, testing::ValuesIn(naming_cells(kLocal)), name_of<NamingCell>);

}  // namespace
}  // namespace keydeck::kms::contract
