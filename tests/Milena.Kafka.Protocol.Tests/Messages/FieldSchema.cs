using System.Reflection;
using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>One field of a definition beside the property that holds it.</summary>
internal sealed class FieldSchema
{
    private readonly PropertyInfo _property;

    public FieldSchema(FieldDefinition definition, Type owner)
    {
        Definition = definition;
        _property = owner.GetProperty(definition.Name) ?? throw new InvalidOperationException($"{owner} has no property {definition.Name}.");
        Type type = Nullable.GetUnderlyingType(_property.PropertyType) ?? _property.PropertyType;
        ElementType = definition.IsArray ? type.GetGenericArguments()[0] : type;
    }

    public FieldDefinition Definition { get; }

    public string Name => Definition.Name;

    public Type ElementType { get; }

    public bool IsPresent(short version) => Definition.Versions.Contains(version);

    public bool MayBeNull(short version) => Definition.Nullable.Contains(version);

    public object? Get(object owner) => _property.GetValue(owner);

    public void Set(object owner, object? value) => _property.SetValue(owner, value);

    public override string ToString() => Name;
}
