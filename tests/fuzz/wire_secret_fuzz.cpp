// A body with a secret in it: what is cut out decodes, what remains has lost exactly the characters of one string and still
// parses where the whole did.
#include <cstdlib>

#include "engine/base/json.hpp"
#include "engine/kms/wire_secret.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    const SecretBytes whole = SecretBytes::copy_of(ByteView(data, size));
    SecretBytes body = whole.clone();
    const auto taken = kms::take_base64_field(body, "P");
    require(body.size() == whole.size());
    const auto before = json::parse(whole.text(), "the whole");
    if (!taken || !before) return 0;
    const auto after = json::parse(body.text(), "the rest");
    require(after && after->is(json::Kind::kObject));
    const json::Value* member = after->find("P");
    require((member != nullptr) == (before->find("P") != nullptr));
    if (member != nullptr && member->is(json::Kind::kString))
        require(member->text.find_first_not_of(' ') == std::string::npos);
    if (!taken->empty()) require(member != nullptr && member->is(json::Kind::kString) && !member->text.empty());
    return 0;
}
