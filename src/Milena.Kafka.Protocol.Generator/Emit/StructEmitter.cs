using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>Writes the members of one class: properties, Read, GetSize and Write.</summary>
internal sealed class StructEmitter
{
    private readonly Definition _definition;
    private readonly MessageDefinition _message;
    private readonly StructDefinition _struct;
    private readonly string _name;
    private readonly CodeWriter _code;
    private readonly List<FieldDefinition> _fields;
    private readonly VersionRange _flexible;

    public StructEmitter(Definition definition, MessageDefinition message, StructDefinition @struct, string name, CodeWriter code)
    {
        _definition = definition;
        _message = message;
        _struct = @struct;
        _name = name;
        _code = code;
        _fields = @struct.Fields.FindAll(f => !f.Versions.IsEmpty);
        _flexible = definition.Flexible.Intersect(@struct.Versions);
    }

    private bool IsBody => ReferenceEquals(_struct, _message.Body);

    private IEnumerable<FieldDefinition> Untagged => _fields.Where(f => f.Tag is null);

    private List<FieldDefinition> Tagged => _fields.Where(f => f.Tag is not null).OrderBy(f => f.Tag).ToList();

    /// <summary>An expression that tells whether the version is flexible; a local variable where it depends on the version.</summary>
    private string Flexible => _flexible.IsEmpty ? "false" : _flexible.Contains(_struct.Versions) ? "true" : "flexible";

    /// <summary>A class and its property cannot share a name, so a struct that does is called <c>...Struct</c>.</summary>
    public static string StructName(MessageDefinition message, string name)
    {
        bool clashes = message.Body.Fields.Exists(f => f.Name == name)
            || message.Find(name)!.Fields.Exists(f => f.Name == name);
        return clashes ? name + "Struct" : name;
    }

    public void EmitMembers()
    {
        foreach (FieldDefinition field in _fields)
        {
            EmitProperty(field);
        }

        if (!IsBody)
        {
            string set = string.Join(" || ", _fields.Select(f => TypeOf(f).IsSet(f.Name)));
            _code.Line($"internal bool HasOnlyDefaults => !({set});");
            _code.Line();
        }

        EmitRead();
        EmitGetSize();
        foreach (FieldDefinition field in Tagged.Where(NeedsSizeMethod))
        {
            EmitSizeMethod(field);
        }

        EmitWrite();
    }

    private FieldType TypeOf(FieldDefinition field) =>
        new(field, MessageEmitter.ClassName(_definition, _message), name => StructName(_message, name), field.Tag is null ? Flexible : "true");

    private void EmitProperty(FieldDefinition field)
    {
        FieldType type = TypeOf(field);
        _code.Doc("summary", Describe(field));
        if (type.IsLazy)
        {
            string fresh = field.IsArray ? "[]" : "new()";
            _code.Line($"public {type.CSharp} {field.Name} {{ get => field ??= {fresh}; set; }}");
        }
        else
        {
            string initializer = type.Initializer is { } literal ? $" = {literal};" : "";
            _code.Line($"public {type.CSharp} {field.Name} {{ get; set; }}{initializer}");
        }

        _code.Line();
    }

    private static string Describe(FieldDefinition field)
    {
        string text = $"{(field.IsArray ? "Array of " : "")}{field.Type}, versions {field.DeclaredVersions}";
        text += field.IsNullable ? field.Nullable.Contains(field.Versions) ? ", nullable" : $", nullable in {field.DeclaredNullable}" : "";
        text += field.Tag is { } tag ? $", tag {tag}" : "";
        text += field.Default is { } value ? $", default {value}" : "";
        text += field.Entity is { } entity ? $", names a {entity}" : "";
        text += field.IsKey ? ", key of the element" : "";
        text += field.IsIgnorable ? ", dropped silently where a version lacks it" : "";
        return text + ".";
    }

