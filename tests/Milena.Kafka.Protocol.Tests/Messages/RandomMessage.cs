namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>Fills the fields that a version has with random values. Equal seeds give equal messages.</summary>
internal sealed class RandomMessage(Random random, short version, bool full = false)
{
    private static readonly string[] Strings =
        ["", "a", "orders", "Größe", "Москва", "東京", "\0", "🦊🐻", "é", "\uFFFD", "a\nb\t\"c\"", "ÿ".PadRight(60, 'ÿ'), new('x', 126), new('x', 127), new('x', 128), new('ж', 9000)];

    /// <summary>Makes a message.</summary>
    public object Create(StructSchema schema, int depth = 0)
    {
        object message = schema.Create();
        foreach (FieldSchema field in schema.Fields.Where(f => f.IsPresent(version)))
        {
            if (field.Definition.Tag is null || full || random.Next(2) == 0)
            {
                field.Set(message, Value(schema, field, depth));
            }
        }

        return message;
    }

    /// <summary>Makes a value of a field that is surely not its default.</summary>
    public object? OtherThanDefault(StructSchema schema, FieldSchema field)
    {
        object? standard = field.Get(schema.Create());
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            object? value = field.Definition.IsArray ? List(schema, field, 1, 0) : Element(schema, field, 0);
            if (!StructuralEquality.Equals(schema, field, value, standard))
            {
                return value;
            }
        }

        throw new InvalidOperationException($"No value of {field} differs from the default.");
    }

    private object? Value(StructSchema schema, FieldSchema field, int depth)
    {
        if (!full && field.MayBeNull(version) && random.Next(4) == 0)
        {
            return null;
        }

        return field.Definition.IsArray ? List(schema, field, Count(field, depth), depth) : Element(schema, field, depth);
    }

    private int Count(FieldSchema field, int depth)
    {
        if (full)
        {
            return 1;
        }

        bool isLong = depth == 0 && random.Next(30) == 0;
        return isLong ? (field.Definition.IsStruct ? 130 : 1000) : random.Next(depth > 0 ? 3 : 4);
    }

    private object List(StructSchema schema, FieldSchema field, int count, int depth)
    {
        var list = (System.Collections.IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(field.ElementType))!;
        for (int i = 0; i < count; i++)
        {
            // Long arrays of long strings would only cost time.
            list.Add(count > 4 && field.Definition.Type == "string" ? Strings[random.Next(8)] : Element(schema, field, count > 4 ? depth + 3 : depth));
        }

        return list;
    }

    private object Element(StructSchema schema, FieldSchema field, int depth) => field.Definition.Type switch
    {
        "bool" => random.Next(2) == 0,
        "int8" => (sbyte)random.Next(sbyte.MinValue, sbyte.MaxValue + 1),
        "int16" when field.ElementType == typeof(ErrorCode) => (ErrorCode)random.Next(-1, 200),
        "int16" => (short)random.Next(short.MinValue, short.MaxValue + 1),
        "int32" => random.Next(5) == 0 ? int.MinValue : (int)random.NextInt64(int.MinValue, int.MaxValue + 1L),
        "int64" => random.Next(5) == 0 ? long.MaxValue : random.NextInt64(long.MinValue, long.MaxValue),
        "uint16" => (ushort)random.Next(ushort.MaxValue + 1),
        "uint32" => (uint)random.NextInt64(uint.MaxValue + 1L),
        "float64" => random.Next(5) == 0 ? double.NaN : random.NextDouble() * 1e300,
        "string" => Strings[random.Next(depth > 1 ? 10 : Strings.Length)],
        "bytes" or "records" => Bytes(depth),
        "uuid" => Uuid(),
        _ => Create(schema.StructOf(field), depth + 1),
    };

    private ReadOnlyMemory<byte> Bytes(int depth)
    {
        byte[] bytes = new byte[random.Next(6) switch { 0 => 0, 1 when depth < 3 => 3000, 2 => 127, _ => random.Next(40) }];
        random.NextBytes(bytes);
        return bytes;
    }

    private Guid Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
