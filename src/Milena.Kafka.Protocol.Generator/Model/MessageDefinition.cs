namespace Milena.Kafka.Protocol.Generator.Model;

/// <summary>One section of a definition file: a request, a response, or the fields of a header or of data.</summary>
internal sealed class MessageDefinition
{
    public MessageDefinition(string section, VersionRange versions, int line)
    {
        Section = section;
        Body = new StructDefinition("", versions, line);
    }

    /// <summary><c>request</c>, <c>response</c> or <c>fields</c>.</summary>
    public string Section { get; }

    public StructDefinition Body { get; }

    /// <summary>The structs by name, in order of appearance.</summary>
    public List<StructDefinition> Structs { get; } = new();

    public StructDefinition? Find(string name) => Structs.Find(s => s.Name == name);
}