    private static string Condition(VersionRange range, VersionRange within)
    {
        bool low = range.Lowest > within.Lowest;
        bool high = range.Highest < within.Highest;
        return (low, high) switch
        {
            (true, true) => $"version is >= {range.Lowest} and <= {range.Highest}",
            (true, false) => $"version >= {range.Lowest}",
            (false, true) => $"version <= {range.Highest}",
            _ => "",
        };
    }

    private void DeclareFlexible()
    {
        if (Flexible == "flexible")
        {
            _code.Line($"bool flexible = {Condition(_flexible, _struct.Versions)};");
        }
    }

    private void EmitVersionCheck()
    {
        if (IsBody)
        {
            _code.Open($"if (version is < {_struct.Versions.Lowest} or > {_struct.Versions.Highest})");
            _code.Line($"throw MessageFault.UnknownVersion(\"{_name}\", {_struct.Versions.Lowest}, {_struct.Versions.Highest}, version);");
            _code.Close();
            _code.Line();
        }
    }

    private void EmitRead()
    {
        _code.Line("/// <inheritdoc/>");
        _code.Open($"public static {_name} Read(ref ProtocolReader reader, short version)");
        EmitVersionCheck();
        DeclareFlexible();
        _code.Line($"var message = new {_name}();");
        foreach (FieldDefinition field in Untagged)
        {
            string condition = Condition(field.Versions, _struct.Versions);
            if (condition.Length > 0)
            {
                _code.Open($"if ({condition})");
                EmitReadValue(field, field.Versions);
                _code.Close();
            }
            else
            {
                EmitReadValue(field, _struct.Versions);
            }
        }

        EmitReadTags();
        _code.Line("return message;");
        _code.Close();
        _code.Line();
    }

    private void EmitReadValue(FieldDefinition field, VersionRange within)
    {
        FieldType type = TypeOf(field);
        string nullableWhen = field.IsNullable ? Condition(field.Nullable, within) : "";
        bool always = field.IsNullable && nullableWhen.Length == 0;
        if (field.IsArray)
        {
            EmitReadArray(field, type, nullableWhen, always);
        }
        else if (field.IsStruct && field.IsNullable)
        {
            _code.Line($"message.{field.Name} = reader.ReadStructPresence() ? {type.Read(false)} : null;");
        }
        else if (nullableWhen.Length > 0)
        {
            _code.Line($"message.{field.Name} = {nullableWhen} ? {type.Read(true)} : {type.Read(false)};");
        }
        else
        {
            _code.Line($"message.{field.Name} = {type.Read(always)};");
        }
    }

    private void EmitReadArray(FieldDefinition field, FieldType type, string nullableWhen, bool always)
    {
        int elementSize = MinimumSize.OfElement(field, _message, _definition.Flexible);
        string plain = $"reader.ReadArrayCount({type.Flexible}, {elementSize})";
        string nullable = $"reader.ReadNullableArrayCount({type.Flexible}, {elementSize})";
        _code.Open("");
        _code.Line($"int count = {(always ? nullable : nullableWhen.Length > 0 ? $"{nullableWhen} ? {nullable} : {plain}" : plain)};");
        if (field.IsNullable)
        {
            _code.Line($"List<{type.Element}>? items = count < 0 ? null : new(count);");
        }
        else
        {
            _code.Line($"List<{type.Element}> items = new(count);");
        }

        _code.Open("for (int i = 0; i < count; i++)");
        _code.Line($"items{(field.IsNullable ? "!" : "")}.Add({type.Read(false)});");
        _code.Close();
        _code.Line($"message.{field.Name} = items;");
        _code.Close();
    }

    private void EmitReadTags()
    {
        if (_flexible.IsEmpty)
        {
            return;
        }

        if (Flexible == "flexible")
        {
            _code.Open("if (flexible)");
        }

        if (Tagged.Count == 0)
        {
            _code.Line("reader.SkipTags();");
        }
        else
        {
            EmitReadKnownTags();
        }

        if (Flexible == "flexible")
        {
            _code.Close();
        }
    }

