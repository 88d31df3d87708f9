using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>Writes the Write method of one class.</summary>
internal sealed class WriteEmitter
{
    private readonly StructContext _context;
    private readonly CodeWriter _code;
    private readonly SizeEmitter _sizes;

    public WriteEmitter(StructContext context, CodeWriter code)
    {
        _context = context;
        _code = code;
        _sizes = new SizeEmitter(context, code);
    }

    public void Emit()
    {
        _code.Line("/// <inheritdoc/>");
        _code.Open("public void Write(ref ProtocolWriter writer, short version)");
        _context.CheckVersion(_code);
        _context.DeclareFlexible(_code);
        foreach (List<FieldDefinition> group in _context.UntaggedGroups())
        {
            string condition = _context.ConditionOf(group[0]);
            _code.OpenIf(condition);
            group.ForEach(EmitValue);
            _code.CloseIf(condition);
            if (condition.Length > 0)
            {
                EmitMissing(group.FindAll(f => !f.IsIgnorable));
            }
        }

        EmitMissingTags();
        if (!_context.FlexibleVersions.IsEmpty)
        {
            EmitTags();
        }

        _code.Close();
    }

    /// <summary>Fields that the version lacks must not be lost silently.</summary>
    private void EmitMissing(List<FieldDefinition> fields)
    {
        if (fields.Count == 1)
        {
            EmitUnsupported(fields[0], $"else if ({_context.TypeOf(fields[0]).IsSet(fields[0].Name)})");
        }
        else if (fields.Count > 1)
        {
            _code.Open("else");
            fields.ForEach(f => EmitUnsupported(f, $"if ({_context.TypeOf(f).IsSet(f.Name)})"));
            _code.Close();
        }
    }

    private void EmitMissingTags()
    {
        foreach (FieldDefinition field in _context.Tagged.Where(f => !f.IsIgnorable))
        {
            string condition = StructContext.Condition(field.Versions, _context.Struct.Versions);
            if (condition.Length > 0)
            {
                EmitUnsupported(field, $"if (!({condition}) && {_context.TypeOf(field).IsSet(field.Name)})");
            }
        }
    }

    private void EmitUnsupported(FieldDefinition field, string head)
    {
        _code.Open(head);
        _code.Line($"throw MessageFault.UnsupportedField(\"{_context.Name}\", nameof({field.Name}), \"{field.DeclaredVersions}\", version);");
        _code.Close();
    }

    private void EmitValue(FieldDefinition field)
    {
        FieldType type = _context.TypeOf(field);
        string value = field.Name;
        string nullableWhen = field.IsNullable ? StructContext.Condition(field.Nullable, field.Versions) : "";
        if (nullableWhen.Length > 0)
        {
            _code.Open($"if (!({nullableWhen}) && {value} is null)");
            _code.Line($"throw {type.NullFault};");
            _code.Close();
        }

        if (field.IsArray)
        {
            _code.Line($"writer.WriteArrayCount({(field.IsNullable ? $"{value}?.Count ?? -1" : $"{value}.Count")}, {type.Flexible});");
            type.EmitForEach(_code, type.Write("item", mayBeNull: false));
        }
        else if (field.IsStruct && field.IsNullable)
        {
            _code.Line($"writer.WriteInt8({value} is null ? (sbyte)-1 : (sbyte)1);");
            _code.Line($"{value}?.Write(ref writer, version);");
        }
        else
        {
            _code.Line(type.Write(value, field.IsNullable));
        }
    }

    private void EmitTags()
    {
        _code.OpenIf(_context.TagSectionCondition);
        if (_context.Tagged.Count == 0)
        {
            _code.Line("writer.WriteUnsignedVarint(0);");
        }
        else
        {
            EmitKnownTags();
        }

        _code.CloseIf(_context.TagSectionCondition);
    }

    private void EmitKnownTags()
    {
        _code.Line("uint tags = 0;");
        foreach (FieldDefinition field in _context.Tagged)
        {
            _code.Open($"if ({_context.TypeOf(field).IsTagWritten})");
            _code.Line("tags++;");
            _code.Close();
        }

        _code.Line("writer.WriteUnsignedVarint(tags);");
        foreach (FieldDefinition field in _context.Tagged)
        {
            _code.Open($"if ({_context.TypeOf(field).IsTagWritten})");
            _code.Line($"writer.WriteTag({field.Tag}, {_sizes.TagSize(field)});");
            EmitValue(field);
            _code.Close();
        }
    }
}
