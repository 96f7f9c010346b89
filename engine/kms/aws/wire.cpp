#include "engine/kms/aws/wire.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "engine/base/base64.hpp"
#include "engine/base/text.hpp"
#include "engine/kms/kms_error.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr double kYear10000 = 253'402'300'800;

const json::Value kNothing;

}  // namespace

void RequestWriter::name(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
}

void RequestWriter::quoted(std::string_view field, std::string_view value) {
    if (!is_utf8(value) && not_text_.empty()) not_text_ = field;
    json::append_quoted(out_, value);
}

RequestWriter& RequestWriter::text(std::string_view name, std::string_view value) {
    this->name(name);
    quoted(name, value);
    return *this;
}

RequestWriter& RequestWriter::text_if(std::string_view name, std::string_view value) {
    return value.empty() ? *this : text(name, value);
}

RequestWriter& RequestWriter::number(std::string_view name, std::int64_t value) {
    this->name(name);
    out_ += std::to_string(value);
    return *this;
}

RequestWriter& RequestWriter::boolean(std::string_view field, bool value) {
    name(field);
    out_ += value ? "true" : "false";
    return *this;
}

RequestWriter& RequestWriter::blob(std::string_view name, ByteView value) {
    this->name(name);
    out_ += '"';
    out_ += to_base64(value);
    out_ += '"';
    return *this;
}

RequestWriter& RequestWriter::context(std::string_view name, const EncryptionContext& value) {
    if (value.empty()) return *this;
    this->name(name);
    char separator = '{';
    for (const auto& [key, text] : value) {
        out_ += separator;
        quoted(name, key);
        out_ += ':';
        quoted(name, text);
        separator = ',';
    }
    out_ += '}';
    return *this;
}

RequestWriter& RequestWriter::tags(std::string_view name, const Tags& value) {
    if (value.empty()) return *this;
    this->name(name);
    char separator = '[';
    for (const auto& [key, text] : value) {
        out_ += separator;
        out_ += R"({"TagKey":)";
        quoted(name, key);
        out_ += R"(,"TagValue":)";
        quoted(name, text);
        out_ += '}';
        separator = ',';
    }
    out_ += ']';
    return *this;
}

RequestWriter& RequestWriter::texts(std::string_view name, const std::vector<std::string>& value) {
    this->name(name);
    out_ += '[';
    for (const std::string& text : value) {
        if (out_.back() != '[') out_ += ',';
        quoted(name, text);
    }
    out_ += ']';
    return *this;
}

RequestWriter& RequestWriter::page(const PageRequest& page) {
    if (page.limit) number("Limit", *page.limit);
    return text_if("Marker", page.marker);
}

Result<SecretBytes> RequestWriter::finish() {
    if (!not_text_.empty()) return validation_error(fmt::format("The value at '{}' is not UTF-8 text.", not_text_));
    out_ += '}';
    return SecretBytes::copy_of(out_);
}

Result<SecretBytes> RequestWriter::finish_with_secret(std::string_view name, ByteView value) {
    if (!not_text_.empty()) return validation_error(fmt::format("The value at '{}' is not UTF-8 text.", not_text_));
    this->name(name);
    out_ += '"';
    SecretBytes body = SecretBytes::copy_of(out_);
    append_base64(body, value);
    body.append(as_bytes("\"}"));
    return body;
}

const json::Value* AnswerReader::find(std::string_view name, json::Kind kind, bool required) {
    if (!problem_.empty()) return nullptr;
    const json::Value* value = object_->find(name);
    if (value == nullptr || value->is(json::Kind::kNull)) {
        if (required) refuse(name, "is missing");
        return nullptr;
    }
    if (value->is(kind)) return value;
    refuse(name, fmt::format("is {} where {} is due", json::describe(value->kind), json::describe(kind)));
    return nullptr;
}

void AnswerReader::refuse(std::string_view name, std::string_view why) {
    if (problem_.empty()) problem_ = fmt::format("{} {}", name, why);
}

void AnswerReader::join(const AnswerReader& part) {
    if (problem_.empty()) problem_ = part.problem_;
}

Status AnswerReader::status() const {
    if (problem_.empty()) return {};
    return malformed_answer(operation_, problem_);
}

std::string AnswerReader::text(std::string_view name) {
    const json::Value* value = find(name, json::Kind::kString, true);
    if (value != nullptr && value->text.empty()) refuse(name, "is empty");
    return value == nullptr ? std::string() : value->text;
}

std::string AnswerReader::text_or_empty(std::string_view name) {
    const json::Value* value = find(name, json::Kind::kString, false);
    return value == nullptr ? std::string() : value->text;
}

Bytes AnswerReader::blob(std::string_view name) {
    const json::Value* value = find(name, json::Kind::kString, true);
    if (value == nullptr) return {};
    Result<Bytes> bytes = from_base64(value->text, name);
    if (!bytes) {
        refuse(name, "is not base64");
        return {};
    }
    if (bytes->empty()) refuse(name, "is empty");
    return std::move(*bytes);
}

bool AnswerReader::boolean(std::string_view name) {
    const json::Value* value = find(name, json::Kind::kBool, true);
    return value != nullptr && value->boolean;
}

std::optional<bool> AnswerReader::boolean_if(std::string_view name) {
    const json::Value* value = find(name, json::Kind::kBool, false);
    if (value == nullptr) return std::nullopt;
    return value->boolean;
}

std::optional<int> AnswerReader::number_if(std::string_view name) {
    const json::Value* value = find(name, json::Kind::kNumber, false);
    if (value == nullptr) return std::nullopt;
    int number = 0;
    const char* end = value->text.data() + value->text.size();
    const auto [stop, problem] = std::from_chars(value->text.data(), end, number);
    if (problem == std::errc() && stop == end) return number;
    refuse(name, "is no whole number");
    return std::nullopt;
}

std::optional<Timestamp> AnswerReader::time_if(std::string_view name) {
    const json::Value* value = find(name, json::Kind::kNumber, false);
    if (value == nullptr) return std::nullopt;
    const std::optional<Timestamp> time = parse_epoch(value->text);
    if (!time) refuse(name, "is no time");
    return time;
}

Timestamp AnswerReader::time(std::string_view name) {
    if (find(name, json::Kind::kNumber, true) == nullptr) return {};
    return time_if(name).value_or(Timestamp{});
}

const std::vector<json::Value>& AnswerReader::items(std::string_view name) {
    const json::Value* value = find(name, json::Kind::kArray, true);
    if (value == nullptr) return kNothing.items;
    for (const json::Value& item : value->items) {
        if (!item.is(json::Kind::kObject)) refuse(name, "holds something that is no object");
    }
    return problem_.empty() ? value->items : kNothing.items;
}

const json::Value& AnswerReader::object(std::string_view name) {
    const json::Value* value = find(name, json::Kind::kObject, true);
    return value == nullptr ? kNothing : *value;
}

std::optional<Timestamp> parse_epoch(std::string_view number) {
    double seconds = 0;
    const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), seconds);
    if (problem != std::errc() || end != number.data() + number.size()) return std::nullopt;
    if (!std::isfinite(seconds) || seconds < 0 || seconds >= kYear10000) return std::nullopt;
    return from_micros(std::llround(seconds * 1e6));
}

std::unexpected<Error> malformed_answer(std::string_view operation, std::string_view why) {
    return fail(ErrorCode::kCorrupt, fmt::format("What was answered to {} is no answer of a KMS: {}.", operation, why),
                "Check the endpoint: something else may answer there.");
}

}  // namespace keydeck::kms::aws