    private void EmitReadKnownTags()
    {
        _code.Open("for (uint tags = reader.ReadUnsignedVarint(); tags > 0; tags--)");
        _code.Line("uint tag = reader.ReadTag(out int size);");
        _code.Line("int end = reader.Position + size;");
        _code.Open("switch (tag)");
        foreach (FieldDefinition field in Tagged)
        {
            string condition = Condition(field.Versions, _flexible);
            _code.Open($"case {field.Tag}{(condition.Length > 0 ? " when " + condition : "")}:");
            EmitReadValue(field, field.Versions);
            _code.Line("break;");
            _code.Close();
        }

        _code.Open("default:");
        _code.Line("reader.Skip(size);");
        _code.Line("break;");
        _code.Close();
        _code.Close();
        _code.Line();
        _code.Line("reader.ExpectTagEnd(tag, end);");
        _code.Close();
    }

    private void EmitGetSize()
    {
        _code.Line("/// <inheritdoc/>");
        _code.Open("public int GetSize(short version)");
        DeclareFlexible();
        _code.Line("int size = 0;");
        foreach (FieldDefinition field in Untagged)
        {
            string condition = Condition(field.Versions, _struct.Versions);
            if (condition.Length > 0)
            {
                _code.Open($"if ({condition})");
            }

            EmitAddSize(field);
            if (condition.Length > 0)
            {
                _code.Close();
            }
        }

        if (!_flexible.IsEmpty)
        {
            EmitTagSizes();
        }

        _code.Line("return size;");
        _code.Close();
        _code.Line();
    }

    private void EmitAddSize(FieldDefinition field)
    {
        FieldType type = TypeOf(field);
        string value = field.Name;
        if (field.IsArray)
        {
            string count = field.IsNullable ? $"{value}?.Count ?? -1" : $"{value}.Count";
            _code.Line($"size += ProtocolSize.OfArrayCount({count}, {type.Flexible});");
            string factor = field.IsNullable ? $"({value}?.Count ?? 0)" : $"{value}.Count";
            if (type.FixedSize > 0)
            {
                _code.Line($"size += {factor} * {type.FixedSize};");
            }
            else
            {
                EmitForEach(field, $"size += {type.Size("item")};");
            }
        }
        else if (field.IsStruct && field.IsNullable)
        {
            _code.Line($"size += 1 + ({value}?.GetSize(version) ?? 0);");
        }
        else
        {
            _code.Line($"size += {type.Size(value)};");
        }
    }

    private void EmitForEach(FieldDefinition array, string statement)
    {
        if (array.IsNullable)
        {
            _code.Open($"if ({array.Name} is not null)");
        }

        _code.Open($"foreach (var item in {array.Name})");
        _code.Line(statement);
        _code.Close();
        if (array.IsNullable)
        {
            _code.Close();
        }
    }

    private void EmitTagSizes()
    {
        if (Flexible == "flexible")
        {
            _code.Open("if (flexible)");
        }

        if (Tagged.Count == 0)
        {
            _code.Line("size++;");
        }
        else
        {
            _code.Line("uint tags = 0;");
            foreach (FieldDefinition field in Tagged)
            {
                _code.Open($"if ({TagCondition(field)})");
                _code.Line("tags++;");
                _code.Line($"size += ProtocolSize.OfTag({field.Tag}, {TagSize(field)});");
                _code.Close();
            }

            _code.Line("size += ProtocolSize.OfUnsignedVarint(tags);");
        }

        if (Flexible == "flexible")
        {
            _code.Close();
        }
    }

    private string TagCondition(FieldDefinition field)
    {
        string condition = Condition(field.Versions, _flexible);
        string set = TypeOf(field).IsSet(field.Name);
        return condition.Length > 0 ? $"{condition} && {set}" : set;
    }

