using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>The fewest bytes that a value can take in any version: what an array's count is held against.</summary>
internal static class MinimumSize
{
    public static int OfElement(FieldDefinition array, MessageDefinition message, VersionRange flexible) =>
        array.IsStruct ? OfStruct(message.Find(array.Type)!, message, flexible) : OfPrimitive(array.Type, isFlexible: true);

    private static int OfStruct(StructDefinition definition, MessageDefinition message, VersionRange flexible)
    {
        int smallest = int.MaxValue;
        for (int version = definition.Versions.Lowest; version <= definition.Versions.Highest; version++)
        {
            bool isFlexible = flexible.Contains(version);
            int size = isFlexible ? 1 : 0;
            foreach (FieldDefinition field in definition.Fields)
            {
                if (field.Tag is null && field.Versions.Contains(version))
                {
                    size += OfField(field, message, flexible, isFlexible);
                }
            }

            smallest = Math.Min(smallest, size);
        }

        // An element of no bytes would make a count of any size believable.
        return Math.Max(1, smallest);
    }

    private static int OfField(FieldDefinition field, MessageDefinition message, VersionRange flexible, bool isFlexible)
    {
        if (field.IsArray)
        {
            return isFlexible ? 1 : 4;
        }

        if (field.IsStruct)
        {
            return field.IsNullable ? 1 : OfStruct(message.Find(field.Type)!, message, flexible);
        }

        return OfPrimitive(field.Type, isFlexible && !field.IsNeverFlexible);
    }

    private static int OfPrimitive(string type, bool isFlexible) => type switch
    {
        "bool" or "int8" => 1,
        "int16" or "uint16" => 2,
        "int32" or "uint32" => 4,
        "int64" or "float64" => 8,
        "uuid" => 16,
        "string" => isFlexible ? 1 : 2,
        _ => isFlexible ? 1 : 4,
    };
}
