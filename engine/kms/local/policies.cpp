// Key policies: GetKeyPolicy, PutKeyPolicy, ListKeyPolicies.
#include <fmt/format.h>

#include "engine/base/json.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/kms/limits.hpp"
#include "engine/kms/local/impl.hpp"
#include "engine/kms/local/paging.hpp"
#include "engine/kms/local/policy_document.hpp"

namespace keydeck::kms {
namespace {

using local::KeyRecord;
using sqlite::Database;

constexpr std::string_view kPolicyName = "default";

/// AWS knows one name. An empty one stands for it.
Status check_policy_name(std::string_view name) {
    if (name.empty() || name == kPolicyName) return {};
    return kms_fail("NotFoundException", "No such policy exists", "A key has one policy, `default`.");
}

}  // namespace

Status local::check_policy_document(std::string_view policy) {
    if (Status length = check_policy(policy); !length) return length;
    const Result<json::Value> document = json::parse(policy, "the policy");
    if (document && document->is(json::Kind::kObject)) return {};
    return kms_fail("MalformedPolicyDocumentException", "Policy document is not a JSON object.");
}

std::string local::default_policy(const Place& place) {
    return fmt::format(R"({{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:aws:iam::{}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}})",
                       place.account);
}

Result<std::string> LocalKms::get_key_policy(std::string_view key_id, std::string_view policy_name) {
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    const Result<KeyRecord> key = impl_->find(**lease, key_id, local::Aliases::kRefused);
    if (!key) return fail(key);
    if (Status name = check_policy_name(policy_name); !name) return fail(name);
    sqlite::Statement select = (*lease)->prepare("SELECT policy FROM keys WHERE id = ?1");
    select.bind(1, key->row);
    const Result<bool> found = select.step();
    if (!found) return fail(found);
    if (*found && !select.text(0).empty()) return std::string(select.text(0));
    return local::default_policy(impl_->place);
}

Status LocalKms::put_key_policy(std::string_view key_id, std::string_view policy_name, std::string_view policy) {
    if (Status sound = local::check_policy_document(policy); !sound) return sound;
    return impl_->change_key_in_any_state(key_id, [&](Database& database, const KeyRecord& key) -> Status {
        if (Status name = check_policy_name(policy_name); !name) return name;
        sqlite::Statement update = database.prepare("UPDATE keys SET policy = ?2 WHERE id = ?1");
        update.bind(1, key.row).bind(2, policy);
        return update.run();
    });
}

Result<Page<std::string>> LocalKms::list_key_policies(std::string_view key_id, const PageRequest& page) {
    if (Status limit = check_page_limit(page.limit); !limit) return fail(limit);
    if (!page.marker.empty()) return local::invalid_marker();
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    const Result<KeyRecord> key = impl_->find(**lease, key_id, local::Aliases::kRefused);
    if (!key) return fail(key);
    return Page<std::string>{.items = {std::string(kPolicyName)}, .next_marker = ""};
}

}  // namespace keydeck::kms