    private bool NeedsSizeMethod(FieldDefinition field) => field.IsArray || TypeOf(field).FixedSize == 0;

    private string TagSize(FieldDefinition field) => NeedsSizeMethod(field) ? $"{field.Name}Size(version)" : TypeOf(field).Size(field.Name);

    private void EmitSizeMethod(FieldDefinition field)
    {
        _code.Open($"private int {field.Name}Size(short version)");
        _code.Line("int size = 0;");
        EmitAddSize(field);
        _code.Line("return size;");
        _code.Close();
        _code.Line();
    }

    private void EmitWrite()
    {
        _code.Line("/// <inheritdoc/>");
        _code.Open("public void Write(ref ProtocolWriter writer, short version)");
        EmitVersionCheck();
        DeclareFlexible();
        foreach (FieldDefinition field in Untagged)
        {
            string condition = Condition(field.Versions, _struct.Versions);
            if (condition.Length == 0)
            {
                EmitWriteValue(field, _struct.Versions);
                continue;
            }

            _code.Open($"if ({condition})");
            EmitWriteValue(field, field.Versions);
            _code.Close();
            EmitUnsupported(field, "else if");
        }

        EmitWriteTags();
        _code.Close();
    }

    private void EmitUnsupported(FieldDefinition field, string head)
    {
        if (!field.IsIgnorable)
        {
            string condition = head == "if" ? $"!({Condition(field.Versions, _struct.Versions)}) && " : "";
            _code.Open($"{head} ({condition}{TypeOf(field).IsSet(field.Name)})");
            _code.Line($"throw MessageFault.UnsupportedField(\"{_name}\", nameof({field.Name}), \"{field.DeclaredVersions}\", version);");
            _code.Close();
        }
    }

    private void EmitWriteValue(FieldDefinition field, VersionRange within)
    {
        FieldType type = TypeOf(field);
        string value = field.Name;
        string nullableWhen = field.IsNullable ? Condition(field.Nullable, within) : "";
        if (nullableWhen.Length > 0)
        {
            _code.Open($"if (!({nullableWhen}) && {value} is null)");
            _code.Line($"throw MessageFault.NullField(\"{_name}\", nameof({value}), version);");
            _code.Close();
        }

        if (field.IsArray)
        {
            _code.Line($"writer.WriteArrayCount({(field.IsNullable ? $"{value}?.Count ?? -1" : $"{value}.Count")}, {type.Flexible});");
            EmitForEach(field, type.Write("item"));
        }
        else if (field.IsStruct && field.IsNullable)
        {
            _code.Line($"writer.WriteInt8({value} is null ? (sbyte)-1 : (sbyte)1);");
            _code.Line($"{value}?.Write(ref writer, version);");
        }
        else
        {
            _code.Line(type.Write(value));
        }
    }

    private void EmitWriteTags()
    {
        foreach (FieldDefinition field in Tagged.Where(f => Condition(f.Versions, _struct.Versions).Length > 0))
        {
            EmitUnsupported(field, "if");
        }

        if (_flexible.IsEmpty)
        {
            return;
        }

        if (Flexible == "flexible")
        {
            _code.Open("if (flexible)");
        }

        if (Tagged.Count == 0)
        {
            _code.Line("writer.WriteUnsignedVarint(0);");
        }
        else
        {
            _code.Line("uint tags = 0;");
            foreach (FieldDefinition field in Tagged)
            {
                _code.Open($"if ({TagCondition(field)})");
                _code.Line("tags++;");
                _code.Close();
            }

            _code.Line("writer.WriteUnsignedVarint(tags);");
            foreach (FieldDefinition field in Tagged)
            {
                _code.Open($"if ({TagCondition(field)})");
                _code.Line($"writer.WriteTag({field.Tag}, {TagSize(field)});");
                EmitWriteValue(field, field.Versions);
                _code.Close();
            }
        }

        if (Flexible == "flexible")
        {
            _code.Close();
        }
    }
}
