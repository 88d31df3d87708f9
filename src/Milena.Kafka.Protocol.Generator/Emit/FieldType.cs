using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>How one field looks in C#: its type, default, and the calls that read, write and measure one value.</summary>
internal sealed class FieldType
{
    private readonly FieldDefinition _field;
    private readonly StructContext _context;
    private readonly string _element;
    private readonly string _flexible;

    // Within a class whose property has the struct's name, the bare name would mean the property.
    private readonly string _qualified;

    public FieldType(FieldDefinition field, StructContext context)
    {
        _field = field;
        _context = context;
        _flexible = field.IsNeverFlexible ? "false" : field.Tag is null ? context.Flexible : "true";
        _element = field.Type switch
        {
            "bool" => "bool",
            "int8" => "sbyte",
            "int16" => IsErrorCode ? "ErrorCode" : "short",
            "int32" => "int",
            "int64" => "long",
            "uint16" => "ushort",
            "uint32" => "uint",
            "float64" => "double",
            "string" => "string",
            "bytes" or "records" => "ReadOnlyMemory<byte>",
            "uuid" => "Guid",
            _ => StructContext.StructName(context.Message, field.Type),
        };
        _qualified = context.Struct.Fields.Exists(f => f.Name == _element) ? $"{context.MessageName}.{_element}" : _element;
    }

    public string Element => _element;

    public string CSharp => (_field.IsArray ? $"List<{_element}>" : _element) + (_field.IsNullable ? "?" : "");

    /// <summary>Whether the property makes its value when it is first asked for, so that reading allocates no empty list.</summary>
    public bool IsLazy => !_field.IsNullable && (_field.IsArray || _field.IsStruct);

    public string? Initializer
    {
        get
        {
            string? literal = DefaultLiteral;
            return literal is "default" or "0" or "false" or "0L" or "0d" or "null" or "ErrorCode.None" ? null : literal;
        }
    }

    /// <summary>The fixed size of a value, or 0 where it depends on the value.</summary>
    public int FixedSize => _field.Type switch
    {
        "bool" or "int8" => 1,
        "int16" or "uint16" => 2,
        "int32" or "uint32" => 4,
        "int64" or "float64" => 8,
        "uuid" => 16,
        _ => 0,
    };

    private bool IsErrorCode => _field.Type == "int16" && _field.Name.EndsWith("ErrorCode", StringComparison.Ordinal);

    private bool IsSlice => _field.Type == "records" || _field.IsZeroCopy;

    private string DefaultLiteral
    {
        get
        {
            if (_field.IsArray)
            {
                return _field.Default == "null" ? "null" : "[]";
            }

            if (_field.IsStruct)
            {
                return _field.IsNullable && _field.Default is null or "null" ? "null" : "new()";
            }

            return _field.Type switch
            {
                "string" => _field.Default == "null" ? "null" : "\"" + (_field.Default ?? "") + "\"",
                "bytes" => _field.Default == "null" ? "null" : _field.IsNullable ? "ReadOnlyMemory<byte>.Empty" : "default",
                "records" => _field.IsNullable ? "null" : "default",
                "uuid" => "default",
                "bool" => _field.Default ?? "false",
                "int64" => (_field.Default ?? "0") + "L",
                "float64" => (_field.Default ?? "0") + "d",
                "int16" when IsErrorCode => _field.Default is null or "0" ? "ErrorCode.None" : $"(ErrorCode)({_field.Default})",
                _ => _field.Default ?? "0",
            };
        }
    }

    /// <summary>A condition that holds when <paramref name="value"/> is not the default.</summary>
    public string IsSet(string value)
    {
        string literal = DefaultLiteral;
        if (literal == "null")
        {
            return $"{value} is not null";
        }

        if (_field.IsArray)
        {
            return _field.IsNullable ? $"{value} is not {{ Count: 0 }}" : $"{value}.Count > 0";
        }

        if (_field.IsStruct)
        {
            return $"!{value}.HasOnlyDefaults";
        }

        return _field.Type switch
        {
            "bytes" or "records" => _field.IsNullable ? $"{value} is not {{ Length: 0 }}" : $"{value}.Length > 0",
            "uuid" => $"{value} != Guid.Empty",
            "bool" => literal == "true" ? $"!{value}" : value,
            _ => $"{value} != {literal}",
        };
    }

    /// <summary>When the field takes a place in the tag section.</summary>
    public string IsTagWritten
    {
        get
        {
            string condition = _context.ConditionOf(_field);
            return condition.Length > 0 ? $"{condition} && {IsSet(_field.Name)}" : IsSet(_field.Name);
        }
    }

    /// <summary>The exception for a null where the version allows none.</summary>
    public string NullFault => $"MessageFault.NullField(\"{_context.Name}\", nameof({_field.Name}), version)";

    /// <summary>The call that reads one value, or one element of an array.</summary>
    public string Read(bool nullable)
    {
        string prefix = nullable ? "Nullable" : "";
        return _field.Type switch
        {
            "bool" => "reader.ReadBool()",
            "int8" => "reader.ReadInt8()",
            "int16" => IsErrorCode ? "(ErrorCode)reader.ReadInt16()" : "reader.ReadInt16()",
            "int32" => "reader.ReadInt32()",
            "int64" => "reader.ReadInt64()",
            "uint16" => "reader.ReadUInt16()",
            "uint32" => "reader.ReadUInt32()",
            "float64" => "reader.ReadFloat64()",
            "uuid" => "reader.ReadUuid()",
            "string" => $"reader.Read{prefix}String({_flexible})",
            "bytes" or "records" => $"reader.Read{prefix}{(IsSlice ? "Slice" : "Bytes")}({_flexible})",
            _ => $"{_qualified}.Read(ref reader, version)",
        };
    }

    /// <summary>The statement that writes one value, or one element of an array.</summary>
    public string Write(string value, bool mayBeNull) => _field.Type switch
    {
        "bool" => $"writer.WriteBool({value});",
        "int8" => $"writer.WriteInt8({value});",
        "int16" => IsErrorCode ? $"writer.WriteInt16((short){value});" : $"writer.WriteInt16({value});",
        "int32" => $"writer.WriteInt32({value});",
        "int64" => $"writer.WriteInt64({value});",
        "uint16" => $"writer.WriteUInt16({value});",
        "uint32" => $"writer.WriteUInt32({value});",
        "float64" => $"writer.WriteFloat64({value});",
        "uuid" => $"writer.WriteUuid({value});",
        "string" => $"writer.WriteString({value}{(mayBeNull ? "" : $" ?? throw {NullFault}")}, {_flexible});",
        "bytes" or "records" => $"writer.WriteBytes({value}, {_flexible});",
        _ => $"{value}.Write(ref writer, version);",
    };

    /// <summary>An expression for the size of one value, or one element of an array.</summary>
    public string Size(string value) => _field.Type switch
    {
        "string" => $"ProtocolSize.OfString({value}, {_flexible})",
        "bytes" or "records" => $"ProtocolSize.OfBytes({value}, {_flexible})",
        _ when FixedSize > 0 => FixedSize.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => $"{value}.GetSize(version)",
    };

    public string Flexible => _flexible;

    /// <summary>Writes a loop over the elements of the array, if it is not null.</summary>
    public void EmitForEach(CodeWriter code, string statement)
    {
        string notNull = _field.IsNullable ? $"{_field.Name} is not null" : "";
        code.OpenIf(notNull);
        code.Open($"foreach ({_element} item in {_field.Name})");
        code.Line(statement);
        code.Close();
        code.CloseIf(notNull);
    }
}
