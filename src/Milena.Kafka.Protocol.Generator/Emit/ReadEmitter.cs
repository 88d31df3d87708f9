using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>Writes the Read method of one class.</summary>
internal sealed class ReadEmitter
{
    private readonly StructContext _context;
    private readonly CodeWriter _code;

    public ReadEmitter(StructContext context, CodeWriter code)
    {
        _context = context;
        _code = code;
    }

    public void Emit()
    {
        _code.Line("/// <inheritdoc/>");
        _code.Open($"public static {_context.Name} Read(ref ProtocolReader reader, short version)");
        _context.CheckVersion(_code);
        _context.DeclareFlexible(_code);
        _code.Line($"var message = new {_context.Name}();");
        foreach (List<FieldDefinition> group in _context.UntaggedGroups())
        {
            string condition = _context.ConditionOf(group[0]);
            _code.OpenIf(condition);
            group.ForEach(EmitValue);
            _code.CloseIf(condition);
        }

        if (!_context.FlexibleVersions.IsEmpty)
        {
            EmitTags();
        }

        _code.Line("return message;");
        _code.Close();
    }

    private void EmitValue(FieldDefinition field)
    {
        FieldType type = _context.TypeOf(field);
        string nullableWhen = field.IsNullable ? StructContext.Condition(field.Nullable, field.Versions) : "";
        bool always = field.IsNullable && nullableWhen.Length == 0;
        if (field.IsArray)
        {
            EmitArray(field, type, nullableWhen, always);
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

    private void EmitArray(FieldDefinition field, FieldType type, string nullableWhen, bool always)
    {
        int elementSize = _context.ElementSize(field);
        string plain = $"reader.ReadArrayCount({type.Flexible}, {elementSize})";
        string nullable = $"reader.ReadNullableArrayCount({type.Flexible}, {elementSize})";
        string count = char.ToLowerInvariant(field.Name[0]) + field.Name.Substring(1) + "Count";
        _code.Line();
        _code.Line($"int {count} = {(always ? nullable : nullableWhen.Length > 0 ? $"{nullableWhen} ? {nullable} : {plain}" : plain)};");
        string head = $"if ({count} > 0)";
        if (field.IsNullable)
        {
            _code.Open($"if ({count} < 0)");
            _code.Line($"message.{field.Name} = null;");
            _code.Close();
            head = "else";
        }

        _code.Open(head);
        _code.Line($"var items = new List<{type.Element}>({count});");
        _code.Open($"for (int i = 0; i < {count}; i++)");
        _code.Line($"items.Add({type.Read(false)});");
        _code.Close();
        _code.Line($"message.{field.Name} = items;");
        _code.Close();
    }

    private void EmitTags()
    {
        _code.OpenIf(_context.TagSectionCondition);
        if (_context.Tagged.Count == 0)
        {
            _code.Line("reader.SkipTags();");
        }
        else
        {
            EmitKnownTags();
        }

        _code.CloseIf(_context.TagSectionCondition);
    }

    private void EmitKnownTags()
    {
        _code.Line();
        _code.Open("for (uint tags = reader.ReadUnsignedVarint(); tags > 0; tags--)");
        _code.Line("uint tag = reader.ReadTag(out int size);");
        _code.Line("int end = reader.Position + size;");
        _code.Open("switch (tag)");
        foreach (FieldDefinition field in _context.Tagged)
        {
            string condition = _context.ConditionOf(field);
            _code.Open($"case {field.Tag}{(condition.Length > 0 ? " when " + condition : "")}:");
            EmitValue(field);
            _code.Line("break;");
            _code.Close();
        }

        _code.Open("default:");
        _code.Line("reader.Skip(size);");
        _code.Line("break;");
        _code.Close();
        _code.Close();
        _code.Line("reader.ExpectTagEnd(tag, end);");
        _code.Close();
    }
}
