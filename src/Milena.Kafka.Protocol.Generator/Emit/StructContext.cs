using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>What the emitters of one class share: its fields, and how versions become conditions.</summary>
internal sealed class StructContext
{
    private readonly Definition _definition;

    public StructContext(Definition definition, MessageDefinition message, StructDefinition @struct)
    {
        _definition = definition;
        Message = message;
        Struct = @struct;
        MessageName = MessageEmitter.ClassName(definition, message);
        Name = IsBody ? MessageName : StructName(message, @struct.Name);
        Fields = @struct.Fields.FindAll(f => !f.Versions.IsEmpty);
        Tagged = Fields.Where(f => f.Tag is not null).OrderBy(f => f.Tag).ToList();
        FlexibleVersions = definition.Flexible.Intersect(@struct.Versions);
    }

    public MessageDefinition Message { get; }

    public StructDefinition Struct { get; }

    public string MessageName { get; }

    /// <summary>The name of the class.</summary>
    public string Name { get; }

    public List<FieldDefinition> Fields { get; }

    /// <summary>The tagged fields, ascending by tag.</summary>
    public List<FieldDefinition> Tagged { get; }

    public VersionRange FlexibleVersions { get; }

    public bool IsBody => ReferenceEquals(Struct, Message.Body);

    /// <summary>Whether the struct stands alone in a field, where it is written only if it holds more than defaults.</summary>
    public bool IsComparedWithDefault => Message.Structs.Append(Message.Body)
        .SelectMany(s => s.Fields)
        .Any(f => f.Type == Struct.Name && !f.IsArray && !f.IsNullable);

    /// <summary>An expression that tells whether the version is flexible; a local variable where it depends on the version.</summary>
    public string Flexible => FlexibleVersions.IsEmpty ? "false" : FlexibleVersions.Contains(Struct.Versions) ? "true" : "flexible";

    /// <summary>The condition for a tag section; empty if there is one in all versions.</summary>
    public string TagSectionCondition => Flexible == "flexible" ? "flexible" : "";

    /// <summary>The untagged fields in order, neighbours with the same versions together.</summary>
    public IEnumerable<List<FieldDefinition>> UntaggedGroups()
    {
        var group = new List<FieldDefinition>();
        foreach (FieldDefinition field in Fields.Where(f => f.Tag is null))
        {
            if (group.Count > 0 && ConditionOf(group[0]) != ConditionOf(field))
            {
                yield return group;
                group = new List<FieldDefinition>();
            }

            group.Add(field);
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }

    public int ElementSize(FieldDefinition array) => MinimumSize.OfElement(array, Message, _definition.Flexible);

    public FieldType TypeOf(FieldDefinition field) => new(field, this);

    /// <summary>A class and its property cannot share a name, so a struct that does is called <c>...Struct</c>.</summary>
    public static string StructName(MessageDefinition message, string name)
    {
        bool clashes = message.Body.Fields.Exists(f => f.Name == name)
            || message.Find(name)!.Fields.Exists(f => f.Name == name);
        return clashes ? name + "Struct" : name;
    }

    /// <summary>When a field is there, among the versions of the struct; empty for always.</summary>
    public string ConditionOf(FieldDefinition field) => Condition(field.Versions, field.Tag is null ? Struct.Versions : FlexibleVersions);

    public static string Condition(VersionRange range, VersionRange within)
    {
        bool low = range.Lowest > within.Lowest;
        bool high = range.Highest < within.Highest;
        return (low, high) switch
        {
            (true, true) when range.Lowest == range.Highest => $"version == {range.Lowest}",
            (true, true) => $"version is >= {range.Lowest} and <= {range.Highest}",
            (true, false) => $"version >= {range.Lowest}",
            (false, true) => $"version <= {range.Highest}",
            _ => "",
        };
    }

    public void DeclareFlexible(CodeWriter code)
    {
        if (Flexible == "flexible")
        {
            code.Line($"bool flexible = {Condition(FlexibleVersions, Struct.Versions)};");
        }
    }

    public void CheckVersion(CodeWriter code)
    {
        if (IsBody)
        {
            code.Open($"if (version is < {Struct.Versions.Lowest} or > {Struct.Versions.Highest})");
            code.Line($"throw MessageFault.UnknownVersion(\"{Name}\", {Struct.Versions.Lowest}, {Struct.Versions.Highest}, version);");
            code.Close();
        }
    }
}
