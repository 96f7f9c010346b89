// The little XML that AWS STS speaks.
#pragma once

#include <functional>
#include <string_view>

#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::kms::aws {

/// Called for each element that holds no other: the names from the root to it, "A/B/C", and its text, entities resolved.
using XmlLeaf = std::function<void(std::string_view path, SecretBytes text)>;

/// Reads one document, strictly: elements that match, the five named entities and ASCII character references, at most 16
/// levels; attributes are skipped; document types, CDATA and all else are refused. Error: invalid_input.
[[nodiscard]] Status read_xml(std::string_view text, const XmlLeaf& leaf);

}  // namespace keydeck::kms::aws
