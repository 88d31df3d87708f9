using System.Globalization;
using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Parsing;

/// <summary>Refuses what the grammar allows and no message could mean.</summary>
internal static class DefinitionCheck
{
    public static void Check(Definition definition)
    {
        string[] sections = definition.IsApi ? new[] { "request", "response" } : new[] { "fields" };
        foreach (string section in sections.Where(s => !definition.Messages.Exists(m => m.Section == s)))
        {
            throw new DefinitionException(1, $"section {section} is missing");
        }

        foreach (MessageDefinition message in definition.Messages)
        {
            foreach (StructDefinition owner in message.Structs.Prepend(message.Body))
            {
                CheckStruct(definition, message, owner);
            }

            CheckRecursion(message, message.Body, new Stack<string>());
        }
    }

    private static void CheckStruct(Definition definition, MessageDefinition message, StructDefinition owner)
    {
        var tags = new HashSet<int>();
        foreach (FieldDefinition field in owner.Fields)
        {
            if (!owner.Versions.Contains(field.Versions))
            {
                throw Fault(field, $"the versions {field.DeclaredVersions} are not within {owner.Versions}, those of its struct");
            }

            if (field.IsStruct)
            {
                CheckStructField(message, field);
            }

            if (field.Tag is { } tag)
            {
                CheckTag(definition, field, tags.Add(tag));
            }

            CheckDefault(field);
        }
    }

    private static void CheckStructField(MessageDefinition message, FieldDefinition field)
    {
        StructDefinition type = message.Find(field.Type) ?? throw Fault(field, $"struct {field.Type} has no members and is not declared");
        if (!type.Versions.Contains(field.Versions))
        {
            throw Fault(field, $"the versions {field.DeclaredVersions} are not within {type.Versions}, those of struct {type.Name}");
        }
    }

    private static void CheckTag(Definition definition, FieldDefinition field, bool isNew)
    {
        if (!isNew)
        {
            throw Fault(field, $"tag {field.Tag} is there twice");
        }

        if (field.Versions.IsEmpty || !definition.Flexible.Contains(field.Versions))
        {
            throw Fault(field, "a tagged field needs versions, all of them flexible");
        }
    }

    private static void CheckDefault(FieldDefinition field)
    {
        if (field.Default == "null")
        {
            if (!field.Nullable.Contains(field.Versions))
            {
                throw Fault(field, "the default is null and the field is not nullable in all its versions");
            }
        }
        else if (field.Default is { } text && !IsDefaultOf(field, text))
        {
            throw Fault(field, $"'{text}' is no default of type {(field.IsArray ? "[]" : "")}{field.Type}");
        }

        bool canBeNull = field.IsArray || field.IsStruct || field.Type is "string" or "bytes" or "records";
        if (field.IsNullable && !canBeNull)
        {
            throw Fault(field, $"a field of type {field.Type} cannot be null");
        }
    }

    private static bool IsDefaultOf(FieldDefinition field, string text)
    {
        if (field.IsArray)
        {
            return false;
        }

        CultureInfo culture = CultureInfo.InvariantCulture;
        return field.Type switch
        {
            "bool" => text is "true" or "false",
            "int8" => sbyte.TryParse(text, NumberStyles.AllowLeadingSign, culture, out _),
            "int16" => short.TryParse(text, NumberStyles.AllowLeadingSign, culture, out _),
            "int32" => int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out _),
            "int64" => long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out _),
            "uint16" => ushort.TryParse(text, NumberStyles.None, culture, out _),
            "uint32" => uint.TryParse(text, NumberStyles.None, culture, out _),
            "float64" => double.TryParse(text, NumberStyles.Float, culture, out _),
            "string" => text.IndexOf('"') < 0 && text.IndexOf('\\') < 0,
            _ => false,
        };
    }

    /// <summary>A struct within itself could nest as deeply as a peer likes.</summary>
    private static void CheckRecursion(MessageDefinition message, StructDefinition at, Stack<string> path)
    {
        foreach (FieldDefinition field in at.Fields.Where(f => f.IsStruct))
        {
            if (path.Contains(field.Type))
            {
                throw Fault(field, $"struct {field.Type} is recursive");
            }

            path.Push(field.Type);
            CheckRecursion(message, message.Find(field.Type)!, path);
            path.Pop();
        }
    }

    private static DefinitionException Fault(FieldDefinition field, string message) => new(field.Line, message);
}
