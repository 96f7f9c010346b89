// Aliases, tags and rotation.
#include <algorithm>
#include <utility>

#include "engine/kms/aws/impl.hpp"

namespace keydeck::kms::aws {
namespace {

Result<SecretBytes> key_request(std::string_view key_id) { return RequestWriter().text("KeyId", key_id).finish(); }

Result<SecretBytes> alias_request(std::string_view alias_name, std::string_view target_key_id) {
    return RequestWriter().text("AliasName", alias_name).text("TargetKeyId", target_key_id).finish();
}

}  // namespace

Status AwsKms::create_alias(std::string_view alias_name, std::string_view target_key_id) {
    bool doubtful = false;
    Status made =
        impl_->tell("CreateAlias", target_key_id, alias_request(alias_name, target_key_id), Repeat::kNoticeable, &doubtful);
    if (!made && doubtful && made.error().kms_error == "AlreadyExistsException") {
        // Perhaps by the try before.
        PageRequest page;
        do {
            const Result<Page<Alias>> aliases = list_aliases(target_key_id, page);
            if (!aliases) break;
            if (std::ranges::find(aliases->items, alias_name, &Alias::name) != aliases->items.end()) made = {};
            page.marker = aliases->next_marker;
        } while (!made && !page.marker.empty());
    }
    if (made) impl_->recent.made(alias_name);
    return made;
}

Status AwsKms::update_alias(std::string_view alias_name, std::string_view target_key_id) {
    Status updated = impl_->tell("UpdateAlias", target_key_id, alias_request(alias_name, target_key_id));
    if (updated) impl_->recent.made(alias_name);
    return updated;
}

Status AwsKms::delete_alias(std::string_view alias_name) {
    bool doubtful = false;
    Status deleted = impl_->tell("DeleteAlias", alias_name, RequestWriter().text("AliasName", alias_name).finish(),
                                 Repeat::kNoticeable, &doubtful);
    if (!deleted && doubtful && deleted.error().kms_error == "NotFoundException") deleted = {};
    if (deleted) impl_->recent.unmade(alias_name);
    return deleted;
}

Result<Page<Alias>> AwsKms::list_aliases(std::string_view key_id, const PageRequest& page) {
    const Result<json::Value> answer =
        impl_->ask("ListAliases", key_id, RequestWriter().text_if("KeyId", key_id).page(page).finish());
    if (!answer) return fail(answer);
    return read_page<Alias>(*answer, "ListAliases", "Aliases", [](AnswerReader& item) {
        // AWS's own aliases have no target until they are used.
        return Alias{item.text("AliasName"), item.text("AliasArn"), item.text_or_empty("TargetKeyId")};
    });
}

Status AwsKms::tag_resource(std::string_view key_id, const Tags& tags) {
    RequestWriter body;
    body.text("KeyId", key_id);
    if (tags.empty()) {
        body.texts("Tags", {});
    } else {
        body.tags("Tags", tags);
    }
    return impl_->tell("TagResource", key_id, body.finish());
}

Status AwsKms::untag_resource(std::string_view key_id, const std::vector<std::string>& tag_keys) {
    return impl_->tell("UntagResource", key_id, RequestWriter().text("KeyId", key_id).texts("TagKeys", tag_keys).finish());
}

Result<Page<std::pair<std::string, std::string>>> AwsKms::list_resource_tags(std::string_view key_id,
                                                                             const PageRequest& page) {
    const Result<json::Value> answer =
        impl_->ask("ListResourceTags", key_id, RequestWriter().text("KeyId", key_id).page(page).finish());
    if (!answer) return fail(answer);
    return read_page<std::pair<std::string, std::string>>(*answer, "ListResourceTags", "Tags", [](AnswerReader& item) {
        return std::pair(item.text("TagKey"), item.text_or_empty("TagValue"));
    });
}

Status AwsKms::enable_key_rotation(std::string_view key_id, int period_days) {
    return impl_->tell("EnableKeyRotation", key_id,
                       RequestWriter().text("KeyId", key_id).number("RotationPeriodInDays", period_days).finish());
}

Status AwsKms::disable_key_rotation(std::string_view key_id) {
    return impl_->tell("DisableKeyRotation", key_id, key_request(key_id));
}

Result<RotationStatus> AwsKms::get_key_rotation_status(std::string_view key_id) {
    const Result<json::Value> answer = impl_->ask("GetKeyRotationStatus", key_id, key_request(key_id));
    if (!answer) return fail(answer);
    AnswerReader reader(*answer, "GetKeyRotationStatus");
    RotationStatus out;
    out.enabled = reader.boolean("KeyRotationEnabled");
    out.period_days = reader.number_if("RotationPeriodInDays").value_or(out.period_days);
    out.next_rotation = reader.time_if("NextRotationDate");
    out.on_demand_start = reader.time_if("OnDemandRotationStartDate");
    return checked(reader, out);
}

Status AwsKms::rotate_key_on_demand(std::string_view key_id) {
    return impl_->tell("RotateKeyOnDemand", key_id, key_request(key_id), Repeat::kHarmful);
}

Result<Page<Rotation>> AwsKms::list_key_rotations(std::string_view key_id, const PageRequest& page) {
    const Result<json::Value> answer =
        impl_->ask("ListKeyRotations", key_id, RequestWriter().text("KeyId", key_id).page(page).finish());
    if (!answer) return fail(answer);
    return read_page<Rotation>(*answer, "ListKeyRotations", "Rotations", [](AnswerReader& item) {
        return Rotation{item.time("RotationDate"), item.text("RotationType") == "ON_DEMAND"};
    });
}

}  // namespace keydeck::kms::aws
