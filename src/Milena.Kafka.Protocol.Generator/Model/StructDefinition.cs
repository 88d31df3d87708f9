namespace Milena.Kafka.Protocol.Generator.Model;

/// <summary>A group of fields that travels together: the body of a message or a struct within one.</summary>
internal sealed class StructDefinition
{
    public StructDefinition(string name, VersionRange versions, int line)
    {
        Name = name;
        Versions = versions;
        Line = line;
    }

    public string Name { get; }

    public VersionRange Versions { get; }

    /// <summary>The line that declares the struct.</summary>
    public int Line { get; }

    public List<FieldDefinition> Fields { get; } = new();
}
