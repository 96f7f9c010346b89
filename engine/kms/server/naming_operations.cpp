// Aliases and tags.
#include <array>

#include "engine/kms/server/operations.hpp"

namespace keydeck::kms::server {
namespace {

Status create_alias(Call& call) {
    const std::string_view name = call.in.required_text("AliasName");
    const std::string_view key_id = call.in.required_text("TargetKeyId");
    if (Status read = call.in.check(); !read) return read;
    return call.kms.create_alias(name, key_id);
}

Status update_alias(Call& call) {
    const std::string_view name = call.in.required_text("AliasName");
    const std::string_view key_id = call.in.required_text("TargetKeyId");
    if (Status read = call.in.check(); !read) return read;
    return call.kms.update_alias(name, key_id);
}

Status delete_alias(Call& call) {
    const std::string_view name = call.in.required_text("AliasName");
    if (Status read = call.in.check(); !read) return read;
    return call.kms.delete_alias(name);
}

Status list_aliases(Call& call) {
    const Result<std::string_view> key_id = optional_key_id(call.in, "KeyId");
    const PageRequest page = call.in.page();
    if (Status read = call.in.check(); !read) return read;
    if (!key_id) return fail(key_id);
    const Result<Page<Alias>> aliases = call.kms.list_aliases(*key_id, page);
    if (!aliases) return fail(aliases);
    call.out.begin_list("Aliases");
    for (const Alias& alias : aliases->items) {
        call.out.begin_item()
            .text("AliasName", alias.name)
            .text("AliasArn", alias.arn)
            .text("TargetKeyId", alias.target_key_id)
            .end_item();
    }
    call.out.end_list();
    write_page_end(call.out, *aliases);
    return {};
}

Status tag_resource(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    call.in.require("Tags");
    const Tags tags = call.in.tags("Tags");
    if (Status read = call.in.check(); !read) return read;
    return call.kms.tag_resource(key_id, tags);
}

Status untag_resource(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    call.in.require("TagKeys");
    const std::vector<std::string> keys = call.in.texts("TagKeys");
    if (Status read = call.in.check(); !read) return read;
    return call.kms.untag_resource(key_id, keys);
}

Status list_resource_tags(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    const PageRequest page = call.in.page();
    if (Status read = call.in.check(); !read) return read;
    const auto tags = call.kms.list_resource_tags(key_id, page);
    if (!tags) return fail(tags);
    call.out.begin_list("Tags");
    for (const auto& [name, value] : tags->items) {
        call.out.begin_item().text("TagKey", name).text("TagValue", value).end_item();
    }
    call.out.end_list();
    write_page_end(call.out, *tags);
    return {};
}

constexpr std::array kOperations = {
    Operation{.name = "CreateAlias", .run = create_alias, .slow = true},
    Operation{.name = "UpdateAlias", .run = update_alias, .slow = true},
    Operation{.name = "DeleteAlias", .run = delete_alias, .slow = true},
    Operation{.name = "ListAliases", .run = list_aliases},
    Operation{.name = "TagResource", .run = tag_resource, .slow = true},
    Operation{.name = "UntagResource", .run = untag_resource, .slow = true},
    Operation{.name = "ListResourceTags", .run = list_resource_tags},
};

}  // namespace

std::span<const Operation> naming_operations() { return kOperations; }

}  // namespace keydeck::kms::server
