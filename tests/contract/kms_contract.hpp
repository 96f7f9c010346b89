// What every Kms must do, as one suite: each implementation gives a way to make a fresh one and instantiates the suites
// below.
//
//   INSTANTIATE_TEST_SUITE_P(LocalKms, KmsContract, testing::Values(implementation), name_of<Implementation>);
//   INSTANTIATE_TEST_SUITE_P(LocalKms, KmsStateTable, testing::ValuesIn(state_cells(implementation)), name_of<StateCell>);
//   INSTANTIATE_TEST_SUITE_P(LocalKms, KmsNamingTable, testing::ValuesIn(naming_cells(implementation)),
//   name_of<NamingCell>);
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kms/kms.hpp"
#include "tests/contract/operations.hpp"

namespace keydeck::kms::contract {

/// A KMS under test with no keys of ours in it.
class Subject {
public:
    Subject() = default;
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;
    virtual ~Subject() = default;
    virtual Kms& kms() = 0;
    [[nodiscard]] virtual std::string region() const = 0;
    [[nodiscard]] virtual std::string account() const = 0;
    /// Lets time pass as it does in a KMS that is used daily; false where time cannot be moved.
    virtual bool pass(std::chrono::days days) = 0;
    /// Now, as the KMS sees it.
    [[nodiscard]] virtual Timestamp now() const = 0;
};

struct Implementation {
    std::string name;
    std::function<std::unique_ptr<Subject>()> make;
};

/// One operation on a key of one spec in one state.
struct StateCell {
    Implementation implementation;
    const Operation* operation;
    KeyState state;
    KeySpec spec;
};

/// How a request may name its key.
enum class Naming : std::uint8_t {
    kKeyId,
    kKeyArn,
    kAliasName,
    kAliasArn,
    kUnknownKeyId,
    kUnknownKeyArn,
    kUnknownAlias,
    kMalformed,
    kUuidWithoutDashes,
    kOtherRegion,
    kOtherAccount,
    kOtherService,
    kTooLong,
};

/// One operation whose key is named in one way.
struct NamingCell {
    Implementation implementation;
    const Operation* operation;
    Naming naming;
};

[[nodiscard]] std::vector<StateCell> state_cells(const Implementation& implementation);
[[nodiscard]] std::vector<NamingCell> naming_cells(const Implementation& implementation);

/// A test's name out of its cell: `Encrypt_Disabled_Symmetric`.
[[nodiscard]] std::string label(const Implementation& implementation);
[[nodiscard]] std::string label(const StateCell& cell);
[[nodiscard]] std::string label(const NamingCell& cell);
template <class Param>
[[nodiscard]] std::string name_of(const testing::TestParamInfo<Param>& info) {
    return label(info.param);
}
// GoogleTest prints a test's parameter with these.
void PrintTo(const Implementation& implementation, std::ostream* out);
void PrintTo(const StateCell& cell, std::ostream* out);
void PrintTo(const NamingCell& cell, std::ostream* out);

/// What the suites share: a fresh subject a test, and shorthands.
class ContractTest {
protected:
    explicit ContractTest(const Implementation& implementation) : subject_(implementation.make()) {}
    [[nodiscard]] Kms& kms() { return subject_->kms(); }
    [[nodiscard]] Subject& subject() { return *subject_; }
    KeyMetadata make_key(KeySpec spec);
    KeyMetadata make_symmetric() { return make_key(KeySpec::kSymmetricDefault); }
    KeyMetadata make_ecc() { return make_key(KeySpec::kEccSecgP256k1); }
    void bring_to(const std::string& key_id, KeyState state);
    [[nodiscard]] std::string key_arn(std::string_view key_id) const;
    [[nodiscard]] std::string alias_arn(std::string_view name) const;

private:
    std::unique_ptr<Subject> subject_;
};

class KmsContract : public testing::TestWithParam<Implementation>, protected ContractTest {
protected:
    KmsContract() : ContractTest(GetParam()) {}
};
class KmsStateTable : public testing::TestWithParam<StateCell>, protected ContractTest {
protected:
    KmsStateTable() : ContractTest(GetParam().implementation) {}
};
class KmsNamingTable : public testing::TestWithParam<NamingCell>, protected ContractTest {
protected:
    KmsNamingTable() : ContractTest(GetParam().implementation) {}
};

/// Succeeds when `outcome` failed with AWS's `name`, the code that belongs to it and, where given, exactly `message`.
template <class T>
[[nodiscard]] testing::AssertionResult fails_with(const Result<T>& outcome, std::string_view name);
template <class T>
[[nodiscard]] testing::AssertionResult fails_with(const Result<T>& outcome, std::string_view name, std::string_view message);
template <class T>
[[nodiscard]] testing::AssertionResult succeeds(const Result<T>& outcome);

// Out of line of the templates: what an error looks like in a test's output, and whether name and code fit together.
[[nodiscard]] std::string show(const Error& error);
[[nodiscard]] testing::AssertionResult is_error(const Error& error, std::string_view name);

template <class T>
testing::AssertionResult fails_with(const Result<T>& outcome, std::string_view name) {
    if (outcome) return testing::AssertionFailure() << "succeeded, where " << name << " was due";
    return is_error(outcome.error(), name);
}
template <class T>
testing::AssertionResult fails_with(const Result<T>& outcome, std::string_view name, std::string_view message) {
    testing::AssertionResult named = fails_with(outcome, name);
    if (!named || outcome.error().message == message) return named;
    return testing::AssertionFailure() << "says \"" << outcome.error().message << "\", not \"" << message << "\"";
}
template <class T>
testing::AssertionResult succeeds(const Result<T>& outcome) {
    if (outcome) return testing::AssertionSuccess();
    return testing::AssertionFailure() << show(outcome.error());
}

}  // namespace keydeck::kms::contract
