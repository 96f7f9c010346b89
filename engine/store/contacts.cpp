#include "engine/store/contacts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/store/names.hpp"
#include "engine/store/rows.hpp"
#include "engine/store/wallet_search.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::string_view kByName = "SELECT name, address, note, created_at FROM contacts WHERE name = ? COLLATE NOCASE";
constexpr std::string_view kAt = "SELECT name, address, note, created_at FROM contacts WHERE address = ?";
constexpr std::string_view kAll = "SELECT name, address, note, created_at FROM contacts ORDER BY name COLLATE NOCASE";
constexpr std::string_view kNamed =
    "SELECT name, address, note, created_at FROM contacts WHERE name LIKE ? ESCAPE '\\' ORDER BY name COLLATE NOCASE";
constexpr std::string_view kBeginning =
    "SELECT name, address, note, created_at FROM contacts WHERE hex(address) LIKE ? || '%' ORDER BY name COLLATE NOCASE";

Result<Contact> read_contact(const Statement& row) {
    Contact contact;
    contact.name = string_at(row, 0);
    const ByteView address = row.blob(1);
    if (address.size() != contact.address.size())
        return fail(ErrorCode::kCorrupt, fmt::format("The address of the contact \"{}\" is damaged.", contact.name));
    std::ranges::copy(address, contact.address.begin());
    contact.note = string_at(row, 2);
    contact.created_at = from_micros(row.integer(3));
    return contact;
}

Result<std::optional<Contact>> one_contact(Statement row) {
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found) return std::optional<Contact>();
    auto contact = read_contact(row);
    if (!contact) return fail(contact);
    return std::optional(std::move(*contact));
}

Result<std::optional<Contact>> contact_named(Database& database, std::string_view name) {
    auto row = database.prepare(kByName);
    row.bind(1, name);
    return one_contact(std::move(row));
}

bool is_beginning_of_address(std::string_view filter) {
    return (filter.starts_with("0x") || filter.starts_with("0X")) &&
           filter.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
}

}  // namespace

Result<Contact> insert_contact(Database& database, const Contact& contact, Timestamp now) {
    if (const auto good = check_contact_name(contact.name); !good) return fail(good);
    if (const auto good = check_contact_note(contact.note); !good) return fail(good);
    const auto same_name = contact_named(database, contact.name);
    if (!same_name) return fail(same_name);
    if (*same_name) {
        return fail(ErrorCode::kAlreadyExists,
                    fmt::format("The address book has a \"{}\" already, at {}.", (*same_name)->name,
                                to_hex_0x((*same_name)->address)),
                    "Remove it first: keydeck contact remove NAME");
    }
    const auto same_address = contact_at(database, contact.address);
    if (!same_address) return fail(same_address);
    if (*same_address) {
        return fail(
            ErrorCode::kAlreadyExists,
            fmt::format("The address book has {} already, as \"{}\".", to_hex_0x(contact.address), (*same_address)->name),
            "Remove it first: keydeck contact remove NAME");
    }
    auto insert = database.prepare("INSERT INTO contacts (name, address, note, created_at) VALUES (?, ?, ?, ?)");
    insert.bind(1, contact.name).bind(2, ByteView(contact.address)).bind(3, contact.note).bind(4, to_micros(now));
    if (const auto done = insert.run(); !done) return fail(done);
    Contact added = contact;
    added.created_at = now;
    return added;
}

Result<Contact> contact_by_name(Database& database, std::string_view name) {
    auto contact = contact_named(database, name);
    if (!contact) return fail(contact);
    if (!*contact) {
        return fail(ErrorCode::kNotFound, fmt::format("The address book has no \"{}\".", name), "keydeck contact list");
    }
    return std::move(**contact);
}

Result<std::optional<Contact>> contact_at(Database& database, const AddressBytes& address) {
    auto row = database.prepare(kAt);
    row.bind(1, ByteView(address));
    return one_contact(std::move(row));
}

Result<std::vector<Contact>> list_contacts(Database& database, std::string_view filter) {
    const bool by_address = is_beginning_of_address(filter);
    auto row = database.prepare(filter.empty() ? kAll : by_address ? kBeginning : kNamed);
    if (by_address) {
        row.bind(1, filter.substr(2));
    } else if (!filter.empty()) {
        row.bind(1, like_pattern(filter));
    }
    std::vector<Contact> contacts;
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        auto contact = read_contact(row);
        if (!contact) return fail(contact);
        contacts.push_back(std::move(*contact));
    }
    if (!more) return fail(more);
    return contacts;
}

Status remove_contact(Database& database, std::string_view name) {
    const auto contact = contact_by_name(database, name);
    if (!contact) return fail(contact);
    auto remove = database.prepare("DELETE FROM contacts WHERE address = ?");
    return remove.bind(1, ByteView(contact->address)).run();
}

}  // namespace keydeck::store
