using System.Globalization;
using System.Text.Json;

namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>Holds a message that was read against the values that Kafka's own classes read from the same bytes.</summary>
internal sealed class ValueComparison
{
    private readonly short _version;

    private ValueComparison(short version)
    {
        _version = version;
    }

    /// <summary>Where the values differ; empty if they agree.</summary>
    public List<string> Differences { get; } = [];

    /// <summary>How many fields were compared.</summary>
    public int Compared { get; private set; }

    public static ValueComparison Compare(StructSchema schema, object message, JsonElement expected, short version)
    {
        var comparison = new ValueComparison(version);
        comparison.CompareStruct(schema, message, expected, "");
        return comparison;
    }

    private void CompareStruct(StructSchema schema, object owner, JsonElement expected, string path)
    {
        var unread = expected.EnumerateObject().Select(p => p.Name).ToHashSet();
        foreach (FieldSchema field in schema.Fields.Where(f => f.IsPresent(_version)))
        {
            // Of records there is the size only, unless they are null.
            bool isSize = field.Definition.Type == "records" && !expected.TryGetProperty(field.Name, out _);
            string name = isSize ? field.Name + "SizeInBytes" : field.Name;
            string at = $"{path}.{field.Name}";
            if (expected.TryGetProperty(name, out JsonElement value))
            {
                unread.Remove(name);
                CompareField(schema, field, field.Get(owner), value, at);
            }
            else if (field.Definition.Tag is null)
            {
                Differences.Add($"{at} is not among the expected values");
            }
            else if (!StructuralEquality.Equals(schema, field, field.Get(owner), field.Get(schema.Create())))
            {
                Differences.Add($"{at} is {Text(field.Get(owner))}, expected the default");
            }
        }

        Differences.AddRange(unread.Select(name => $"{path}.{name} was expected and is no field of version {_version}"));
    }

    private void CompareField(StructSchema schema, FieldSchema field, object? actual, JsonElement expected, string path)
    {
        if (actual is null || expected.ValueKind == JsonValueKind.Null)
        {
            CompareText(actual is null ? "null" : "a value", expected.ValueKind == JsonValueKind.Null ? "null" : "a value", path);
            return;
        }

        if (!field.Definition.IsArray)
        {
            CompareElement(schema, field, actual, expected, path);
            return;
        }

        object[] items = [.. ((System.Collections.IEnumerable)actual).Cast<object>()];
        CompareText(items.Length.ToString(CultureInfo.InvariantCulture), expected.GetArrayLength().ToString(CultureInfo.InvariantCulture), path + ".Count");
        foreach ((int index, (object item, JsonElement value)) in items.Zip(expected.EnumerateArray()).Index())
        {
            CompareElement(schema, field, item, value, $"{path}[{index}]");
        }
    }

    private void CompareElement(StructSchema schema, FieldSchema field, object actual, JsonElement expected, string path)
    {
        if (field.Definition.IsStruct)
        {
            CompareStruct(schema.StructOf(field), actual, expected, path);
            return;
        }

        string wanted = expected.ValueKind == JsonValueKind.String ? expected.GetString()! : expected.GetRawText();
        if (field.Definition.Type == "float64")
        {
            wanted = double.Parse(wanted, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);
        }

        CompareText(field.Definition.Type == "records" ? Size(actual) : Text(actual), wanted, path);
    }

    private void CompareText(string? actual, string expected, string path)
    {
        Compared++;
        if (actual != expected)
        {
            Differences.Add($"{path} is {actual}, expected {expected}");
        }
    }

    private static string Size(object records) => ((ReadOnlyMemory<byte>)records).Length.ToString(CultureInfo.InvariantCulture);

    private static string? Text(object? value) => value switch
    {
        null => "null",
        ReadOnlyMemory<byte> bytes => Convert.ToBase64String(bytes.Span),
        Guid uuid => Uuid.ToText(uuid),
        bool flag => flag ? "true" : "false",
        ErrorCode code => ((short)code).ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
