using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>The fields of a struct beside the properties that hold them.</summary>
internal sealed class StructSchema
{
    private readonly Dictionary<string, StructSchema> _structs;

    public StructSchema(MessageDefinition message, StructDefinition definition, Type type)
        : this(message, definition, type, [])
    {
    }

    private StructSchema(MessageDefinition message, StructDefinition definition, Type type, Dictionary<string, StructSchema> structs)
    {
        Type = type;
        _structs = structs;
        structs[definition.Name] = this;
        Fields = [.. definition.Fields.Where(f => !f.Versions.IsEmpty).Select(f => new FieldSchema(f, type))];
        foreach (FieldSchema field in Fields.Where(f => f.Definition.IsStruct && !structs.ContainsKey(f.Definition.Type)))
        {
            _ = new StructSchema(message, message.Find(field.Definition.Type)!, field.ElementType, structs);
        }
    }

    public Type Type { get; }

    public IReadOnlyList<FieldSchema> Fields { get; }

    public StructSchema StructOf(FieldSchema field) => _structs[field.Definition.Type];

    public object Create() => Activator.CreateInstance(Type)!;
}
