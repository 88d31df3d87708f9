using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>Writes the GetSize method of one class. Fields of fixed size are added up here.</summary>
internal sealed class SizeEmitter
{
    private readonly StructContext _context;
    private readonly CodeWriter _code;

    public SizeEmitter(StructContext context, CodeWriter code)
    {
        _context = context;
        _code = code;
    }

    public void Emit()
    {
        _code.Line("/// <inheritdoc/>");
        _code.Open("public int GetSize(short version)");
        _context.DeclareFlexible(_code);
        bool hasEmptyTagSection = _context.Tagged.Count == 0 && _context.Flexible == "true";
        int always = _context.UntaggedGroups().Where(g => _context.ConditionOf(g[0]).Length == 0).Sum(FixedSize) + (hasEmptyTagSection ? 1 : 0);
        _code.Line($"int size = {always};");
        foreach (List<FieldDefinition> group in _context.UntaggedGroups())
        {
            EmitGroup(group);
        }

        if (!_context.FlexibleVersions.IsEmpty && !hasEmptyTagSection)
        {
            EmitTags();
        }

        _code.Line("return size;");
        _code.Close();
        foreach (FieldDefinition array in _context.Tagged.Where(f => f.IsArray))
        {
            EmitArrayMethod(array);
        }
    }

    private int FixedSize(List<FieldDefinition> group) => group.Where(f => !f.IsArray).Sum(f => _context.TypeOf(f).FixedSize);

    private void EmitGroup(List<FieldDefinition> group)
    {
        string condition = _context.ConditionOf(group[0]);
        _code.OpenIf(condition);
        if (condition.Length > 0 && FixedSize(group) > 0)
        {
            _code.Line($"size += {FixedSize(group)};");
        }

        foreach (FieldDefinition field in group.Where(f => f.IsArray || _context.TypeOf(f).FixedSize == 0))
        {
            EmitAdd(field);
        }

        _code.CloseIf(condition);
    }

    private void EmitAdd(FieldDefinition field)
    {
        if (!field.IsArray)
        {
            _code.Line($"size += {SizeOf(field)};");
            return;
        }

        FieldType type = _context.TypeOf(field);
        string count = field.IsNullable ? $"{field.Name}?.Count ?? -1" : $"{field.Name}.Count";
        string size = $"ProtocolSize.OfArrayCount({count}, {type.Flexible})";
        if (type.FixedSize > 0)
        {
            string elements = field.IsNullable ? $"({field.Name}?.Count ?? 0)" : $"{field.Name}.Count";
            _code.Line($"size += {size} + {(type.FixedSize == 1 ? elements : $"({elements} * {type.FixedSize})")};");
        }
        else
        {
            _code.Line($"size += {size};");
            type.EmitForEach(_code, $"size += {type.Size("item")};");
        }
    }

    private string SizeOf(FieldDefinition field)
    {
        string size = _context.TypeOf(field).Size(field.Name);
        return field.IsStruct && field.IsNullable ? $"1 + ({field.Name}?.GetSize(version) ?? 0)" : size;
    }

    private void EmitTags()
    {
        _code.OpenIf(_context.TagSectionCondition);
        if (_context.Tagged.Count == 0)
        {
            _code.Line("size++;");
        }
        else
        {
            _code.Line("uint tags = 0;");
            foreach (FieldDefinition field in _context.Tagged)
            {
                _code.Open($"if ({_context.TypeOf(field).IsTagWritten})");
                _code.Line("tags++;");
                _code.Line($"size += ProtocolSize.OfTag({field.Tag}, {TagSize(field)});");
                _code.Close();
            }

            _code.Line("size += ProtocolSize.OfUnsignedVarint(tags);");
        }

        _code.CloseIf(_context.TagSectionCondition);
    }

    /// <summary>The size of a tagged value, for GetSize and for the head that Write puts before it.</summary>
    public string TagSize(FieldDefinition field) => field.IsArray ? $"{field.Name}Size(version)" : SizeOf(field);

    private void EmitArrayMethod(FieldDefinition array)
    {
        _code.Open($"private int {array.Name}Size(short version)");
        _code.Line("int size = 0;");
        EmitAdd(array);
        _code.Line("return size;");
        _code.Close();
    }
}
