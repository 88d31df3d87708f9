namespace Milena.Kafka.Protocol.Generator.Model;

/// <summary>One field line of a definition file.</summary>
internal sealed class FieldDefinition
{
    public FieldDefinition(string name, string type, bool isArray, VersionRange declaredVersions, VersionRange known, int line)
    {
        Name = name;
        Type = type;
        IsArray = isArray;
        DeclaredVersions = declaredVersions;
        Versions = declaredVersions.Intersect(known);
        Line = line;
    }

    public string Name { get; }

    /// <summary>The type of the field, or of one element of an array.</summary>
    public string Type { get; }

    public bool IsArray { get; }

    /// <summary>The versions as the file says them, such as <c>3+</c>.</summary>
    public VersionRange DeclaredVersions { get; }

    /// <summary>The versions within those of the message.</summary>
    public VersionRange Versions { get; }

    public int Line { get; }

    public VersionRange DeclaredNullable { get; set; } = VersionRange.None;

    public VersionRange Nullable => DeclaredNullable.Intersect(Versions);

    public int? Tag { get; set; }

    /// <summary>The text behind <c>=</c>, or null where nothing is said.</summary>
    public string? Default { get; set; }

    public bool IsIgnorable { get; set; }

    public bool IsKey { get; set; }

    public string? Entity { get; set; }

    public bool IsZeroCopy { get; set; }

    /// <summary>Whether the field keeps the classic encoding in flexible versions.</summary>
    public bool IsNeverFlexible { get; set; }

    public bool IsStruct => char.IsUpper(Type[0]);

    public bool IsNullable => !Nullable.IsEmpty;
}
