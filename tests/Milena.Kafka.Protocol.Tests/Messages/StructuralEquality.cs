namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>Compares messages field by field, as no generated class defines equality.</summary>
internal static class StructuralEquality
{
    /// <summary>The path of the first field that differs, or null.</summary>
    public static string? FirstDifference(StructSchema schema, object left, object right)
    {
        foreach (FieldSchema field in schema.Fields)
        {
            if (FirstDifference(schema, field, field.Get(left), field.Get(right)) is { } path)
            {
                return $".{field.Name}{path}";
            }
        }

        return null;
    }

    public static bool Equals(StructSchema schema, FieldSchema field, object? left, object? right) =>
        FirstDifference(schema, field, left, right) is null;

    private static string? FirstDifference(StructSchema schema, FieldSchema field, object? left, object? right)
    {
        if (left is null || right is null)
        {
            return left is null && right is null ? null : $": {(left is null ? "null" : "a value")} against {(right is null ? "null" : "a value")}";
        }

        if (!field.Definition.IsArray)
        {
            return FirstElementDifference(schema, field, left, right);
        }

        object[] lefts = [.. ((System.Collections.IEnumerable)left).Cast<object>()];
        object[] rights = [.. ((System.Collections.IEnumerable)right).Cast<object>()];
        if (lefts.Length != rights.Length)
        {
            return $": {lefts.Length} against {rights.Length} elements";
        }

        return Enumerable.Range(0, lefts.Length)
            .Select(i => FirstElementDifference(schema, field, lefts[i], rights[i]) is { } path ? $"[{i}]{path}" : null)
            .FirstOrDefault(path => path is not null);
    }

    private static string? FirstElementDifference(StructSchema schema, FieldSchema field, object left, object right)
    {
        if (field.Definition.IsStruct)
        {
            return FirstDifference(schema.StructOf(field), left, right);
        }

        bool same = left is ReadOnlyMemory<byte> bytes ? bytes.Span.SequenceEqual(((ReadOnlyMemory<byte>)right).Span) : left.Equals(right);
        return same ? null : $": {left} against {right}";
    }
}
