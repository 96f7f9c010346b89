// Secrets as JSON lines and table rows; never a value.
#pragma once

#include <string>
#include <vector>

#include "app/cli/records.hpp"
#include "engine/secrets.hpp"

namespace keydeck::cli {

[[nodiscard]] std::string to_json(const SecretInfo& secret);
[[nodiscard]] std::string to_json(const SecretVersion& version);
void show(Output& out, const SecretInfo& secret);

template <>
List<SecretInfo>::List(Output& out);
template <>
void List<SecretInfo>::add(const SecretInfo& secret);
template <>
void List<SecretInfo>::finish();

template <>
List<SecretVersion>::List(Output& out);
template <>
void List<SecretVersion>::add(const SecretVersion& version);
template <>
void List<SecretVersion>::finish();

}  // namespace keydeck::cli
