namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>Valid messages whose bytes ask for as many objects as they can: arrays full of the smallest elements.</summary>
internal static class DenseFrames
{
    public static IEnumerable<byte[]> Of(MessageSchema schema, short version, int count)
    {
        foreach (FieldSchema[] path in ArrayPaths(schema.Body, version))
        {
            object message = Smallest(schema.Body, version);
            object owner = message;
            StructSchema at = schema.Body;
            foreach (FieldSchema field in path)
            {
                bool isLast = ReferenceEquals(field, path[^1]);
                owner = Fill(at, field, owner, version, isLast ? count : 1);
                at = field.Definition.IsStruct ? at.StructOf(field) : at;
            }

            yield return new ReferenceEncoder(schema, version).Encode(message);
        }
    }

    /// <summary>Sets a field and gives the struct that stands in it, if it is one.</summary>
    private static object Fill(StructSchema schema, FieldSchema field, object owner, short version, int count)
    {
        if (!field.Definition.IsArray)
        {
            object child = Smallest(schema.StructOf(field), version);
            field.Set(owner, child);
            return child;
        }

        var list = (System.Collections.IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(field.ElementType))!;
        for (int i = 0; i < count; i++)
        {
            list.Add(Element(schema, field, version));
        }

        field.Set(owner, list);
        return list[0]!;
    }

    private static object Element(StructSchema schema, FieldSchema field, short version)
    {
        if (field.Definition.IsStruct)
        {
            return Smallest(schema.StructOf(field), version);
        }

        return field.ElementType == typeof(string) ? "a" : Activator.CreateInstance(field.ElementType)!;
    }

    /// <summary>Every string has one byte, as an empty one takes no memory; every array is empty.</summary>
    private static object Smallest(StructSchema schema, short version)
    {
        object message = schema.Create();
        foreach (FieldSchema field in schema.Fields.Where(f => f.IsPresent(version) && f.Definition is { Tag: null, IsArray: false }))
        {
            if (field.Definition.Type == "string")
            {
                field.Set(message, "a");
            }
            else if (field.Definition.IsStruct)
            {
                field.Set(message, Smallest(schema.StructOf(field), version));
            }
        }

        return message;
    }

    private static IEnumerable<FieldSchema[]> ArrayPaths(StructSchema schema, short version)
    {
        foreach (FieldSchema field in schema.Fields.Where(f => f.IsPresent(version)))
        {
            if (field.Definition.IsArray)
            {
                yield return [field];
            }

            if (field.Definition.IsStruct)
            {
                foreach (FieldSchema[] nested in ArrayPaths(schema.StructOf(field), version))
                {
                    yield return [field, .. nested];
                }
            }
        }
    }
}
