namespace Milena.Kafka.Protocol.Generator.Model;

/// <summary>A whole definition file.</summary>
internal sealed class Definition
{
    public Definition(string kind, string name)
    {
        Kind = kind;
        Name = name;
    }

    /// <summary><c>api</c>, <c>header</c> or <c>data</c>.</summary>
    public string Kind { get; }

    public string Name { get; }

    public int Key { get; set; } = -1;

    public VersionRange Versions { get; set; } = VersionRange.None;

    public VersionRange Flexible { get; set; } = VersionRange.None;

    public VersionRange Kafka4 { get; set; } = VersionRange.None;

    public VersionRange? Stable { get; set; }

    public bool HasFixedResponseHeader { get; set; }

    /// <summary>The comment lines, the first of which says what the API is for.</summary>
    public List<string> Comments { get; } = new();

    public List<MessageDefinition> Messages { get; } = new();

    public bool IsApi => Kind == "api";
}
