#!/usr/bin/env python3
"""Makes C++ of the KMIP tables: tags.h, enumerations.h and tables.cpp.

usage: generate.py FOLDER_OF_TSV_FILES OUTPUT_FOLDER
"""
import csv
import pathlib
import sys

HEADER = "// Made by kmip/spec/generate.py from the tables in kmip/spec. Do not edit.\n"
TYPES = {
    "Structure": 1, "Integer": 2, "LongInteger": 3, "BigInteger": 4, "Enumeration": 5, "Boolean": 6,
    "TextString": 7, "ByteString": 8, "DateTime": 9, "Interval": 10, "DateTimeExtended": 11,
    "Identifier": 12, "Reference": 13, "NameReference": 14,
}


def read(folder, name):
    with open(folder / name, encoding="ascii", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def versions(row):
    first, last = row["first_version"], row["last_version"] or "3.0"
    return "{Version::V%s, Version::V%s}" % (first.replace(".", "_"), last.replace(".", "_"))


def type_bits(text):
    """The set of item types as bits; '*' is every type."""
    if text == "*":
        return "0x%04x" % sum(1 << n for n in TYPES.values())
    return "0x%04x" % sum(1 << TYPES[name] for name in text.split("|"))


def quoted(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def group(rows, key):
    groups = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


def write_tags(out, tags):
    lines = [HEADER, "#pragma once", "", "#include <cstdint>", "", "namespace keyway::kmip {", "",
             "enum class Tag : std::uint32_t {"]
    lines += ["  %s = %s," % (row["name"], row["tag"].lower()) for row in tags]
    lines += ["};", "", "}  // namespace keyway::kmip", ""]
    out.write_text("\n".join(lines))


def write_enumerations(out, enumerations, masks):
    lines = [HEADER, "#pragma once", "", "#include <cstdint>", "", "namespace keyway::kmip {", "",
             "// Every enumeration and mask of the standard, for the registry in spec.h.",
             "enum class Enumeration : std::uint8_t {", "  none,"]
    lines += ["  %s," % name for name in [*enumerations, *masks]]
    lines += ["};", "", "template <class E>", "inline constexpr Enumeration enumeration_of = Enumeration::none;",
              "template <class M>", "inline constexpr bool is_mask_type = false;", ""]
    for name, rows in [*enumerations.items(), *masks.items()]:
        member, number = ("value_name", "value") if name in enumerations else ("bit_name", "bit")
        lines.append("enum class %s : std::uint32_t {" % name)
        lines += ["  %s = %s," % (row[member], row[number].lower()) for row in rows]
        lines += ["};", "template <>",
                  "inline constexpr Enumeration enumeration_of<%s> = Enumeration::%s;" % (name, name)]
        if name in masks:
            lines += ["template <>", "inline constexpr bool is_mask_type<%s> = true;" % name]
        lines.append("")
    lines += ["}  // namespace keyway::kmip", ""]
    out.write_text("\n".join(lines))


def write_tables(out, tags, enumerations, masks, attributes, sensitive):
    lines = [HEADER, "#include <array>", "", "#include <kmip/spec/tables.h>", "", "namespace keyway::kmip::tables {", "",
             "namespace {", ""]
    lines.append("constexpr TagInfo tag_rows[] = {")
    known = {*enumerations, *masks}
    for row in tags:
        values = row["enumeration"] or row["mask"]
        lines.append("    {Tag::%s, %s, %s, %s, Enumeration::%s, %s, %s}," % (
            row["name"], quoted(row["name"]), quoted(row["spec_name"]), type_bits(row["types"]),
            values if values in known else "none", versions(row),
            "true" if row["name"] in sensitive else "false"))
    lines += ["};", "", "constexpr AttributeInfo attribute_rows[] = {"]
    for row in attributes:
        if "*" in row["attribute_name"] or row["attribute_name"] == "Vendor Attribute":
            continue  # custom attributes have no fixed name
        lines.append("    {%s, Tag::%s, %s, %s, %s}," % (
            quoted(row["attribute_name"]), row["tag_name"], type_bits(row["item_type"]),
            "false" if row["instances"] == "single" else "true", versions(row)))
    lines += ["};", ""]
    aliases = []
    for name, rows in [*enumerations.items(), *masks.items()]:
        short = name in enumerations
        columns = ("value_name", "spec_value_name", "value") if short else ("bit_name", "spec_bit_name", "bit")
        lines.append("constexpr std::array<ValueInfo, %d> %s_rows = {{" % (len(rows), name))
        for row in sorted(rows, key=lambda row: int(row[columns[2]], 16)):
            lines.append("    {%s, %s, %s, %s}," % (
                row[columns[2]].lower(), quoted(row[columns[0]]), quoted(row[columns[1]]), versions(row)))
            for alias in filter(None, (a.strip() for a in row["aliases"].replace("|", ",").split(","))):
                aliases.append("    {Enumeration::%s, %s, %s}," % (name, quoted(alias), row[columns[2]].lower()))
        lines += ["}};", ""]
    lines += ["constexpr AliasInfo alias_rows[] = {", *aliases, "};", ""]
    lines += ["constexpr EnumerationInfo enumeration_rows[] = {", '    {"", false, {}},']
    for name in [*enumerations, *masks]:
        lines.append("    {%s, %s, %s_rows}," % (quoted(name), "true" if name in masks else "false", name))
    lines += ["};", "", "}  // namespace", "",
              "const std::span<const TagInfo> tags = tag_rows;",
              "const std::span<const AttributeInfo> attributes = attribute_rows;",
              "const std::span<const EnumerationInfo> enumerations = enumeration_rows;",
              "const std::span<const AliasInfo> aliases = alias_rows;", "",
              "}  // namespace keyway::kmip::tables", ""]
    out.write_text("\n".join(lines))


def main():
    source, out = map(pathlib.Path, sys.argv[1:3])
    tags = sorted(read(source, "tags.tsv"), key=lambda row: int(row["tag"], 16))
    enumerations = group(read(source, "enums.tsv"), "enumeration")
    for row in tags:  # enumerations whose values are all left to vendors
        if row["enumeration"] and row["enumeration"] not in ("Tag", *enumerations):
            enumerations[row["enumeration"]] = []
    masks = group(read(source, "masks.tsv"), "mask")
    sensitive = {row["tag"] for row in read(source, "sensitive.tsv")}
    unknown = sensitive - {row["name"] for row in tags}
    if unknown:
        sys.exit("sensitive.tsv names tags that tags.tsv does not have: %s" % ", ".join(sorted(unknown)))
    write_tags(out / "tags.h", tags)
    write_enumerations(out / "enumerations.h", enumerations, masks)
    write_tables(out / "tables.cpp", tags, enumerations, masks, read(source, "attributes.tsv"), sensitive)


if __name__ == "__main__":
    main()
