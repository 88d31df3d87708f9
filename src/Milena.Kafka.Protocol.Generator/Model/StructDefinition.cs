namespace Milena.Kafka.Protocol.Generator.Model;

/// <summary>A group of fields that travels together: the body of a message or a struct within one.</summary>
internal sealed class StructDefinition
{
    public StructDefinition(string name, VersionRange versions)
    {
        Name = name;
        Versions = versions;
    }

    public string Name { get; }

    public VersionRange Versions { get; }

    public List<FieldDefinition> Fields { get; } = new();
}
